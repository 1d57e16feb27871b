/* Retry: a loop around a call, with delays between.
 *
 * The delays come from base/backoff.h.  A loop that is shuffled draws from its own seed, so that a
 * test can be run again just so; any other from a state per thread that differs by process. */
#include "base/backoff.h"
#include "core/park.h"
#include "core/scope.h"
#include <bide/retry.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct attempts {
    size_t made, most;
    double base, cap, factor, jitter, total;
    struct bide_error last;     /* why the last one failed */
};

static uint64_t *random_state(void)
{
    static __thread uint64_t state;
    if (bide__loop()->shuffle)
        return &bide__loop()->shuffle;
    if (!state)
        state = (uint64_t)(uintptr_t)&state ^ (uint64_t)(bide_now() * 1e9) ^
                (uint64_t)getpid() << 32;
    return &state;
}

static double or_default(double asked, double usual)
{
    return asked == 0 ? usual : asked;
}

static int read_options(struct attempts *a, const struct bide_retry_opts *o)
{
    if (!(o->base >= 0 && o->cap >= 0 && o->factor >= 0 && o->total >= 0) || isnan(o->jitter))
        return bide_fail(BIDE_EINVAL, "retry: base %g, cap %g, factor %g, jitter %g and total %g "
                         "must be numbers of at least 0", o->base, o->cap, o->factor, o->jitter,
                         o->total);
    a->most = o->attempts ? o->attempts : 3;
    a->base = or_default(o->base, 0.1);
    a->cap = or_default(o->cap, 30);
    a->factor = or_default(o->factor, 2);
    a->jitter = or_default(o->jitter, 1);
    a->total = or_default(o->total, BIDE_FOREVER);
    return 0;
}

static int fail_last(const struct attempts *a)
{
    struct bide_error last = a->last;
    bide_error_restore_(&last);
    return a->made > 1 ? bide_within("after %zu attempts", a->made) : last.code;
}

static int give_up(const struct attempts *a)
{
    struct bide_error last = a->last;
    bide_error_restore_(&last);
    return bide_within("gave up after %zu attempt%s, the next would begin after %g s", a->made,
                       a->made == 1 ? "" : "s", a->total);
}

/* The deadline came while a try was under way. */
static int fail_late(const struct attempts *a)
{
    if (a->made == 1)
        return bide_fail(BIDE_ETIMEDOUT, "timed out after %g s in the first attempt", a->total);
    return bide_fail(BIDE_ETIMEDOUT, "timed out after %g s in attempt %zu; the one before: %s",
                     a->total, a->made, a->last.text);
}

/* waits: fn may */
BIDE_WAITS static int attempt(struct attempts *a, bide_fn *fn, void *arg)
{
    a->made++;
    int rc = fn(arg);
    if (rc >= 0 || rc == BIDE_ECANCELED)
        return rc;
    if (bide_errcode() != rc)
        bide_fail(rc, "%s", bide_strerror(rc));
    a->last = bide_error_held_();
    return rc;
}

/* 0: the next try may begin; or the result. */
BIDE_WAITS static int go_on(struct attempts *a, const struct bide_retry_opts *o, double left)
{
    if (a->made == a->most || (o->again && !o->again(&a->last, o->arg)))
        return fail_last(a);
    double delay = bide__backoff(a->base, a->factor, a->cap, a->jitter, a->made, random_state());
    if (delay >= left)
        return give_up(a);
    if (bide_cancelled())
        return bide_fail(BIDE_ECANCELED, "cancelled");
    if (o->retrying)
        o->retrying(&a->last, a->made, delay, o->arg);
    return bide_sleep(delay);
}

int bide_retry_opts(bide_fn *fn, const struct bide_retry_opts *o)
{
    struct attempts a = { .made = 0 };
    int rc = bide__enter();
    if (rc < 0 || (rc = read_options(&a, o)) < 0)
        return rc;
    double until = bide_now() + a.total;
    BIDE_TIMEOUT(t, a.total);
    do {
        rc = attempt(&a, fn, o->arg);
        if (rc >= 0)
            return rc;
        if (rc == BIDE_ECANCELED)
            return bide_scope_result(t, rc) == BIDE_ETIMEDOUT ? fail_late(&a) : rc;
        rc = go_on(&a, o, until - bide_now());
    } while (rc == 0);
    return bide_scope_result(t, rc) == rc ? rc : give_up(&a);
}
