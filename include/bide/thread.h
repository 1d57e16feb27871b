/* bide/thread.h -- threads for what blocks: asyncio.to_thread().
 *
 * A call that blocks (a library that knows no loop, a long computation) would stop every task of
 * its loop.  bide_to_thread(fn, &arg) has it done by a thread, while other tasks run. */
#ifndef BIDE_THREAD_H
#define BIDE_THREAD_H
#include <bide/run.h>
BIDE_BEGIN_

/* Runs fn(arg) on a thread of the process's, and returns what it returned, with the error that it
 * held.  fn may block; it must not use what belongs to the loop, and its marked calls fail with
 * BIDE_EPERM unless it calls bide_run() for a loop of its own.
 * It returns only when fn has, so arg may be local, also if the task is cancelled meanwhile: a
 * job that has not begun never does (BIDE_ECANCELED), one that runs is told
 * (bide_thread_cancelled()) and waited for.  If it succeeded, that is the result, and the next
 * marked call fails.  At most as many threads as processors and 4 more, 32 in all; who comes
 * later waits in line.  All signals are blocked in them.  Counterpart: asyncio.to_thread(). */
BIDE_WAITS int bide_to_thread(bide_fn *fn, void *arg);
/* Inside of such a function: was the waiting task cancelled, so that it should come to an end?
 * false on every other thread. */
bool bide_thread_cancelled(void);

BIDE_END_
#endif
