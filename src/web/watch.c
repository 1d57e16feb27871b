/* Looking whether a client goes away while its request is being answered.
 *
 * A task reads what comes, without taking it: the end of the stream, or a failure, and the client
 * has gone; more bytes are its next request, and then no one can tell any more.  It does so only
 * once the request's body has been read, for there is one reader at a time. */
#include "web/exchange.h"

#include <bide/scope.h>
#include <bide/task.h>

struct watch {
    bide_request *req;
    void (*gone)(bide_request *req);
    bide_scope *scope;          /* around its reading; NULL: it does not read */
    bool begun, over;           /* there is a task; it is to stop */
    bide_event left;            /* set by the task's end */
};

BIDE_WAITS static ssize_t peek(struct watch *watch)
{
    bide_stream *s = watch->req->exchange->stream;
    const char *data;
    BIDE_SCOPE(reading);
    watch->scope = reading;
    ssize_t size = bide_stream_peek_more(s, &data, bide_stream_buffered(s));
    watch->scope = NULL;
    return size;
}

static int look(void *arg)
{
    struct watch *watch = arg;
    if (!watch->over && peek(watch) <= 0 && !watch->over && !bide_cancelled()) {
        watch->req->gone = true;
        watch->gone(watch->req);
    }
    return 0;
}

static void leave(void *arg)
{
    struct watch *watch = arg;
    bide_event_set(&watch->left);
}

static void begin(struct watch *watch)
{
    watch->begun = true;
    bide_spawn(watch->req->worker->busy, look, watch, .drop = leave);
}

int bide__exchange_watch(bide_request *req, void (*gone)(bide_request *req))
{
    struct watch *watch = bide_request_alloc(req, sizeof *watch);
    if (!watch)
        return BIDE_ENOMEM;
    *watch = (struct watch){ .req = req, .gone = gone };
    req->exchange->watch = watch;
    if (req->body.done)
        begin(watch);
    return 0;
}

void bide__exchange_read_all(bide_request *req)
{
    struct watch *watch = req->exchange->watch;
    if (watch && !watch->begun && req->body.done)
        begin(watch);
}

/* The task reads from our stream, and is in our memory. */
int bide__exchange_unwatch(bide_request *req)
{
    struct watch *watch = req->exchange->watch;
    req->exchange->watch = NULL;
    if (!watch || !watch->begun)
        return 0;
    watch->over = true;
    if (watch->scope)
        bide_scope_cancel(watch->scope);
    BIDE_SHIELD(until_left, BIDE_FOREVER);
    return bide_event_wait(&watch->left);
}
