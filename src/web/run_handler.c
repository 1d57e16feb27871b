/* Most routes have no options, and then this is the call alone. */
#include "web/run_handler.h"

#include "core/loop.h"
#include "web/exchange.h"

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

int bide__handler_run(bide_request *req)
{
    return run_plain(req);
}
