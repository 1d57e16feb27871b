/* What begins and ends with a worker, in its order. */
#include "web/lifecycle.h"

#include "base/memory.h"
#include "web/access_log.h"
#include "web/app.h"
#include "web/background.h"
#include "web/context.h"
#include "web/disconnect.h"
#include "web/sheltered.h"
#include "web/worker.h"

#include <bide/log.h>

/* ---- adding ---- */

static int add_part(bide_app *app, enum part_kind kind, bide_context *fn, void *arg,
                    const char *what)
{
    int rc = bide__app_may_change(app, what);
    if (rc < 0)
        return rc;
    struct part *part = bide__zalloc(sizeof *part), **last = &app->parts;
    if (!part)
        return bide_fail(BIDE_ENOMEM, "out of memory for an application");
    while (*last)
        last = &(*last)->next;
    *part = (struct part){ NULL, kind, fn, arg };
    *last = part;
    return 0;
}

int bide_app_context(bide_app *app, bide_context *fn, void *arg)
{
    return add_part(app, PART_CONTEXT, fn, arg, "app_context");
}

int bide_app_on(bide_app *app, int moment, bide_context *hook, void *arg)
{
    static const enum part_kind kinds[] = {
        [BIDE_ON_STARTUP] = PART_STARTUP, [BIDE_ON_SHUTDOWN] = PART_SHUTDOWN,
        [BIDE_ON_CLEANUP] = PART_CLEANUP,
    };
    if (moment < BIDE_ON_STARTUP || moment > BIDE_ON_CLEANUP)
        return bide_fail(BIDE_EINVAL, "app_on: there is no moment %d", moment);
    return add_part(app, kinds[moment], hook, arg, "app_on");
}

int bide_app_background(bide_app *app, bide_context *fn, void *arg)
{
    return add_part(app, PART_BACKGROUND, fn, arg, "app_background");
}

/* ---- doing one kind of all, of mounted applications after their parents' ---- */

/* waits: in the hook */
BIDE_WAITS static int begin_part(struct bide_worker *worker, const struct part *part)
{
    if (part->kind == PART_CONTEXT)
        return bide__context_begin(worker, part);
    if (part->kind == PART_BACKGROUND)
        return bide__background_begin(worker, part);
    return part->fn(worker, part->arg);
}

BIDE_WAITS static int begin_all(struct bide_worker *worker, const bide_app *app,
                                enum part_kind kind)
{
    int rc = 0;
    for (const struct part *part = app->parts; rc == 0 && part; part = part->next)
        if (part->kind == kind)
            rc = begin_part(worker, part);
    for (const bide_app *in = app->mounted; rc >= 0 && in; in = in->next)
        rc = begin_all(worker, in, kind);
    return rc < 0 ? rc : 0;
}

/* To the last, whatever the others do; 0, or the first failure. */
/* waits: in the hook */
BIDE_WAITS static int call_all(struct bide_worker *worker, const bide_app *app,
                               enum part_kind kind)
{
    int first = 0;
    for (const struct part *part = app->parts; part; part = part->next) {
        int rc = part->kind == kind ? part->fn(worker, part->arg) : 0;
        if (rc < 0)
            bide_log(BIDE_LOG_WARNING, "a hook for the %s failed: %s",
                     kind == PART_SHUTDOWN ? "shut-down" : "clean-up", bide_errmsg());
        first = first < 0 || rc >= 0 ? first : rc;
    }
    for (const bide_app *in = app->mounted; in; in = in->next) {
        int rc = call_all(worker, in, kind);
        first = first < 0 ? first : rc;
    }
    return first;
}

/* ---- a worker's ---- */

BIDE_WAITS static int begin(struct bide_worker *worker)
{
    int rc = bide__access_log_open(worker);
    if (rc == 0)
        rc = bide__sheltered_open(&worker->lifecycle.requests, "background of requests");
    if (rc == 0)
        rc = begin_all(worker, worker->app, PART_CONTEXT);
    worker->lifecycle.hooks_begun = rc == 0;
    if (rc == 0)
        rc = begin_all(worker, worker->app, PART_STARTUP);
    if (rc == 0 && worker->index == 0)
        rc = begin_all(worker, worker->app, PART_BACKGROUND);
    return rc;
}

int bide__lifecycle_begin(struct bide_worker *worker)
{
    int rc = begin(worker);
    worker->lifecycle.begun = rc == 0;
    if (rc == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(limit, worker->serving->cleanup);
    bide_ignore(bide__lifecycle_end(worker));
    return rc;
}

int bide__lifecycle_shutdown(struct bide_worker *worker)
{
    bide__disconnect_stopping(worker);
    return worker->lifecycle.begun ? call_all(worker, worker->app, PART_SHUTDOWN) : 0;
}

int bide__lifecycle_end(struct bide_worker *worker)
{
    struct lifecycle *lifecycle = &worker->lifecycle;
    bide_ignore(bide__sheltered_close(&lifecycle->requests));
    bide_ignore(bide__sheltered_close(&lifecycle->background));
    int rc = lifecycle->hooks_begun ? call_all(worker, worker->app, PART_CLEANUP) : 0;
    lifecycle->hooks_begun = false;
    int last = bide__contexts_end(worker);
    bide_ignore(bide__sheltered_close(&lifecycle->contexts));
    bide_ignore(bide__access_log_close(worker));
    bide__worker_forget(worker);
    return rc < 0 ? rc : last;
}
