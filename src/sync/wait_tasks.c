/* bide_wait: for several tasks, until enough of them have ended; cancels nothing.
 *
 * Each task's line of joiners gets a node; a task that ends is counted by `chosen`, and the
 * waiter goes on when the count says so.  The tasks are not looked at after that: their group
 * may be left before the waiter runs. */
#include "base/memory.h"
#include "core/release.h"
#include <bide/select.h>
#include <math.h>

enum { NODES_INLINE = 16 };

struct watch {
    struct wait whole;
    struct sleeper limit;
    struct wait *nodes;         /* one a task; `on` is NULL where it is in no line */
    size_t count, ended;
    enum bide_wait_for what;
    bool failed;                /* one of them */
    bool timed;                 /* the limit is set */
};

static bool is_enough(const struct watch *s)
{
    return s->ended == s->count || (s->what == BIDE_FIRST_DONE && s->ended) ||
           (s->what == BIDE_FIRST_FAILED && s->failed);
}

static void count_ended(struct watch *s, int result)
{
    s->ended++;
    s->failed |= result < 0;
}

static void leave_all(struct watch *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->nodes[i].on)
            s->nodes[i].kind->undo(&s->nodes[i]);
    if (s->timed)
        s->limit.wait.kind->undo(&s->limit.wait);
}

static bool undo(struct wait *w)
{
    leave_all(w->data);
    return true;
}

/* A task has ended, and its node is out of the line, its result in data; or the time is up. */
static bool chosen(struct wait *whole, struct wait *one)
{
    struct watch *s = whole->data;
    if (one == &s->limit.wait) {
        s->timed = false;
    } else {
        one->on = NULL;
        count_ended(s, (int)(intptr_t)one->data);
        if (!is_enough(s))
            return false;
    }
    leave_all(s);
    return true;
}
static const struct waitkind waiting = { .what = "some of several tasks", .undo = undo,
                                         .chosen = chosen };
static const struct waitkind ending = { .what = "a task to end", .undo = bide__undo_unreleased };

static int check(const task *t)
{
    if (t->loop != bide__loop())
        return bide_fail(BIDE_EPERM, "wait: task '%s' belongs to another loop", t->name);
    if (t == bide__self())
        return bide_fail(BIDE_EDEADLK, "wait: task '%s' waits for itself", t->name);
    return 0;
}

/* Counts who has ended and lines up for the rest. */
static int join_all(struct watch *s, bide_task *const *tasks)
{
    for (size_t i = 0; i < s->count; i++) {
        task *t = tasks[i];
        s->nodes[i] = (struct wait){ .kind = &ending, .task = bide__self() };
        if (bide_task_done(t)) {
            count_ended(s, bide_task_result(t));
            continue;
        }
        if (check(t) < 0) {
            s->count = i;
            leave_all(s);
            return bide_errcode();
        }
        t->flags &= ~(uint32_t)TASK_PLAIN;
        bide__take_ticket(&s->nodes[i]);
        bide__line_up(&t->joiners, &s->nodes[i]);
    }
    return 0;
}

static int set_limit(struct watch *s, double seconds)
{
    if (seconds == BIDE_FOREVER)
        return 0;
    s->limit.wait = (struct wait){ .task = bide__self() };
    int rc = bide__sleep_begin(&s->limit, bide__deadline_ns(bide__loop(), seconds));
    s->timed = rc == 0;
    return rc;
}

BIDE_WAITS static int wait_for(struct watch *s, bide_task *const *tasks, double seconds)
{
    int rc = join_all(s, tasks);
    if (rc < 0)
        return rc;
    if (is_enough(s) || seconds <= 0) {
        leave_all(s);
        return (int)s->ended;
    }
    if ((rc = set_limit(s, seconds)) < 0) {
        leave_all(s);
        return rc;
    }
    rc = bide__wait_alone(&s->whole);
    return rc < 0 ? rc : (int)s->ended;
}

static int check_arguments(size_t count, enum bide_wait_for what, double seconds)
{
    if (isnan(seconds))
        return bide_fail(BIDE_EINVAL, "wait: not a number of seconds");
    if (what < BIDE_ALL_DONE || what > BIDE_FIRST_FAILED)
        return bide_fail(BIDE_EINVAL, "wait: neither all done, first done nor first failed");
    if (count > INT32_MAX)
        return bide_fail(BIDE_EINVAL, "wait: %zu tasks; at most %d", count, INT32_MAX);
    return 0;
}

/* The tasks' groups may be left as soon as others run: so it yields when it has looked at them. */
int bide_wait(bide_task *const *tasks, size_t count, enum bide_wait_for what, double seconds)
{
    int rc = bide__enter_unyielding();
    if (rc < 0 || (rc = check_arguments(count, what, seconds)) < 0)
        return rc;
    struct wait few[NODES_INLINE];
    struct watch s = { .count = count, .what = what, .nodes = few,
                       .whole = { .kind = &waiting, .data = &s } };
    if (count > NODES_INLINE && !(s.nodes = bide__alloc(count * sizeof *s.nodes)))
        return bide_fail(BIDE_ENOMEM, "wait: no memory for %zu tasks", count);
    rc = wait_for(&s, tasks, seconds);
    if (s.nodes != few)
        bide__free(s.nodes);
    bide_ignore(bide__yield_if_due());
    return rc;
}
