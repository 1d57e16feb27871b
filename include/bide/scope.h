/* bide/scope.h -- scopes: cancellation and time.
 *
 * Scopes form a tree; cancellation is a state of a scope, not an event.  While a scope
 * around a task is cancelled, every marked call in it fails with BIDE_ECANCELED, each time;
 * swallowing one does no harm.  An operation that already took effect reports success, so
 * nothing is lost.
 *
 *     BIDE_TIMEOUT(t, 5);
 *     int rc = talk();
 *     return bide_scope_result(t, rc);        // BIDE_ETIMEDOUT if it was this deadline
 *
 * Inside, the code is BIDE_ECANCELED (unwind); outside it is BIDE_ETIMEDOUT (it was yours).
 * Clean-up that must wait goes under a shield, and a shield always names its time limit. */
#ifndef BIDE_SCOPE_H
#define BIDE_SCOPE_H
#include <bide/run.h>
#include <bide/private.h>
BIDE_BEGIN_

typedef struct bide_scope bide_scope;
/* Declares `bide_scope *name`: what is inside the rest of the block can be cancelled by it. */
#define BIDE_SCOPE(name) BIDE_SCOPE_(name, BIDE_FOREVER, false)
/* The same with a deadline: cancelled `seconds` from now.  0 or less, or NaN, has expired
 * already.  Counterpart: asyncio.timeout(). */
#define BIDE_TIMEOUT(name, seconds) BIDE_SCOPE_(name, seconds, false)
/* Cancellation from outside does not reach inside; its own deadline does.  A shield without
 * limit must be written BIDE_FOREVER: only for what cannot be cancelled and still holds our
 * memory. */
#define BIDE_SHIELD(name, seconds) BIDE_SCOPE_(name, seconds, true)

/* Cancels what is inside. */
void bide_scope_cancel(bide_scope *s);
/* Is it cancelled, by itself or by a scope around it? */
bool bide_scope_cancelled(const bide_scope *s);
/* Did its own deadline cancel it? */
bool bide_scope_expired(const bide_scope *s);
/* Moves the deadline to `seconds` from now, BIDE_FOREVER: none.  Once expired or cancelled
 * it stays so; NaN changes nothing.  For idle timers.  Counterpart: Timeout.reschedule(). */
void bide_scope_extend(bide_scope *s, double seconds);
/* Turns rc BIDE_ECANCELED into BIDE_ETIMEDOUT, "timed out after 5 s", if this scope's own
 * deadline did it and no scope around it is cancelled as well; passes every other rc on. */
int bide_scope_result(bide_scope *s, int rc);
/* Seconds to the nearest deadline around the running task, not below 0; BIDE_FOREVER if
   there is none. */
double bide_time_left(void);
/* fn(arg) under a deadline: its result, or BIDE_ETIMEDOUT.  Counterpart:
   asyncio.wait_for(). */
BIDE_WAITS int bide_timeout(double seconds, bide_fn *fn, void *arg);

BIDE_END_
#endif
