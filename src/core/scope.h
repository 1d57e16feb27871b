/* Cancelling, seen from inside the core. */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H
#include "core/task.h"

/* Cancels a scope and everything inside it that no shield keeps.  Of many tasks inside the first
 * are told; the others when the poller comes round, or before they run. */
void bide__scope_cancel(struct scope *s);
/* Tells a portion of those who have not been told; how many. */
int bide__tell_more(struct loop *l);
/* Tells a task what it does not know yet. */
void bide__tell_late(task *t);
/* Its deadline has come. */
void bide__scope_expire(struct scope *s);
/* The contents of a scope without deadline that the running task enters now at `place`. */
struct scope bide__scope_enter(struct scope *place, uint8_t flags);
/* Leaves it: its parent is innermost again.  Rewrites a held BIDE_ECANCELED that its own
 * deadline caused. */
void bide__scope_leave(struct scope *s);
/* Takes a scope's own mark off, and what followed from it in its owner's scopes. */
void bide__scope_lift(struct scope *s);

#endif
