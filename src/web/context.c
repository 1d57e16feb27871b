/* A context's life, seen from its task and from the worker's. */
#include "web/context.h"

#include "base/memory.h"
#include "web/sheltered.h"
#include "web/worker.h"

#include <bide/log.h>
#include <bide/sync.h>

struct running_context {
    struct running_context *before;     /* ends after this one */
    struct bide_worker *worker;
    const struct part *part;
    bide_task *task;            /* NULL: not begun, or over */
    bide_scope *shelter;        /* around it: cancelled where it takes too long */
    bool holds, over, cancelled;
    bide_event changed;         /* one of these has become true */
    bide_event release;         /* it is to end */
    struct bide_error error;    /* why it ended, if it failed */
};

/* ---- its task ---- */

/* waits: in the context's function */
static int run(void *arg)
{
    struct running_context *c = arg;
    BIDE_SHIELD(shelter, BIDE_FOREVER);
    c->shelter = shelter;
    c->task = bide_task_current();
    if (c->cancelled)
        bide_scope_cancel(shelter);
    int rc = c->part->fn(c->worker, c->part->arg);
    if (rc >= 0 && !c->holds)
        rc = bide_fail(BIDE_EINVAL, "a context returned without bide_context_hold()");
    if (rc < 0)
        c->error = bide_error_held_();
    c->shelter = NULL;
    return 0;                   /* the worker tells */
}

static void leave(void *arg)
{
    struct running_context *c = arg;
    c->over = true;
    c->task = NULL;
    bide_event_set(&c->changed);
}

int bide_context_hold(bide_worker *worker)
{
    struct running_context *c = worker->lifecycle.running;
    while (c && c->task != bide_task_current())
        c = c->before;
    if (!c)
        return bide_fail(BIDE_EINVAL, "context_hold: only in the task of a context");
    if (c->holds)
        return bide_fail(BIDE_EINVAL, "context_hold: it has held already");
    c->holds = true;
    bide_event_set(&c->changed);
    return bide_event_wait(&c->release);
}

/* ---- the worker's ---- */

static void cancel(struct running_context *c)
{
    c->cancelled = true;
    if (c->shelter)
        bide_scope_cancel(c->shelter);
}

/* Joins it; who is cancelled meanwhile cancels it. */
BIDE_WAITS static int join(struct running_context *c)
{
    int rc = 0;
    while (rc == 0 && !c->over) {
        bide_event_clear(&c->changed);
        rc = bide_event_wait(&c->changed);
    }
    if (rc < 0)
        cancel(c);
    BIDE_SHIELD(until_it_ends, BIDE_FOREVER);
    while (!c->over) {
        bide_event_clear(&c->changed);
        bide_ignore(bide_event_wait(&c->changed));
    }
    return rc;
}

/* Takes it out: its failure is held. */
static int forget(struct running_context *c)
{
    int rc = c->error.code;
    if (rc < 0)
        bide_fail(rc, "%s", c->error.text);
    c->worker->lifecycle.running = c->before;
    bide__free(c);
    return rc;
}

BIDE_WAITS static int give_up(struct running_context *c, int rc)
{
    cancel(c);
    bide_ignore(join(c));
    forget(c);
    return bide_fail(rc, "cancelled");
}

int bide__context_begin(struct bide_worker *worker, const struct part *part)
{
    struct lifecycle *lifecycle = &worker->lifecycle;
    int rc = bide__sheltered_open(&lifecycle->contexts, "contexts");
    struct running_context *c = rc == 0 ? bide__zalloc(sizeof *c) : NULL;
    if (!c)
        return rc < 0 ? rc : bide_fail(BIDE_ENOMEM, "out of memory for a context");
    *c = (struct running_context){ .before = lifecycle->running, .worker = worker, .part = part };
    lifecycle->running = c;
    rc = bide_spawn(lifecycle->contexts, run, c, .name = "context", .drop = leave);
    if (rc == 0)
        rc = bide_event_wait(&c->changed);
    else
        c->error = bide_error_held_();
    if (rc < 0 && !c->over)
        return give_up(c, rc);
    return c->over ? forget(c) : 0;
}

int bide__contexts_end(struct bide_worker *worker)
{
    int first = 0;
    while (worker->lifecycle.running) {
        struct running_context *c = worker->lifecycle.running;
        bide_event_set(&c->release);
        bide_ignore(join(c));
        int rc = forget(c);
        if (rc < 0)
            bide_log(BIDE_LOG_WARNING, "a context failed in its clean-up: %s", bide_errmsg());
        first = first < 0 ? first : rc;
    }
    return first;
}
