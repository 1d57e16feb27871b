/* Semaphore: counted permits, handed over directly, so that newcomers never race with who waits. */
#include "core/park.h"
#include <bide/sync.h>

_Static_assert(offsetof(bide_semaphore, waiters_) == 0, "the line comes first");

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

/* A permit is a pointer to the semaphore it came from. */
static bide_permit *permit_of(bide_semaphore *s)
{
    return (bide_permit *)(void *)s;
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
    struct wait w = { .kind = &waiting };
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
    return limit_of(s) - s->taken_;
}

/* The waiter inherits the permit, so the count stays. */
void bide_permit_release(bide_permit *p)
{
    bide_semaphore *s = (bide_semaphore *)(void *)p;
    if (s && !bide__settle_first(line_of(s), 0))
        s->taken_--;
}
