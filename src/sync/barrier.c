/* Barrier: tasks wait until enough of them have come.  Places are given when all go on, not on
 * arrival, so that those who were cancelled leave no gap. */
#include "core/release.h"
#include <bide/sync.h>
#include <limits.h>

_Static_assert(offsetof(bide_barrier, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_barrier) == 6 * sizeof(void *), "its size is fixed for ever");

static struct waitlist *line_of(bide_barrier *b)
{
    return (struct waitlist *)(void *)b;
}

/* Who was let go is counted no more; the barrier may be gone. */
static bool undo(struct wait *w)
{
    if (bide__is_released(w))
        return false;
    ((bide_barrier *)(void *)w->on)->waiting_--;
    return bide__undo(w);
}
static const struct waitkind waiting = { .what = "the others at a barrier", .undo = undo };

static int check(bide_barrier *b)
{
    if (b->parties_ == 0 || b->parties_ > INT_MAX)
        return bide_fail(BIDE_EINVAL, "barrier wait: a barrier of %s",
                         b->parties_ ? "too many" : "zero");
    if (b->aborted_)
        return bide_fail(BIDE_ECLOSED, "the barrier was aborted");
    return bide__same_loop(line_of(b));
}

/* The last has come: the others go on, each with its place. */
static void let_all_go(bide_barrier *b)
{
    b->waiting_ = 0;
    bide__release_on(line_of(b), &(struct terms){ .step = 1 });
}

int bide_barrier_wait(bide_barrier *b)
{
    int rc = bide__enter();
    if (rc < 0 || (rc = check(b)) < 0)
        return rc;
    if (b->waiting_ + 1 < b->parties_) {
        b->waiting_++;
        struct wait w = { .kind = &waiting };
        return bide__wait_to_be_released(line_of(b), &w);
    }
    int place = (int)b->waiting_;
    let_all_go(b);
    return place;
}

static void turn_away(bide_barrier *b, const char *why)
{
    b->waiting_ = 0;
    bide__release_failed(line_of(b), BIDE_ECLOSED, why);
}

void bide_barrier_abort(bide_barrier *b)
{
    b->aborted_ = 1;
    turn_away(b, "the barrier was aborted");
}

void bide_barrier_reset(bide_barrier *b)
{
    b->aborted_ = 0;
    turn_away(b, "the barrier was reset");
}

size_t bide_barrier_waiting(const bide_barrier *b)
{
    return b->waiting_;
}
