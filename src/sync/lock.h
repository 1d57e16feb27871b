/* A lock, seen from a condition, whose waiters come back through the lock's line. */
#ifndef SYNC_LOCK_H
#define SYNC_LOCK_H
#include "sync/permit.h"

static inline struct waitlist *bide__lock_line(bide_lock *l)
{
    return (struct waitlist *)(void *)l;
}
/* It is free: whose wait this is has it from now on.  w is in no line any more. */
static inline void bide__lock_hand_over(bide_lock *l, struct wait *w)
{
    l->owner_ = w->task;
    l->loop_ = w->task->loop;
    bide__settle_wait(w, 0);
}

#endif
