/* bide/retry.h -- once more, a little later.
 *
 *     rc = bide_retry(fetch_rates, &rates, .attempts = 5, .total = 20);
 *
 * Failures that may pass are tried again after a delay that doubles each time and is drawn at
 * random below that, so that a thousand clients do not come back in the same second.  A
 * cancellation is never retried.  Only what may be done twice belongs here; for HTTP requests
 * there is .retries of bide_fetch(), which knows the methods and Retry-After. */
#ifndef BIDE_RETRY_H
#define BIDE_RETRY_H
#include <bide/run.h>
BIDE_BEGIN_

/* A value of .jitter: the delays are exact. */
#define BIDE_NO_JITTER (-1.0)

/* Options of bide_retry(); 0 is the default of each. */
struct bide_retry_opts {
    size_t abi_;
    void *arg;                  /* handed to the function, and to the two below */
    size_t attempts;            /* tries in all; default 3.  BIDE_UNLIMITED: until it works */
    double base;                /* seconds before the second try; default 0.1 */
    double cap;                 /* the longest delay; default 30 */
    double factor;              /* each delay is so many times the one before; default 2 */
    double jitter;              /* 0 < j <= 1: the delay is drawn from (1-j)..1 of it; default
                                   1, all of it */
    double total;               /* seconds for all tries and delays together; default: none.
                                   A try that runs then is cancelled */
    bool (*again)(const struct bide_error *why, void *arg);
                                /* may this failure pass?  Default: any may.  BIDE_ECANCELED is
                                   never asked about */
    void (*retrying)(const struct bide_error *why, size_t attempt, double delay, void *arg);
                                /* told before each delay: which try has failed, 1 the first,
                                   and after how many seconds comes the next */
};
/* bide_retry(fn, arg, .attempts = 5): runs fn(arg) until it returns >= 0, and returns that.
 * Otherwise the last failure, "after 5 attempts: <sentence>" if it was not the first.  Where
 * the next try would begin after .total, there is none: "gave up after 2 attempts, the next
 * would begin after 5 s: <sentence>"; where .total ends a try: BIDE_ETIMEDOUT.  BIDE_EINVAL: a
 * number below 0 or NaN. */
#define bide_retry(fn, ...) bide_retry_opts(fn, BIDE_OPTS_(bide_retry_opts, .arg = __VA_ARGS__))
BIDE_WAITS int bide_retry_opts(bide_fn *fn, const struct bide_retry_opts *opts);

BIDE_END_
#endif
