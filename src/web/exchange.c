/* What requests ask of their connections, whatever the protocol. */
#include "web/exchange.h"
#include "web/prepare.h"
#include "web/respond.h"

#include "base/memory.h"
#include "io/stream.h"
#include "web/run.h"

#include <bide/task.h>

/* waits: in the protocol */
int bide__exchange_flush(bide_request *req)
{
    return req->exchange->ops->flush(req);
}

void bide__exchange_refuse(bide_request *req)
{
    req->exchange->ops->refuse(req);
}

void bide__exchange_cut(bide_request *req)
{
    req->exchange->ops->cut(req);
}

/* waits: in the protocol */
bide_stream *bide__exchange_upgrade(bide_request *req)
{
    if (req->responded != NOT_YET) {
        bide_fail(BIDE_EINVAL, "upgrade: this request has been answered already");
        return NULL;
    }
    bide_stream *stream = prepare_answer(req, 101) == 0 ? req->exchange->ops->upgrade(req) : NULL;
    if (!stream)
        return NULL;
    req->responded = DONE;
    req->answered = 101;
    return stream;
}

const char *bide__exchange_peer(bide_request *req)
{
    char *text = bide__scratch_take(&req->scratch, CLIENT_TEXT);
    if (!text)
        return "";
    bide__client_write(&req->exchange->connection->client, text);
    return text;
}

bool bide__exchange_secure(const bide_request *req)
{
    const struct connection *c = req->exchange->connection;
    return c->worker->run->sites[c->site].tls != NULL;
}

const struct bide_tls_info *bide_request_tls(bide_request *req)
{
    if (!bide__exchange_secure(req))
        return NULL;
    struct bide_tls_info *info = bide_request_alloc(req, sizeof *info);
    return info && bide_tls_info(req->exchange->stream, info) == 0 ? info : NULL;
}
