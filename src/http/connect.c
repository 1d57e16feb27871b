/* Making a connection: name look-up and connect, each under its own limit. */
#include "http/call.h"

#include "net/connect.h"

#include <string.h>

BIDE_WAITS static int look_up(struct call *call, struct bide_addresses *found)
{
    char host[URL_HOST_MAX + 1];
    struct text name = url_host(&call->url);
    double start = call_now(call);
    if (call->url.bracketed)
        name = text_of(name.at + 1, name.size - 2);
    memcpy(host, name.at, name.size);
    host[name.size] = '\0';
    call->phase = "dns";
    BIDE_TIMEOUT(limit, call->limits.dns);
    int rc = bide__resolve(host, call->url.port, found);
    call->report.dns = call_now(call) - start;
    if (bide_scope_result(limit, rc) == BIDE_ETIMEDOUT)
        return bide_within("dns: %.100s", host);
    return rc;
}

BIDE_WAITS static int connect_to(struct call *call, const struct bide_addresses *addresses,
                                 bide_stream **stream)
{
    double start = call_now(call);
    call->phase = "connect";
    BIDE_TIMEOUT(limit, call->limits.connect);
    *stream = bide__connect_to(addresses);
    call->report.connect = call_now(call) - start;
    if (*stream)
        return 0;
    int rc = bide_scope_result(limit, bide_errcode());
    return rc == BIDE_ETIMEDOUT ? bide_within("connect") : rc;
}

int bide__call_connect(struct call *call, struct connection *c)
{
    struct bide_addresses addresses;
    int rc = look_up(call, &addresses);
    if (rc == 0)
        rc = connect_to(call, &addresses, &c->stream);
    if (rc == 0)
        bide_stream_line_max(c->stream, call->session->limits.size + 1);
    return rc;
}
