/* HTTP/1: another protocol takes the connection over. */
#include "web/http1.h"
#include "web/ws_calls.h"

#include <bide/error.h>

static void enlist(struct http1 *h, struct http1 **list)
{
    h->link = list;
    h->next = *list;
    if (h->next)
        h->next->link = &h->next;
    *list = h;
}

void bide__http1_delist(struct http1 *h)
{
    if (!h->link)
        return;
    *h->link = h->next;
    if (h->next)
        h->next->link = h->link;
    h->link = NULL;
}

void bide__http1_stop_some(struct bide_worker *worker, int *left)
{
    struct http1 *h;
    while (*left > 0 && (h = worker->upgraded)) {
        bide__http1_delist(h);
        enlist(h, &worker->stopped);
        if (h->req->ws) {
            bide__ws_stopping(h->req->ws);
            --*left;
        }
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
    enlist(h, &req->worker->upgraded);
    return bide__http1_flush(h) < 0 ? NULL : h->exchange.stream;
}
