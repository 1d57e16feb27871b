/* Who looks is the connection (web/exchange.h); here is what becomes of it. */
#include "web/disconnect.h"

#include "web/exchange.h"
#include "web/worker.h"

#include <bide/scope.h>

static void react(bide_request *req)
{
    if (req->disconnect.scope)
        bide_scope_cancel(req->disconnect.scope);
    if (req->disconnect.event)
        bide_event_set(req->disconnect.event);
}

/* waits: in the handler */
BIDE_WAITS static int run_watched(bide_request *req, bide_handler *run)
{
    int rc = bide__exchange_watch(req, react);
    if (rc < 0)
        return rc;
    rc = run(req);
    BIDE_KEEP_ERROR(why);
    int left = bide__exchange_unwatch(req);
    return rc < 0 ? rc : left;
}

BIDE_WAITS static int run_cancellable(bide_request *req, bide_handler *run)
{
    BIDE_SCOPE(handler);
    req->disconnect.scope = handler;
    int rc = run_watched(req, run);
    req->disconnect.scope = NULL;
    return rc;
}

int bide__disconnect_guard(bide_request *req, bide_handler *run)
{
    if (req->route->opts.on_disconnect == BIDE_DISCONNECT_TELL)
        return run_watched(req, run);
    int rc = run_cancellable(req, run);
    return rc < 0 && req->gone ? bide_fail(BIDE_ECLOSED, "the client has gone away") : rc;
}

/* ---- events ---- */

static void enlist(bide_request *req)
{
    struct bide_worker *worker = req->worker;
    req->disconnect.listed = true;
    req->disconnect.next = worker->told;
    if (worker->told)
        worker->told->disconnect.prev = req;
    worker->told = req;
}

void bide__disconnect_forget(bide_request *req)
{
    struct disconnect *d = &req->disconnect;
    if (!d->listed)
        return;
    d->listed = false;
    if (d->next)
        d->next->disconnect.prev = d->prev;
    *(d->prev ? &d->prev->disconnect.next : &req->worker->told) = d->next;
}

bide_event *bide_request_gone(bide_request *req)
{
    struct disconnect *d = &req->disconnect;
    if (d->event)
        return d->event;
    bide_event *event = bide_request_alloc(req, sizeof *event);
    if (!event)
        return NULL;
    *event = (bide_event){ 0 };
    d->event = event;
    enlist(req);
    if (req->gone || req->worker->stopping)
        bide_event_set(event);
    return event;
}

void bide__disconnect_stopping(struct bide_worker *worker)
{
    for (const bide_request *req = worker->told; req; req = req->disconnect.next)
        bide_event_set(req->disconnect.event);
}
