/* bide/sync.h -- waiting for each other: event and semaphore.
 *
 * They live in the caller's memory (static, in a struct, on a stack); all zero is ready to
 * use and there is nothing to destroy; they must not move or go away while a task waits on
 * them.  First come, first served: a released permit is handed to the longest waiter,
 * newcomers do not race for it.  Cancelled waiters leave the line at once; who was handed a
 * permit has it.  One loop at a time: waiting where another loop's task already waits is
 * BIDE_EPERM. */
#ifndef BIDE_SYNC_H
#define BIDE_SYNC_H
#include <bide/base.h>
BIDE_BEGIN_

/* A flag that tasks can wait for; all zero is clear.  Counterpart: asyncio.Event. */
typedef struct bide_event { void *waiters_; size_t set_; void *space_[2]; } bide_event;
/* At most `limit` permits at a time; all zero is a semaphore of one.  Counterpart:
   asyncio.Semaphore. */
typedef struct bide_semaphore {
    void *waiters_;
    size_t limit_, taken_;
    void *space_[3];
} bide_semaphore;
/* One held permit; who has the pointer may release it, in any task of the loop. */
typedef struct bide_permit bide_permit;

/* static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10); a limit of 0 counts as 1. */
#define BIDE_SEMAPHORE(limit) { NULL, (limit), 0, { NULL } }

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
/* Gives a permit back: to the longest waiter if there is one.  NULL: nothing. */
void bide_permit_release(bide_permit *p);
BIDE_AUTO_(permit, bide_permit_release)

BIDE_END_
#endif
