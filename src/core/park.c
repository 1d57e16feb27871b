/* Suspending and settling; the contract stands in park.h. */
#include "core/park.h"
#include "core/group.h"
#include "core/sanitize.h"
#include <stdlib.h>
#include <string.h>

enum { REFUSED_YIELD = 64, REFUSED_REPORT = 4096 };

__thread struct loop *bide__here;

/* Who runs next: the first that is ready; the poller when none is left or its turn has come,
 * which it always has where stacks without a guard must be looked at. */
INLINE task *pick(struct loop *l, const task *me)
{
    if (__builtin_expect(--l->ticks > 0 && l->ready.head, 1))
        return bide__fifo_take(&l->ready);
    if (l->stacks.canaries)
        bide__stack_check(me);
    return &l->poller_task;
}

/* Goes to another task; returns `from` when somebody comes back. */
INLINE NOT_INSTRUMENTED task *change(struct loop *l, task *from, task *to)
{
    l->current = to;
    sanitize_leave(from, to);
    from = (task *)(void *)context_switch(&from->context, &to->context);
    sanitize_arrive(from);
    return from;
}

/* The one place where a task stops.  Inlined into its few callers, so that each switch costs
 * one call. */
INLINE NOT_INSTRUMENTED int suspend(struct loop *l, task *me)
{
    task *next = pick(l, me);
    if (next != me)
        me = change(l, me, next);
    return me->rc;
}

NOT_INSTRUMENTED int bide__park(void)
{
    struct loop *l = bide__here;
    return suspend(l, l->current);
}

/* The poller's half: runs the ready tasks until it is its turn again. */
NOT_INSTRUMENTED void bide__run_ready(struct loop *l, task *first)
{
    if (first)
        change(l, &l->poller_task, first);
}

void bide__task_main(void);
CONTEXT_ENTRY(bide__entry, bide__task_main);

/* Every task's life.  An ended task stays parked in this loop, and its stack in the pool,
 * until it is spawned anew; it goes on by a jump into the loop, which the return predictor
 * never sees. */
__attribute__((used)) NOT_INSTRUMENTED void bide__task_main(void)
{
    struct loop *l = bide__here;
    task *me = l->current;
    sanitize_arrive(me);
    for (;;) {
        int rc = me->fn(me->arg);
        bide__task_end(me, rc);
        task *next = pick(l, me);
        if (next != me)
            me = change(l, me, next);
    }
}

/* Who waits, since when, and then the wait itself. */
INLINE NOT_INSTRUMENTED int wait_under(struct loop *l, struct wait *w)
{
    task *me = l->current;
    w->task = me;
    w->since_ns = l->looked_ns;
    me->wait = w;
    return suspend(l, me);
}

NOT_INSTRUMENTED int bide__wait_alone(struct wait *w)
{
    w->on = NULL;
    return wait_under(bide__here, w);
}

INLINE void line_up(struct waitlist *list, struct wait *w)
{
    struct wait *head = list->head;
    w->on = list;
    if (__builtin_expect(head != NULL, 0)) {
        w->next = head;
        w->prev = head->prev;
        head->prev->next = w;
        head->prev = w;
    } else {
        list->head = w->next = w->prev = w;
    }
}

void bide__line_up(struct waitlist *list, struct wait *w)
{
    line_up(list, w);
}

NOT_INSTRUMENTED int bide__wait(struct waitlist *list, struct wait *w)
{
    line_up(list, w);
    return wait_under(bide__here, w);
}

bool bide__undo(struct wait *w)
{
    bide__unlink(w);
    return true;
}

bool bide__settle_first(struct waitlist *list, int rc)
{
    struct wait *w = list->head;
    if (!w)
        return false;
    bide__unlink(w);
    bide__settle_wait(w, rc);
    return true;
}

void bide__settle_all(struct waitlist *list, int rc)
{
    while (bide__settle_first(list, rc))
        ;
}

int bide__fail_other_loop(void)
{
    return bide_fail(BIDE_EPERM, "tasks of another loop wait here");
}

void bide__hold(task *t, int code, const char *text)
{
    t->flags |= TASK_HELD;
    t->error.code = code;
    strcpy(t->error.text, text);
}

void bide__interrupt(task *t)
{
    struct wait *w = t->wait;
    t->credit = 0;
    if (!w || !w->kind->undo || !w->kind->undo(w))
        return;
    bide__hold(t, BIDE_ECANCELED, "cancelled");
    bide__settle(t, BIDE_ECANCELED);
}

static void die_waiting(const task *me)
{
    bide_log(BIDE_LOG_ERROR, "task '%s' (spawned at %s) waits inside BIDE_NO_WAIT", me->name,
             me->site ? me->site : "?");
    abort();
}

/* To the end of the queue, and the first of it runs.  Where that is the only one, its link is
 * not followed: a chain of loads that each wait for the store before it is what a switch
 * costs. */
INLINE NOT_INSTRUMENTED int give_way(struct loop *l, task *me)
{
    task *first = l->ready.head;
    me->rc = 0;
    if (!first || first != l->ready.last || l->ticks <= 1) {
        bide__fifo_put(&l->ready, me);
        return suspend(l, me);
    }
    l->ticks--;
    me->next = NULL;
    l->ready.head = l->ready.last = me;
    me = change(l, me, first);
    return me->rc;
}

NOT_INSTRUMENTED int bide__give_way(void)
{
    return give_way(bide__here, bide__here->current);
}

/* A task that keeps failing lets the others run now and then, and is reported once. */
static int refuse(task *me)
{
    me->credit = 0;
    if (++me->refused % REFUSED_YIELD == 0)
        bide_ignore(bide__give_way());
    if (me->refused == REFUSED_REPORT)
        bide_log(BIDE_LOG_WARNING, "task '%s' (spawned at %s) goes on waiting though it is "
                 "cancelled: it ignores BIDE_ECANCELED", me->name, me->site ? me->site : "?");
    bide__hold(me, BIDE_ECANCELED, "cancelled");
    return BIDE_ECANCELED;
}

/* May the running task, if there is one, wait? */
BIDE_WAITS static int check(task *me)
{
    if (!me)
        return bide_fail(BIDE_EPERM, "this call waits, so it works only inside bide_run()");
    if (me == &me->loop->poller_task && me->loop->guest)
        return bide_fail(BIDE_EPERM, "this call waits, so it works only inside a task");
    if (me->flags & TASK_NO_WAIT)
        die_waiting(me);
    if (scope_cancelled(me->scope))
        return refuse(me);
    me->refused = 0;
    return 0;
}

/* The budget is renewed when the others had their turn. */
BIDE_WAITS static int take_turns(task *me)
{
    me->credit = CREDIT;
    return bide__give_way();
}

int bide__enter_slowly(void)
{
    task *me = bide__self();
    int rc = check(me);
    if (rc < 0)
        return rc;
    bide_ignore(take_turns(me));
    return scope_cancelled(me->scope) ? refuse(me) : 0;
}

int bide__enter_unyielding(void)
{
    task *me = bide__self();
    if (me && me->credit > 0 && --me->credit > 0)
        return 0;
    return check(me);
}

int bide__yield_if_due(void)
{
    task *me = bide__self();
    if (me->credit > 0 || scope_cancelled(me->scope))
        return 0;
    return take_turns(me);
}

NOT_INSTRUMENTED int bide_yield(void)
{
    int rc = bide__enter();
    if (__builtin_expect(rc < 0, 0))
        return rc;
    return give_way(bide__here, bide__here->current);
}
