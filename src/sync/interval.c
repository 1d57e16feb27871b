/* Interval: ticks counted from the first one, so that neither late wakes nor rounding add up. */
#include "sync/until.h"
#include <bide/rate.h>
#include <limits.h>
#include <math.h>

_Static_assert(sizeof(bide_interval) == 32 + 4 * sizeof(void *), "its size is fixed for ever");

static const struct waitkind ticking = { .what = "an interval's tick",
                                         .undo = bide__until_undo };
static const double far_ns = (double)(INT64_MAX / 2);

static int check(const bide_interval *i)
{
    if (!(i->seconds > 0))
        return bide_fail(BIDE_EINVAL, "interval wait: every %g s", i->seconds);
    if (!i->waiter_)
        return 0;
    if (((const task *)i->waiter_)->loop != bide__here)
        return bide__fail_other_loop();
    return bide_fail(BIDE_EBUSY, "interval wait: another task waits for the tick");
}

/* When the next tick is due. */
static int64_t due_ns(const bide_interval *i)
{
    double after = i->count_ > 0 ? ceil(i->count_ * i->seconds * 1e9 - 1e-3) : 0;
    return after < far_ns ? i->start_ns_ + (int64_t)after : INT64_MAX / 2;
}

static void begin(bide_interval *i, int64_t now)
{
    i->began_ = 1;
    i->start_ns_ = now;
    i->count_ = 0;
}

/* How many periods ago the tick was due, whole ones. */
static double periods_late(const bide_interval *i, int64_t now)
{
    double late = (double)(now - due_ns(i));
    return late > 0 ? floor(late / (i->seconds * 1e9)) : 0;
}

/* The tick is there at `now`; `waited`: it was waited for.  How many it stands for. */
static int tick(bide_interval *i, int64_t now, bool waited)
{
    double late = periods_late(i, now);
    bool was_late = late >= 1 || (!waited && now > due_ns(i));
    if (i->missed == BIDE_MISSED_DELAY && was_late)
        begin(i, now);
    if (i->missed != BIDE_MISSED_SKIP)
        late = 0;
    i->count_ += late + 1;
    return late < INT_MAX ? (int)late + 1 : INT_MAX;
}

int bide_interval_wait(bide_interval *i)
{
    int rc = bide__enter();
    if (rc < 0 || (rc = check(i)) < 0)
        return rc;
    int64_t now = bide__clock_ns(bide__loop());
    /* Never further off than a period, but where another loop's clock was used before. */
    if (!i->began_ || (double)(due_ns(i) - now) > i->seconds * 1e9 + 1)
        begin(i, now);
    if (now >= due_ns(i))
        return tick(i, now, false);
    i->waiter_ = bide__self();
    rc = bide__until(due_ns(i), &ticking);
    i->waiter_ = NULL;
    return rc < 0 ? rc : tick(i, bide__clock_ns(bide__loop()), true);
}
