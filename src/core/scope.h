/* Cancelling, seen from inside the core. */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H
#include "core/task.h"

/* Cancels a scope and everything inside it that no shield keeps. */
void bide__scope_cancel(struct scope *s);
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
