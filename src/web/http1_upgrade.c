/* HTTP/1: another protocol takes the connection over. */
#include "web/http1.h"
#include "web/ws_calls.h"

#include <bide/error.h>

static void enlist(struct http1 *h, struct bide_worker *worker)
{
    h->upgraded = true;
    h->prev = NULL;
    h->next = worker->upgraded;
    if (h->next)
        h->next->prev = h;
    worker->upgraded = h;
}

void bide__http1_delist(struct http1 *h)
{
    struct bide_worker *worker = h->exchange.connection->worker;
    if (!h->upgraded)
        return;
    *(h->prev ? &h->prev->next : &worker->upgraded) = h->next;
    if (h->next)
        h->next->prev = h->prev;
    h->upgraded = false;
}

void bide__http1_stop_some(struct bide_worker *worker, int *left)
{
    for (const struct http1 *h = worker->upgraded; *left > 0 && h; h = h->next)
        if (h->req->ws && !(h->req->ws->flags & WS_STOPPING)) {
            bide__ws_stopping(h->req->ws);
            --*left;
        }
}

/* The handler's headers go out with it; what comes behind the request is the new protocol's. */
bide_stream *bide__http1_upgrade(bide_request *req)
{
    struct http1 *h = http1_of(req);
    if (!req->body.done) {
        bide_fail(BIDE_EINVAL, "upgrade: the request has a body that was not read");
        return NULL;
    }
    if (bide__http1_switch(req) < 0)
        return NULL;
    h->close = true;            /* when the handler has returned */
    enlist(h, req->worker);
    return bide__http1_flush(h) < 0 ? NULL : h->exchange.stream;
}
