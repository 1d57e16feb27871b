/* Token bucket.
 *
 * The bucket is described by one moment: when it will be full again.  Tokens taken move it into
 * the future, time brings it nearer; so nothing has to be refilled, and no error adds up.  The
 * moment is kept in whole nanoseconds and a part of one: 1/3 of a second is no whole number.
 *
 * Who waits stands in line; only the first has a timer, set to when its tokens will be there.
 * When it has taken them, or was cancelled, the next becomes the first. */
#include "sync/until.h"
#include <bide/rate.h>
#include <math.h>

_Static_assert(offsetof(bide_rate, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_rate) == 32 + 4 * sizeof(void *), "its size is fixed for ever");

static const struct waitkind filling = { .what = "a rate's tokens", .undo = bide__until_undo };
static const struct waitkind queueing = { .what = "a rate, in line", .undo = bide__undo };

/* Less is the rounding of what was computed, in nanoseconds; more is never. */
static const double rounding = 1e-3, far_ns = (double)(INT64_MAX / 4);

static struct waitlist *line_of(bide_rate *r)
{
    return (struct waitlist *)(void *)r;
}

/* How long so many tokens take to flow in, in nanoseconds. */
static double flow(const bide_rate *r, double tokens)
{
    return tokens * 1e9 / r->per_second_;
}

/* Until it is full; below 0: it has been for so long.  It never takes longer than for an empty one,
 * but where another loop's clock was used before: that is forgotten. */
static double until_full(const bide_rate *r, int64_t now)
{
    double left = (double)(r->full_ns_ - now) + r->part_;
    return left > flow(r, r->burst_) + 1 ? 0 : left;
}

/* Until so many tokens can be taken; they can if it is 0 or less. */
static double until_there(const bide_rate *r, int64_t now, double tokens)
{
    double left = until_full(r, now);
    return left > 0 ? left - flow(r, r->burst_ - tokens) - rounding : 0;
}

/* What was full for less than a nanosecond was so because clocks have no parts of one. */
static void take(bide_rate *r, int64_t now, double tokens)
{
    double left = until_full(r, now), whole;
    r->part_ = modf((left > -1 ? left : 0) + flow(r, tokens), &whole);
    r->full_ns_ = now + (int64_t)fmin(whole, far_ns);
}

static bool try_take(bide_rate *r, double tokens)
{
    int64_t now = bide__clock_ns(bide__loop());
    if (until_there(r, now, tokens) > 0)
        return false;
    take(r, now, tokens);
    return true;
}

static int check(const bide_rate *r, double tokens)
{
    if (!(r->per_second_ > 0 && r->burst_ > 0))
        return bide_fail(BIDE_EINVAL, "rate: %g tokens a second and a burst of %g",
                         r->per_second_, r->burst_);
    if (!(tokens >= 0))
        return bide_fail(BIDE_EINVAL, "rate: %g tokens cannot be taken", tokens);
    if (tokens > r->burst_)
        return bide_fail(BIDE_EINVAL, "rate: there are never %g tokens at once, at most %g",
                         tokens, r->burst_);
    return 0;
}

/* Parks until the one before has done: 0, and then this is the first. */
BIDE_WAITS static int queue_up(bide_rate *r)
{
    if (((const task *)r->first_)->loop != bide__here)
        return bide__fail_other_loop();
    struct wait w = { .kind = &queueing };
    return bide__wait(line_of(r), &w);
}

static void step_down(bide_rate *r)
{
    struct wait *w = r->waiters_;
    r->first_ = w ? w->task : NULL;
    bide__settle_first(line_of(r), 0);
}

/* As the first of the line. */
BIDE_WAITS static int wait_and_take(bide_rate *r, double tokens)
{
    int rc = 0;
    while (rc == 0 && !try_take(r, tokens)) {
        if ((rc = bide__enter()) < 0)
            break;
        int64_t now = bide__clock_ns(bide__loop());
        double left = fmax(0, ceil(until_there(r, now, tokens)));
        rc = bide__until(now + (int64_t)fmin(left, far_ns), &filling);
    }
    return rc;
}

int bide_rate_take(bide_rate *r, double tokens)
{
    int rc = bide__enter();
    if (rc < 0 || (rc = check(r, tokens)) < 0)
        return rc;
    if (!r->first_ && try_take(r, tokens))
        return 0;
    if (r->first_ && (rc = queue_up(r)) < 0)
        return rc;
    r->first_ = bide__self();
    rc = wait_and_take(r, tokens);
    step_down(r);
    return rc;
}

int bide_rate_take_nowait(bide_rate *r, double tokens)
{
    int rc = check(r, tokens);
    if (rc < 0)
        return rc;
    if (r->first_)
        return bide_fail(BIDE_EAGAIN, "rate: other tasks wait for tokens");
    if (try_take(r, tokens))
        return 0;
    return bide_fail(BIDE_EAGAIN, "rate: %g tokens will be there in %g s", tokens,
                     until_there(r, bide__clock_ns(bide__loop()), tokens) / 1e9);
}

double bide_rate_free(const bide_rate *r)
{
    double left = until_full(r, bide__clock_ns(bide__loop()));
    return left > 0 ? r->burst_ - left * r->per_second_ / 1e9 : r->burst_;
}
