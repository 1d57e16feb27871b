/* Most routes have no options, and then this is the call alone; each option puts something around
 * it: watching the client is outermost, then the time limit, then the thread. */
#include "web/run_handler.h"

#include "core/loop.h"
#include "web/disconnect.h"
#include "web/exchange.h"
#include "web/request_id.h"

#include <bide/scope.h>
#include <bide/thread.h>

/* Answers to requests that came together are not held up by a handler that waits.  Nobody can know
 * which will: one that has done so before.  Several workers note that, all the same thing. */
/* waits: in the handler */
BIDE_WAITS static int run_plain(bide_request *req)
{
    struct route *route = req->route;
    bool waits = __atomic_load_n(&route->waits, __ATOMIC_RELAXED);
    if (waits && bide__exchange_flush(req) < 0)
        return bide_errcode();
    int ticks = bide__loop()->ticks;    /* each switch takes one */
    int rc = route->opts.fn(req);
    if (!waits && bide__loop()->ticks != ticks)
        __atomic_store_n(&route->waits, true, __ATOMIC_RELAXED);
    return rc;
}

/* ---- on a thread ---- */

static int run_there(void *arg)
{
    bide_request *req = arg;
    return req->route->opts.fn(req);
}

/* Only the request's own memory is touched over there: the body has been read, what is made with
 * the worker's help is made before, and the answer is kept back until we are here again. */
BIDE_WAITS static int run_on_thread(bide_request *req)
{
    if (!bide_request_text(req, NULL) || bide__exchange_flush(req) < 0)
        return bide_errcode();
    bide_request_id(req);
    bide_request_url(req);
    req->hold = req->on_thread = true;
    int rc = bide_to_thread(run_there, req);
    req->on_thread = false;
    return rc;
}

/* ---- within a time ---- */

BIDE_WAITS static int run_unlimited(bide_request *req)
{
    return req->route->opts.blocking ? run_on_thread(req) : run_plain(req);
}

BIDE_WAITS static int run_limited(bide_request *req)
{
    BIDE_TIMEOUT(limit, req->route->opts.timeout);
    int rc = run_unlimited(req);
    if (rc < 0 && bide_scope_expired(limit))
        req->late = true;
    return bide_scope_result(limit, rc);
}

BIDE_WAITS static int run_in_time(bide_request *req)
{
    return req->route->opts.timeout > 0 ? run_limited(req) : run_unlimited(req);
}

int bide__handler_run(bide_request *req)
{
    const struct bide_route_opts *opts = &req->route->opts;
    if (opts->on_disconnect == BIDE_DISCONNECT_KEEP)
        return run_in_time(req);
    return bide__disconnect_guard(req, run_in_time);
}
