/* Groups, seen from inside the core. */
#ifndef CORE_GROUP_H
#define CORE_GROUP_H
#include "core/task.h"

struct loop;
/* Makes the loop's root group. */
void bide__group_root_init(struct group *root);
void bide__group_add(struct group *g, struct member *m, enum member_kind kind);
void bide__group_remove(struct group *g, struct member *m);
/* A task of the group has ended: counts it, keeps it where somebody may read it, tells who waits.  True if its
 * control block is free now. */
bool bide__group_ended(struct group *g, task *t);
/* A task could not start: the held error is the group's failure. */
void bide__group_refused(struct group *g, const char *name);
/* An owned group may have come to its end: frees it, and its owner through drop. */
void bide__group_settle_owned(struct group *g);
/* Makes the error held fit what a function returned: none on success, the code's own words where the sentence held
 * is about something else. */
void bide__error_fit(task *t, int rc);
/* A task's end, called on its own stack. */
void bide__task_end(task *t, int rc);
/* An ended task that nobody reads any more. */
void bide__task_free(struct loop *l, task *t);
/* The loop ends: closes the owned groups that are still open, reports and cancels what is left. */
void bide__group_end_root(struct loop *l);

#endif
