/* Groups, seen from inside the core. */
#ifndef CORE_GROUP_H
#define CORE_GROUP_H
#include "core/park.h"
BIDE_BEGIN_                     /* bide-http owns groups: bide.map, BIDE_PRIVATE */

/* Makes the loop's root group. */
void bide__group_root_init(struct group *root);
static inline void bide__group_add(struct group *g, struct member *m, enum member_kind kind)
{
    struct member *head = g->members;
    m->group = g;
    m->kind = kind;
    g->count++;
    if (!head) {
        g->members = m->next = m->prev = m;
        return;
    }
    m->next = head;
    m->prev = head->prev;
    head->prev->next = m;
    head->prev = m;
}
/* Of a cancelled group: from who is to be told next to the one after. */
void bide__group_step_over(struct group *g);
static inline void bide__group_remove(struct group *g, struct member *m)
{
    g->count--;
    if (__builtin_expect(g->untold == m, 0))
        bide__group_step_over(g);
    if (m->next == m) {
        g->members = NULL;
        return;
    }
    m->next->prev = m->prev;
    m->prev->next = m->next;
    if (g->members == m)
        g->members = m->next;
}
/* Wakes who waits, if there is news: the last task has ended, or one was collected. */
static inline void bide__group_tell(struct group *g)
{
    task *t = g->waiter;
    if (!t || (g->count && !g->ended))
        return;
    g->waiter = NULL;
    bide__settle(t, 0);
}
/* A task of the group has ended: counts it, keeps it where somebody may read it, tells who
 * waits.  True if its control block is free now. */
bool bide__group_ended(struct group *g, task *t);
/* A task could not start: the held error is the group's failure. */
void bide__group_refused(struct group *g, const char *name);
/* Gives back the ended tasks that were kept to be read: the group is left. */
void bide__group_let_go(struct group *g);
/* Waits until an owned group has no task left; one task at a time.  For the object that owns it. */
BIDE_WAITS int bide__group_emptied(bide_group *group);
/* Cancellation from outside does not reach into an owned group any more: only closing it, or
 * bide_group_cancel(). */
void bide__group_shelter(bide_group *group);
/* An owned group may have come to its end: frees it, and its owner through drop. */
void bide__group_settle_owned(struct group *g);
/* Makes the error held fit what a function returned: none on success, the code's own words
 * where the sentence held is about something else. */
void bide__error_fit(task *t, int rc);
/* A task's end, called on its own stack. */
void bide__task_end(task *t, int rc);
/* Makes a control block as new, but for what each spawn sets. */
void bide__task_renew(struct loop *l, task *t);
/* An ended task that nobody reads any more. */
void bide__task_free(struct loop *l, task *t);
/* The loop ends: reports and cancels what is left. */
void bide__group_end_root(struct loop *l);
/* The loop ends and nothing moves any more: closes the owned groups that are still open; false:
 * none was.  Not earlier, for the tasks that were cancelled close what they own themselves. */
bool bide__group_close_left(struct loop *l);

BIDE_END_
#endif
