/* Lock: a permit with an owner, which makes its two classical misuses, acquiring twice and
 * releasing what another holds, errors instead of a hang and a race.
 *
 * The owner is the task's address, and its loop is kept beside it: a task that ended without
 * releasing, and whose loop is gone, must not be looked at. */
#include "sync/lock.h"
#include "base/inline.h"

_Static_assert(offsetof(bide_lock, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_lock) == 6 * sizeof(void *), "its size is fixed for ever");

static const struct waitkind waiting = { .what = "a lock", .undo = bide__undo };

static bide_permit *permit_of(bide_lock *l)
{
    return bide__permit_of(l, PERMIT_LOCK);
}

static inline bide_permit *take(bide_lock *l, struct loop *here)
{
    l->owner_ = here->current;
    l->loop_ = here;
    return permit_of(l);
}

/* May the running task wait for what another holds? */
static int check(const bide_lock *l)
{
    if (l->loop_ != bide__here)
        return bide_fail(BIDE_EPERM, "the lock is held by a task of another loop");
    if (l->owner_ == bide__self())
        return bide_fail(BIDE_EDEADLK, "the lock is held by this very task, '%s'",
                         bide__self()->name);
    return 0;
}

BIDE_WAITS static bide_permit *wait_for(bide_lock *l)
{
    if (check(l) < 0)
        return NULL;
    struct wait w = { .kind = &waiting };
    return bide__wait(bide__lock_line(l), &w) < 0 ? NULL : permit_of(l);
}

/* The credit is counted already. */
BIDE_WAITS static __attribute__((noinline)) bide_permit *acquire_slowly(bide_lock *l)
{
    if ((!bide__here || bide__self()->credit <= 0) && bide__enter_slowly() < 0)
        return NULL;
    return l->owner_ ? wait_for(l) : take(l, bide__here);
}

/* While somebody waits it is never without an owner, so nobody can overtake.  The usual case, it
 * is free, is bide__enter() with nothing kept across a call: it needs no frame of its own. */
bide_permit *bide_lock_acquire(bide_lock *l)
{
    struct loop *here = bide__here;
    if (__builtin_expect(!here || --here->current->credit <= 0 || l->owner_, 0))
        return acquire_slowly(l);
    return take(l, here);
}

bide_permit *bide_lock_acquire_nowait(bide_lock *l)
{
    if (!bide__here)
        bide_fail(BIDE_EPERM, "lock acquire: only a task can hold a lock");
    else if (!l->owner_)
        return take(l, bide__here);
    else if (check(l) == 0)
        bide_fail(BIDE_EAGAIN, "another task holds the lock");
    return NULL;
}

bool bide_lock_is_held(const bide_lock *l)
{
    return l->owner_ != NULL;
}

static COLD int fail_misused(const bide_lock *l)
{
    if (!l->owner_)
        return bide_fail(BIDE_EINVAL, "lock: released, but nobody holds it");
    return bide_fail(BIDE_EPERM, "lock: released by a task that does not hold it");
}

int bide__lock_release(bide_lock *l)
{
    struct loop *here = bide__here;
    if (__builtin_expect(!here || l->owner_ != here->current, 0))
        return fail_misused(l);
    struct wait *w = l->waiters_;
    if (!w) {
        l->owner_ = NULL;
        return 0;
    }
    bide__unlink(w);
    bide__lock_hand_over(l, w);
    return 0;
}
