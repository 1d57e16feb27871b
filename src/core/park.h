/* Waiting: the one way in which a task stops and goes on.
 *
 * A call that waits reads so:
 *     int rc = bide__enter(); if (rc < 0) return rc;       cancelled? budget used up?
 *     if (there already) return 0;
 *     struct wait w = { .kind = &kind, .data = ... };
 *     return bide__wait(&list, &w);                        joins the line, parks
 * and whoever brings what is waited for calls bide__settle(), the only function that ends a
 * wait.  Who gets there first has decided: a giver takes the waiter out of its line and
 * settles it with 0; a canceller undoes the wait and settles it with BIDE_ECANCELED.  A task
 * that is not waiting is cancelled by its next bide__enter(). */
#ifndef CORE_PARK_H
#define CORE_PARK_H
#include "core/loop.h"
BIDE_BEGIN_                     /* bide-http waits by the same means: bide.map, BIDE_PRIVATE */

enum { CREDIT = 128 };          /* instant successes in a row before a task yields */

/* Suspends the running task until it is settled; the rc it was settled with. */
BIDE_WAITS int bide__park(void);
/* The slow half of bide__enter. */
BIDE_WAITS int bide__enter_slowly(void);
/* First line of every marked call: 0, or < 0 with the error held. */
BIDE_WAITS static inline int bide__enter(void)
{
    struct loop *l = bide__here;
    return __builtin_expect(l && --l->current->credit > 0, 1) ? 0 : bide__enter_slowly();
}
/* So many bytes were moved: more than a few count as several successes, so that a task whose calls
 * move much each does not keep the others waiting for longer. */
static inline void bide__charge(ssize_t size)
{
    enum { FREE = 4096 };
    if (size <= FREE || bide__here->current->credit <= 0)
        return;
    int left = bide__here->current->credit - (int)(size / FREE < CREDIT ? size / FREE : CREDIT);
    bide__here->current->credit = left > 1 ? left : 1;
}
/* Instead of bide__enter(), for a call about what may be gone once others have run (a task, whose
 * group is left): is it refused?  It does not yield before it is.  Then the call waits anyhow; or,
 * where it need not, it yields when it has done, if it is time to. */
BIDE_WAITS int bide__enter_unyielding(void);
BIDE_WAITS int bide__yield_if_due(void);
/* Lets everybody who is ready run first. */
BIDE_WAITS int bide__give_way(void);
/* Joins the end of the line; does not park. */
void bide__line_up(struct waitlist *list, struct wait *w);
/* Joins the end of the line and parks.  Only kind and data of the wait need be set. */
BIDE_WAITS int bide__wait(struct waitlist *list, struct wait *w);
/* Parks under w without a line: its task is found by whoever was told of w. */
BIDE_WAITS int bide__wait_alone(struct wait *w);

/* Ends the wait of a task that was taken out of its line.  Where the task may wait for several
 * things at once, and that is everywhere a public object has a line: bide__settle_wait(). */
static inline void bide__settle(task *t, int rc)
{
    t->rc = rc;
    t->wait = NULL;
    bide__fifo_put(&t->loop->ready, t);
}
/* The same for a wait: one of several takes the others with it. */
static inline void bide__settle_wait(struct wait *w, int rc)
{
    task *t = w->task;
    if (__builtin_expect(t->wait != w, 0) && !t->wait->kind->chosen(t->wait, w))
        return;
    bide__settle(t, rc);
}
/* Takes w out of its line; does not settle. */
static inline void bide__unlink(struct wait *w)
{
    struct waitlist *list = w->on;
    if (w->next == w) {
        list->head = NULL;
        return;
    }
    w->next->prev = w->prev;
    w->prev->next = w->next;
    if (list->head == w)
        list->head = w->next;
}
/* The usual undo: take it out of its line. */
bool bide__undo(struct wait *w);
/* Takes the first waiter out of the line and settles it; false: the line is empty. */
bool bide__settle_first(struct waitlist *list, int rc);
void bide__settle_all(struct waitlist *list, int rc);
/* Holds an error for a task that is not running. */
void bide__hold(task *t, int code, const char *text);
/* Stops a task that waits, if its wait may be interrupted; its next calls fail until it is out. */
void bide__interrupt(task *t);
/* BIDE_EPERM if the line's waiters belong to another loop. */
int bide__fail_other_loop(void);
static inline int bide__same_loop(const struct waitlist *list)
{
    if (!list->head || list->head->task->loop == bide__here)
        return 0;
    return bide__fail_other_loop();
}
/* The poller runs the ready tasks, beginning with first, until it is its turn again. */
void bide__run_ready(struct loop *l, task *first);

BIDE_END_
#endif
