/* Middlewares, the handler inside of them, and failures.
 *
 * The chain is an array that was laid out before serving began; where a request is in it are two
 * numbers, so it takes no memory.  Without middlewares it is one comparison. */
#include "web/chain.h"

#include "base/memory.h"
#include "core/loop.h"
#include "web/access_log.h"
#include "web/app.h"
#include "web/body_forms.h"
#include "web/error_page.h"
#include "web/exchange.h"
#include "web/respond.h"
#include "web/run_handler.h"
#include "web/worker.h"
#include "web/ws_calls.h"

#include <bide/log.h>
#include <bide/task.h>

#include <errno.h>
#include <string.h>

/* ---- adding ---- */

int bide_use_with(bide_app *app, bide_handler *middleware, void *arg, bide_drop_fn *drop)
{
    int rc = bide__app_may_change(app, "use");
    struct use *uses = rc == 0 ? bide__resize(app->uses, (app->use_count + 1) * sizeof *uses)
                               : NULL;
    if (!uses) {
        if (rc == 0)
            rc = bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
        if (drop)
            drop(arg);
        return rc;
    }
    app->uses = uses;
    uses[app->use_count++] = (struct use){ middleware, arg, drop };
    return 0;
}

int bide_use(bide_app *app, bide_handler *middleware)
{
    return bide_use_with(app, middleware, NULL, NULL);
}

/* ---- running ---- */

/* What is inside of all middlewares. */
BIDE_WAITS static int answer_innermost(bide_request *req)
{
    if (req->refused == 0)
        return bide__handler_run(req);
    if (req->refused == 204)            /* OPTIONS for all of it */
        return bide_respond_status(req, 204);
    return bide__error_page(req, req->refused, bide__error_why(req->refused));
}

/* waits: in the middleware, or the handler */
BIDE_WAITS static int run_from(bide_request *req, unsigned which)
{
    const bide_app *app = req->app;
    unsigned outer = req->chain.now;
    req->chain.now = req->chain.reached = which;
    int rc = which > app->chain_count ? answer_innermost(req)
                                      : app->chain[which - 1]->fn(req);
    req->chain.now = outer;
    return rc;
}

int bide_next(bide_request *req)
{
    const struct chain *chain = &req->chain;
    if (chain->now == 0 || chain->now > req->app->chain_count)
        return bide_fail(BIDE_EINVAL, "next: not in a middleware");
    if (chain->reached > chain->now)
        return bide_fail(BIDE_EINVAL, "next: the rest has run already");
    return run_from(req, chain->now + 1);
}

void *bide_middleware_arg(const bide_request *req)
{
    unsigned now = req->chain.now;
    return now > 0 && now <= req->app->chain_count ? req->app->chain[now - 1]->arg : NULL;
}

/* ---- failures ---- */

/* Whether the connection failed, and not what was to be sent on it: a file that became shorter, or
 * could not be read, fails an answer as well. */
static bool is_lost(const bide_request *req)
{
    return req->failed && bide_errcode() != BIDE_EEOF && bide_errcode() != -EIO;
}

/* What clients do wrong may fill no log, nor may their going away. */
static void log_failure(bide_request *req, const char *why)
{
    bool clients = (req->status >= 400 && req->status < 500) || req->gone || is_lost(req);
    bide_log(clients ? BIDE_LOG_DEBUG : BIDE_LOG_WARNING, "%s %.100s: %s (request %s)",
             bide_request_method(req), req->target, why, bide_request_id(req));
}

/* By a page that tells a client about its own faults, and of ours no more than that they are. */
static void answer_failure(bide_request *req, const char *why)
{
    if (req->status) {
        bide__exchange_refuse(req);
        bide__request_tell_codings(req);
        bide__respond_refusal(req, req->status, why);
    } else if (req->late) {
        bide__respond_refusal(req, 503, "The handler took too long.");
    } else {
        bide__respond_refusal(req, 500, "The handler failed.");
    }
}

/* 0. */
BIDE_WAITS static int tell_failure(bide_request *req, const char *why)
{
    log_failure(req, why);
    if (req->responded == HELD && bide__respond_release(req) == 0)
        return 0;               /* what was answered before stands */
    req->hold = false;
    if (req->responded == DONE && !req->failed)
        return 0;
    if (req->failed || bide_respond_reset(req) < 0) {
        req->responded = DONE;
        bide__exchange_cut(req);        /* the client sees that the answer is not whole */
        return 0;
    }
    answer_failure(req, why);
    return 0;
}

/* What was kept back for the middlewares is handed on, what was streamed is ended. */
BIDE_WAITS static int finish(bide_request *req)
{
    if (bide__respond_release(req) < 0)
        return bide_errcode();
    if (req->responded == NOT_YET)
        return bide_fail(BIDE_EINVAL, "the handler did not respond");
    return bide__respond_end(req);
}

/* A WebSocket ends with its handler.  Whether that failed because of the peer is known before. */
BIDE_WAITS static int end_ws(bide_request *req, int rc)
{
    struct bide_ws *ws = req->ws;
    BIDE_KEEP_ERROR(held);
    req->ws = NULL;
    req->gone |= rc == BIDE_EWS || bide__ws_state(ws) <= 0;
    return bide__ws_end(ws, rc);
}

int bide__app_answer(bide_request *req)
{
    if (req->worker->log) {
        req->timed = true;
        req->began = bide_now();
    }
    if (!req->route)
        req->refused = bide__route_find_in(req, req->worker->app);
    req->hold = req->app->chain_count > 0;
    int rc = req->hold ? run_from(req, 1) : answer_innermost(req);
    if (req->ws && (rc < 0 || !ws_has_calls(req->ws)))
        bide_ignore(end_ws(req, rc));
    if (rc == 0)
        rc = finish(req);
    if (rc < 0 && bide_cancelled())
        return rc;
    if (rc < 0)
        bide_ignore(tell_failure(req, bide_errmsg()));
    if (req->worker->log)
        bide__access_log(req);
    return 0;
}
