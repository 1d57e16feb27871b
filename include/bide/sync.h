/* bide/sync.h -- waiting for each other: event, semaphore, lock, condition, barrier, reader-writer
 * lock, once.
 *
 * They live in the caller's memory (static, in a struct, on a stack); all zero is ready to use
 * (but for a barrier, which needs its number) and there is nothing to destroy; they must not
 * move or go away while a task waits on them.  First come, first served: what is released is
 * handed to the longest waiter, newcomers do not race for it, the _nowait forms neither.
 * Cancelled waiters leave the line at once; who was handed a permit has it.  One loop at a
 * time: waiting where another loop's task already waits, or for what one holds, is BIDE_EPERM.
 *
 * Where one call lets many go (an event, a barrier, a condition, once; also a promise, a watch, a
 * queue that is closed, a task that is joined), all go in the order in which they came, and may not
 * be cancelled out of it; of more than 64 the others wake up while tasks run in between, so that
 * nobody waits long for his turn.
 *
 * Between two calls that wait a task has its loop to itself anyhow: a lock is for what must
 * stay whole *across* calls that wait. */
#ifndef BIDE_SYNC_H
#define BIDE_SYNC_H
#include <bide/run.h>
BIDE_BEGIN_

/* A flag that tasks can wait for; all zero is clear.  Counterpart: asyncio.Event. */
typedef struct bide_event { void *waiters_; size_t set_; void *space_[2]; } bide_event;
/* At most `limit` permits at a time; all zero is a semaphore of one.  Any task of the loop may
   release.  Counterpart: asyncio.BoundedSemaphore. */
typedef struct bide_semaphore {
    void *waiters_;
    size_t limit_, taken_;
    void *space_[3];
} bide_semaphore;
/* One task at a time, and only the task that acquired it may release it; all zero is free.
   Counterpart: asyncio.Lock. */
typedef struct bide_lock { void *waiters_, *owner_, *loop_, *space_[3]; } bide_lock;
/* Waiting, with a lock given up meanwhile, until another task says that something has changed.
   All zero is ready.  Counterpart: asyncio.Condition. */
typedef struct bide_condition { void *waiters_, *lock_, *space_[4]; } bide_condition;
/* So many tasks wait for each other.  Counterpart: asyncio.Barrier. */
typedef struct bide_barrier {
    void *waiters_;
    size_t parties_, waiting_, aborted_;
    void *space_[2];
} bide_barrier;
/* Many readers or one writer; all zero is free.  Strictly first come, first served: a writer
   that waits stops newcomers, readers who stand next to each other go in together. */
typedef struct bide_rwlock {
    void *waiters_, *writer_;
    size_t readers_;
    void *loop_, *space_[2];
} bide_rwlock;
/* Something that has to succeed once, by whoever comes first; all zero is not done. */
typedef struct bide_once {
    void *waiters_, *runner_;
    int done_, result_;
    void *space_[3];
} bide_once;
/* What is held of a semaphore, a lock or a reader-writer lock.  A semaphore's may be released
   in any task of the loop, a lock's and a writer's only in the task that acquired it. */
typedef struct bide_permit bide_permit;

/* static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10); a limit of 0 counts as 1. */
#define BIDE_SEMAPHORE(limit) { NULL, (limit), 0, { NULL } }
/* static bide_barrier four = BIDE_BARRIER(4); */
#define BIDE_BARRIER(parties) { NULL, (parties), 0, 0, { NULL } }

/* Gives back what is held: to the longest waiter if there is one.  0; NULL: 0, nothing.
 * BIDE_EINVAL: nothing is held (released more often than acquired; seen for certain when it is
 * all free); BIDE_EPERM: another task holds the lock, or another loop's tasks wait for it.
 * Never waits. */
int bide_permit_release(bide_permit *p);
BIDE_AUTO_(permit, bide_permit_release)

/* Waits until the event is set; returns 0 at once if it is.  < 0: cancelled. */
BIDE_WAITS int bide_event_wait(bide_event *e);
/* Sets it: all who wait go on, in the order in which they came. */
void bide_event_set(bide_event *e);
/* Clears it.  Who was let go stays let go. */
void bide_event_clear(bide_event *e);
/* Is it set? */
bool bide_event_is_set(const bide_event *e);

/* Waits for a permit.  NULL: cancelled.
 *
 *     bide_auto(permit) p = bide_semaphore_acquire(&s);
 *     if (!p)
 *         return bide_errcode(); */
BIDE_WAITS bide_permit *bide_semaphore_acquire(bide_semaphore *s);
/* A permit if one is free and nobody waits for it; else NULL and BIDE_EAGAIN.  Never waits. */
BIDE_CHECK bide_permit *bide_semaphore_acquire_nowait(bide_semaphore *s);
/* How many permits are free. */
size_t bide_semaphore_free(const bide_semaphore *s);
/* Changes the limit.  More: that many waiters are let in at once.  Fewer: permits that come
 * back are not handed out again until the new limit holds; nobody loses what he has.  Takes time
 * in proportion to those whom it lets in.  0, or
 * BIDE_EINVAL for a limit of 0, BIDE_EPERM if another loop's tasks wait. */
int bide_semaphore_resize(bide_semaphore *s, size_t limit);

/* Waits for the lock.  NULL: BIDE_ECANCELED; BIDE_EDEADLK: this task holds it already. */
BIDE_WAITS bide_permit *bide_lock_acquire(bide_lock *l);
/* The lock if it is free; else NULL and BIDE_EAGAIN, or BIDE_EDEADLK as above.  Only inside a
   task.  Never waits. */
BIDE_CHECK bide_permit *bide_lock_acquire_nowait(bide_lock *l);
/* Does a task hold it?  A task that ends without releasing leaves it held for ever. */
bool bide_lock_is_held(const bide_lock *l);

/* Gives the lock up, waits until notified, and has the lock again on every return, also when
 * cancelled: the wait for the lock after a notification is not interrupted.  `held` is the
 * permit of a bide_lock that this task holds.
 *
 *     bide_auto(permit) held = bide_lock_acquire(&lock);
 *     while (held && !ready)              // look again: others may have been faster
 *         if (bide_condition_wait(&changed, held) < 0)
 *             return bide_errcode();
 *
 * 0: notified, then cancelled counts as notified.  BIDE_ECANCELED: no notification was used
 * up.  BIDE_EINVAL: not a lock's permit, or other tasks wait here with another lock;
 * BIDE_EPERM: another task holds that lock.  held NULL: the error that acquiring left. */
BIDE_WAITS int bide_condition_wait(bide_condition *c, bide_permit *held);
/* Waits until holds(arg) says true, which is asked before, and after each notification, with
   the lock held; it must not wait.  Returns as bide_condition_wait(). */
BIDE_WAITS int bide_condition_wait_for(bide_condition *c, bide_permit *held,
                                       bool (*holds)(void *arg), void *arg);
/* Lets the `count` longest waiters go on, each as it gets the lock, which takes time in proportion
   to their number.  The lock need not be held,
   as it must be in asyncio, but usually is, for what they wait for was changed under it. */
void bide_condition_notify(bide_condition *c, size_t count);
/* The same for all who wait now; of many some at a time. */
void bide_condition_notify_all(bide_condition *c);

/* Waits until as many tasks as the barrier has parties are here; then all go on, and it is as
 * new.  In which place this task came: 0 the first, parties - 1 the last, who does not wait;
 * each number is given once, so "== 0" chooses one for what comes next.  BIDE_ECANCELED: it has
 * left, the others wait for one more; BIDE_ECLOSED: aborted or reset; BIDE_EINVAL: a barrier of
 * zero. */
BIDE_WAITS int bide_barrier_wait(bide_barrier *b);
/* Who waits fails with BIDE_ECLOSED, as does who comes later, until it is reset. */
void bide_barrier_abort(bide_barrier *b);
/* As new: who waits fails with BIDE_ECLOSED, who comes later is the first. */
void bide_barrier_reset(bide_barrier *b);
/* How many tasks wait there. */
size_t bide_barrier_waiting(const bide_barrier *b);

/* Waits to read, with others who read.  NULL: BIDE_ECANCELED; BIDE_EDEADLK: this task writes.
 * A task that reads must not ask again, nor to write: if a writer has come meanwhile, both wait
 * for ever. */
BIDE_WAITS bide_permit *bide_rwlock_read(bide_rwlock *l);
/* Reads if it need not wait; else NULL and BIDE_EAGAIN, or BIDE_EDEADLK.  Never waits. */
BIDE_CHECK bide_permit *bide_rwlock_read_nowait(bide_rwlock *l);
/* Waits to write, alone.  NULL: BIDE_ECANCELED; BIDE_EDEADLK: this task writes already. */
BIDE_WAITS bide_permit *bide_rwlock_write(bide_rwlock *l);
/* Writes if it need not wait; else NULL and BIDE_EAGAIN, or BIDE_EDEADLK.  Never waits. */
BIDE_CHECK bide_permit *bide_rwlock_write_nowait(bide_rwlock *l);

/* The first to come runs fn(arg), in its own task; who comes meanwhile waits.  A success (>= 0)
 * is remembered and returned to all, without calling fn again.  A failure, and so a cancelled
 * attempt, is returned to who ran it, and the longest waiter tries.  BIDE_ECANCELED: this task
 * was; BIDE_EDEADLK: fn came here itself. */
BIDE_WAITS int bide_once_run(bide_once *o, bide_fn *fn, void *arg);

BIDE_END_
#endif
