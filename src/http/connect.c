/* Making a connection: looking up the name, connecting, the proxy's consent, TLS; each under its
 * own limit, measured and told.
 *
 * What comes about so far is *stream, which the connection owns from the beginning: whatever fails,
 * giving the connection back closes it. */
#include "http/call.h"

#include "base/inline.h"
#include "base/memory.h"
#include "http/secure.h"
#include "http/socks.h"
#include "http/tunnel.h"
#include "net/connect.h"

#include <bide/tls.h>
#include <bide/unix.h>

#include <stdio.h>
#include <string.h>

/* What is only needed until the connection is there, and too large for a stack on which a request
 * then waits: a page of it that was touched once stays taken. */
struct errand {
    struct tunnel tunnel;
    struct bide_addresses addresses;
    struct bide_address local;
    char host[URL_HOST_MAX + 1];
};

/* ---- name and address ---- */

/* The URL's host as a name, or as a number without brackets. */
static void copy_host(const struct url *url, char host[URL_HOST_MAX + 1])
{
    struct text name = url_host(url);
    if (url->bracketed)
        name = text_of(name.at + 1, name.size - 2);
    memcpy(host, name.at, name.size);
    host[name.size] = '\0';
}

BIDE_WAITS COLD static int look_up(struct call *call, const char *host, uint16_t port,
                                   int family, struct bide_addresses *found)
{
    double start = call_now(call);
    call->phase = "dns";
    call_trace(call, BIDE_TRACE_DNS_START, host, 0);
    BIDE_TIMEOUT(limit, call->limits.dns);
    int rc = bide_resolve(host, found, .port = port, .family = family);
    call->report.dns += call_now(call) - start;
    if (bide_scope_result(limit, rc) == BIDE_ETIMEDOUT)
        return bide_within("dns: %.100s", host);
    if (rc == 0)
        call_trace(call, BIDE_TRACE_DNS_END, host, found->count);
    return rc;
}

/* Where connections come from: 0, with size 0 if the system may choose. */
static int read_local(const struct route *r, struct bide_address *local, int *family)
{
    *family = r->family;
    local->size = 0;
    if (!r->local_address)
        return 0;
    if (bide_address_read(local, r->local_address) < 0)
        return bide_within("local");
    *family = local->is.any.sa_family;
    if (r->family != AF_UNSPEC && r->family != *family)
        return bide_fail(BIDE_EINVAL, "local address '%s': not of this family", r->local_address);
    return 0;
}

/* Makes the stream; either to one of the addresses or to the Unix socket. */
BIDE_WAITS COLD static int connect_to(struct call *call, const struct bide_addresses *addresses,
                                      const struct bide_address *local, bide_stream **stream)
{
    const char *path = call->route.unix_path;
    double start = call_now(call);
    call->phase = "connect";
    call_trace(call, BIDE_TRACE_CONNECT_START, NULL, 0);
    BIDE_TIMEOUT(limit, call->limits.connect);
    *stream = addresses ? bide__connect_from(addresses, local->size ? local : NULL)
                        : bide_unix_connect(path);
    call->report.connect += call_now(call) - start;
    if (*stream) {
        if (call->session->o.trace)     /* else nobody needs the peer's address as a text */
            call_trace(call, BIDE_TRACE_CONNECT_END, path ? path : bide_stream_peer(*stream), 0);
        return 0;
    }
    int rc = bide_scope_result(limit, bide_errcode());
    return rc == BIDE_ETIMEDOUT ? bide_within("connect") : rc;
}

BIDE_WAITS static int connect_tcp(struct call *call, struct errand *e, const char *host,
                                  uint16_t port, bide_stream **stream)
{
    int family, rc = read_local(&call->route, &e->local, &family);
    if (rc == 0)
        rc = look_up(call, host, port, family, &e->addresses);
    return rc < 0 ? rc : connect_to(call, &e->addresses, &e->local, stream);
}

/* To whoever is first on the way. */
BIDE_WAITS static int reach(struct call *call, struct errand *e, bide_stream **stream)
{
    const struct route *r = &call->route;
    if (r->unix_path)
        return connect_to(call, NULL, NULL, stream);
    if (r->proxy) {
        int rc = connect_tcp(call, e, r->proxy->host, r->proxy->port, stream);
        return rc < 0 && rc != BIDE_ECANCELED ? bide_within("proxy %s", r->proxy->address) : rc;
    }
    copy_host(r->url, e->host);
    return connect_tcp(call, e, e->host, r->url->port, stream);
}

/* ---- TLS ---- */

static void tell_secured(struct call *call, bide_stream *stream)
{
    struct bide_tls_info info;
    char text[128];
    if (!call->session->o.trace || bide_tls_info(stream, &info) < 0)
        return;
    snprintf(text, sizeof text, "%s %s", info.version, info.cipher);
    call_trace(call, BIDE_TRACE_TLS_END, text, info.resumed);
}

BIDE_WAITS COLD static int secure(struct call *call, struct errand *e, bide_stream **stream)
{
    const struct route *r = &call->route;
    const char *name = r->server_name ? r->server_name : e->host;
    double start = call_now(call);
    copy_host(r->url, e->host);
    call->phase = "tls";
    call_trace(call, BIDE_TRACE_TLS_START, name, 0);
    BIDE_TIMEOUT(limit, call->limits.tls);
    int rc = bide__secure(stream, &call->session->pool, r->tls, name, url_address(r->url));
    call->report.tls += call_now(call) - start;
    if (bide_scope_result(limit, rc) == BIDE_ETIMEDOUT)
        return bide_within("tls: %.200s", name);
    if (rc == 0)
        tell_secured(call, *stream);
    return rc;
}

/* ---- the proxy ---- */

/* The target as a SOCKS proxy is to hear it: a name only if the proxy looks it up. */
BIDE_WAITS static int find_target(struct call *call, struct errand *e, struct socks_target *target)
{
    const struct route *r = &call->route;
    struct bide_address *first = &e->addresses.list[0];
    *target = (struct socks_target){ .name = e->host, .port = r->url->port };
    copy_host(r->url, e->host);
    if (r->proxy->kind == PROXY_SOCKS5H) {
        if (bide__address_of_number(e->host, r->url->port, first))
            target->address = first;
        return 0;
    }
    target->address = first;
    return look_up(call, e->host, r->url->port, AF_UNSPEC, &e->addresses);
}

/* Speaks to the proxy under its limit.  As bide__tunnel_open(). */
BIDE_WAITS static int ask_proxy(struct call *call, bide_stream **stream, struct tunnel *tunnel,
                                const struct socks_target *target)
{
    const struct proxy *p = tunnel->proxy;
    double start = call_now(call);
    int rc = 0;
    call->phase = "proxy";
    call_trace(call, BIDE_TRACE_PROXY_START, tunnel->target, 0);
    BIDE_TIMEOUT(limit, call->limits.proxy);
    if (p->kind == PROXY_HTTPS)
        rc = bide__secure(stream, &call->session->pool, NULL, p->host, p->address);
    if (rc == 0 && !proxy_is_http(p))
        rc = bide__socks_open(*stream, p, target);
    else if (rc == 0 && !bide__route_absolute(&call->route))
        rc = bide__tunnel_open(*stream, tunnel);
    call->report.proxy += call_now(call) - start;
    rc = bide_scope_result(limit, rc);
    if (rc < 0)
        return rc == BIDE_ECANCELED ? rc : bide_within("proxy %.200s", p->address);
    call_trace(call, BIDE_TRACE_PROXY_END, tunnel->target, 0);
    return rc;
}

BIDE_WAITS COLD static int pass_proxy(struct call *call, struct errand *e, bide_stream **stream)
{
    struct socks_target target;
    if (bide__route_absolute(&call->route) && e->tunnel.proxy->kind == PROXY_HTTP)
        return 0;
    int rc = proxy_is_http(e->tunnel.proxy) ? 0 : find_target(call, e, &target);
    return rc < 0 ? rc : ask_proxy(call, stream, &e->tunnel, &target);
}

/* ---- all of it ---- */

/* 1: once more, the proxy has a challenge that can be answered. */
BIDE_WAITS static int build(struct call *call, struct errand *e, bide_stream **stream)
{
    int rc = reach(call, e, stream);
    if (rc == 0 && e->tunnel.proxy)
        rc = pass_proxy(call, e, stream);
    return rc == 0 && call->route.url->secure ? secure(call, e, stream) : rc;
}

void bide__call_note_remote(struct call *call, bide_stream *stream)
{
    const char *path = call->route.unix_path;
    char *to = call->report.remote;
    if (call->opts->report)
        snprintf(to, sizeof call->report.remote, "%s", path ? path : bide_stream_peer(stream));
}

int bide__call_connect(struct call *call, struct connection *c)
{
    const struct route *r = &call->route;
    struct errand *e = bide__alloc(sizeof *e);
    if (!e)
        return bide_fail(BIDE_ENOMEM, "out of memory for a connection");
    e->tunnel = (struct tunnel){ .proxy = r->unix_path ? NULL : r->proxy,
                                 .headers = r->proxy_headers, .target = url_address(r->url) };
    int rc = build(call, e, &c->stream);
    if (rc > 0) {
        bide_stream_close(c->stream);
        c->stream = NULL;
        rc = build(call, e, &c->stream);
    }
    bide__free(e->tunnel.answer);
    bide__free(e);
    if (rc < 0)
        return rc;
    bide_stream_line_max(c->stream, call->session->limits.size + 1);
    bide__call_note_remote(call, c->stream);
    return 0;
}
