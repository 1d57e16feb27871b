/* bide/group.h -- groups own tasks: no task outlives the block its group is declared in.
 *
 *     BIDE_GROUP(g);
 *     for (int i = 0; i < 3; i++)
 *         bide_spawn_with(g, fetch, struct job, .id = i);
 *     return bide_group_wait(g);
 *
 * Leaving the block early cancels what runs and joins it; the good path says
 * bide_group_wait().  The first failure cancels the siblings (and the block's own waits, for
 * its owner may wait for what the dead task would have sent); they are joined; the first
 * failure in time is the group's code, later ones are kept (16, then only counted).  A
 * failure that nobody waited for goes to on_failure.  A task that returns BIDE_ECANCELED
 * with no cancelled scope around it has failed: somebody forgot bide_scope_result(). */
#ifndef BIDE_GROUP_H
#define BIDE_GROUP_H
#include <bide/task.h>
#include <bide/private.h>
BIDE_BEGIN_

/* Declares `bide_group *name`.  Counterpart: asyncio.TaskGroup, trio's nursery. */
#define BIDE_GROUP(name) BIDE_GROUP_(name, 0)
/* The same, but a failure cancels nobody; bide_group_wait() reports the first. */
#define BIDE_KEEP_GOING(name) BIDE_GROUP_(name, 1)
/* The same as BIDE_KEEP_GOING, and bide_group_next() hands out every task. */
#define BIDE_COLLECT(name) BIDE_GROUP_(name, 2)

/* Waits until every task of the group has ended; 0, or the first failure's code with its
 * sentence held, "<task's name>: <sentence>" if the task was named.  Once it has reported,
 * the group is as new: failures are heard, its own cancellation is lifted.  Cancelled from
 * outside: so are the tasks, and it returns when they have ended, BIDE_ECANCELED unless one
 * had failed; cancelled by a scope within the group's block alone: returns at once, the
 * tasks go on. Only by the task that declared the group (else BIDE_EINVAL); so never on an
 * owned group. */
BIDE_WAITS int bide_group_wait(bide_group *g);
/* The next task to have ended, in the order in which they ended: 1 and *done, readable
 * until the next call or the end of the group; 0: none is left.  Cancelled from outside: so
 * are the tasks, which are handed out as they end; then BIDE_ECANCELED.  Only of a BIDE_COLLECT
 * group (else BIDE_EINVAL).  What it hands out is heard.  Counterpart:
 * asyncio.as_completed(). */
BIDE_WAITS int bide_group_next(bide_group *g, bide_task **done);
/* How many tasks have failed; the first of them, at most max (and 16), in *list in time
 * order, readable until the group is left.  A report leaves the list as it is; the next
 * failure after it begins a new one. */
size_t bide_group_failures(bide_group *g, bide_task **list, size_t max);
/* How many of its tasks have not ended. */
size_t bide_group_count(const bide_group *g);
/* Cancels the tasks and the block's own waits.  bide_group_wait() then returns 0 unless one
 * fails.  Of more than 64 tasks the others are told while tasks run in between: none runs that
 * does not know, but one that waits may until then still be given what it waits for. */
void bide_group_cancel(bide_group *g);

/* A group that an object owns.  It hangs from the root scope, so a timeout around its maker
 * does not end it, and keeps going; failures go to on_failure.  name is not copied.  NULL:
 * BIDE_ENOMEM, BIDE_EPERM outside a loop, BIDE_ECLOSED when the loop is ending. */
bide_group *bide_group_open(const char *name, bide_drop_fn *drop, void *owner);
/* Cancels its tasks and returns at once.  When closed and empty, drop(owner) runs (at once if
 * it is empty already, at the latest before bide_run() returns): free the object there; it
 * must not wait.  Only groups that bide_group_open() made.  NULL: nothing. */
void bide_group_close(bide_group *g);
/* The loop's group for background work; failures go to on_failure.  NULL outside a loop. */
bide_group *bide_group_root(void);

/* One call of bide_gather(): fn(arg), and then what it returned and why it failed. */
struct bide_call { bide_fn *fn; void *arg; int rc; struct bide_error error; };
/* Runs the calls at once, started in order; returns when every one has ended, cancelled or
 * not.  Of more than 64 the first may have ended before the last begin.  The first failure cancels
 * the rest (in CPython it does not) and is the result.  A call's rc is what it returned,
 * BIDE_ECANCELED if it was cancelled; its error has the sentence.  Counterpart:
 * asyncio.gather(). */
BIDE_WAITS int bide_gather(struct bide_call *calls, size_t count);
/* The same, but all run to their end: gather(return_exceptions=True).  0 also when some
 * failed: look at each call's rc.  < 0: you were cancelled, and so were they. */
BIDE_WAITS int bide_gather_all(struct bide_call *calls, size_t count);

BIDE_END_
#endif
