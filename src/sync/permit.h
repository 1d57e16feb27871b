/* A permit is the address of what it was acquired from; since those are aligned, the two lowest
 * bits can say what that is.  So a permit needs no memory, and one release serves them all. */
#ifndef SYNC_PERMIT_H
#define SYNC_PERMIT_H
#include "core/park.h"
#include <bide/sync.h>

enum permit_kind { PERMIT_SEMAPHORE, PERMIT_LOCK, PERMIT_READ, PERMIT_WRITE };

static inline bide_permit *bide__permit_of(void *from, enum permit_kind kind)
{
    return (bide_permit *)(void *)((char *)from + kind);
}
static inline enum permit_kind bide__permit_kind(const bide_permit *p)
{
    return (enum permit_kind)((uintptr_t)p & 3);
}
static inline void *bide__permit_from(bide_permit *p)
{
    return (char *)p - bide__permit_kind(p);
}

/* Each gives one permit back: 0, or < 0 with the error held. */
int bide__semaphore_release(bide_semaphore *s);
int bide__lock_release(bide_lock *l);
int bide__rwlock_release(bide_rwlock *l, enum permit_kind kind);

#endif
