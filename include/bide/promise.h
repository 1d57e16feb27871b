/* bide/promise.h -- a result that comes once, from a callback or another thread:
 * asyncio.Future.
 *
 * A promise is made in a task, and tasks of that loop wait for it, as many as like; any thread
 * may settle it, once, with a value or with a failure.  It is counted: who makes it holds it,
 * and whoever it is handed to should be given a hold of its own, since nobody knows who is
 * ready first:
 *
 *     bide_auto(promise) p = bide_promise_new(int);
 *     library_start(done, bide_promise_hold(p));      done() sets it, and drops its hold
 *     rc = bide_promise_wait(p, &answer);
 *
 * Who drops its hold without settling has promised nothing: when of all who were given one none
 * is left, the promise fails with BIDE_ECLOSED. */
#ifndef BIDE_PROMISE_H
#define BIDE_PROMISE_H
#include <bide/base.h>
BIDE_BEGIN_

typedef struct bide_promise bide_promise;

/* bide_promise_new(struct answer): one that is not settled, held by the caller.  NULL:
   BIDE_EINVAL (values of 1 to 65536 bytes), BIDE_ENOMEM, BIDE_EPERM (outside of a task). */
#define bide_promise_new(type) bide_promise_new_(sizeof(type))
/* Settles it with a copy of *value: 0.  BIDE_EINVAL: it was settled before, or *value has
 * another size.  From any thread, but from no signal handler.  Counterpart:
 * Future.set_result(). */
#define bide_promise_set(p, value) bide_promise_set_(p, value, sizeof *(value))
/* Settles it with a failure, code and sentence as for bide_fail(): 0, or BIDE_EINVAL: it was
   settled before.  From any thread.  Counterpart: Future.set_exception(). */
int bide_promise_fail(bide_promise *p, int code, const char *fmt, ...) BIDE_PRINTF_(3, 4);
/* Waits until it is settled: 0 and a copy in *value, or the failure with its sentence.  Again
 * and again, by any task of the loop that made it; another loop's: BIDE_EPERM. */
#define bide_promise_wait(p, value) bide_promise_wait_(p, value, sizeof *(value))
/* Behind the macros above; size is the value's. */
bide_promise *bide_promise_new_(size_t size);
int bide_promise_set_(bide_promise *p, const void *value, size_t size);
BIDE_WAITS int bide_promise_wait_(bide_promise *p, void *value, size_t size);
/* Is it settled?  From any thread. */
bool bide_promise_done(const bide_promise *p);
/* One more hold; returns p.  From any thread that has one. */
bide_promise *bide_promise_hold(bide_promise *p);
/* Gives a hold back; the last one frees it.  From any thread.  NULL: nothing. */
void bide_promise_drop(bide_promise *p);
BIDE_AUTO_(promise, bide_promise_drop)

BIDE_END_
#endif
