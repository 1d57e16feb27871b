/* Semaphore: counted permits, handed over directly, so that newcomers never race with who waits.
 *
 * Tasks wait only while no permit is free.  A limit that shrinks may leave more permits out than
 * it allows: those that come back then are not handed on. */
#include "base/inline.h"
#include "sync/permit.h"

_Static_assert(offsetof(bide_semaphore, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_semaphore) == 6 * sizeof(void *), "its size is fixed for ever");

static const struct waitkind waiting = { .what = "a semaphore", .undo = bide__undo };

static struct waitlist *line_of(bide_semaphore *s)
{
    return (struct waitlist *)(void *)s;
}

/* All zero is a semaphore of one. */
static size_t limit_of(const bide_semaphore *s)
{
    return s->limit_ ? s->limit_ : 1;
}

static bide_permit *permit_of(bide_semaphore *s)
{
    return bide__permit_of(s, PERMIT_SEMAPHORE);
}

bide_permit *bide_semaphore_acquire(bide_semaphore *s)
{
    if (bide__enter() < 0)
        return NULL;
    if (s->taken_ < limit_of(s)) {
        s->taken_++;
        return permit_of(s);
    }
    if (bide__same_loop(line_of(s)) < 0)
        return NULL;
    struct wait w;
    w.kind = &waiting;
    return bide__wait(line_of(s), &w) < 0 ? NULL : permit_of(s);
}

bide_permit *bide_semaphore_acquire_nowait(bide_semaphore *s)
{
    if (s->taken_ < limit_of(s)) {
        s->taken_++;
        return permit_of(s);
    }
    bide_fail(BIDE_EAGAIN, "no permit is free");
    return NULL;
}

size_t bide_semaphore_free(const bide_semaphore *s)
{
    return s->taken_ < limit_of(s) ? limit_of(s) - s->taken_ : 0;
}

int bide_semaphore_resize(bide_semaphore *s, size_t limit)
{
    if (limit == 0)
        return bide_fail(BIDE_EINVAL, "semaphore resize: a limit of 0 would let nobody in");
    if (bide__same_loop(line_of(s)) < 0)
        return bide_errcode();
    s->limit_ = limit;
    while (s->taken_ < limit && bide__settle_first(line_of(s), 0))
        s->taken_++;
    return 0;
}

static COLD int fail_unheld(void)
{
    return bide_fail(BIDE_EINVAL, "semaphore: released more often than acquired");
}

/* Somebody waits: he inherits the permit, so the count stays. */
static int hand_on(bide_semaphore *s)
{
    if (bide__same_loop(line_of(s)) < 0)
        return bide_errcode();
    if (s->taken_ > limit_of(s))
        s->taken_--;
    else
        bide__settle_first(line_of(s), 0);
    return 0;
}

int bide__semaphore_release(bide_semaphore *s)
{
    if (s->waiters_)
        return hand_on(s);
    if (!s->taken_)
        return fail_unheld();
    s->taken_--;
    return 0;
}
