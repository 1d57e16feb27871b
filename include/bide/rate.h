/* bide/rate.h -- at a pace: so much per second, and every so many seconds.
 *
 *     static bide_rate polite = BIDE_RATE(10, 3);         // ten a second, three in a row
 *     ...
 *     if (bide_rate_take(&polite, 1) < 0)
 *         return bide_errcode();
 *
 *     bide_interval every_minute = BIDE_INTERVAL(60);
 *     while (bide_interval_wait(&every_minute) > 0)
 *         look_around();
 *
 * Like those of bide/sync.h they live in the caller's memory, need no end, must not move while
 * a task waits on them, and belong to one loop at a time.  On the jumping clock they are exact
 * to the nanosecond. */
#ifndef BIDE_RATE_H
#define BIDE_RATE_H
#include <bide/base.h>
BIDE_BEGIN_

/* A token bucket: it holds `burst` tokens, is full at first, and `per_second` flow in.  In any t
 * seconds no more than burst + per_second * t are taken, however late a task wakes.  A burst of
 * one therefore stays a little below the rate where tasks wake late; two or more make up for it.
 * Counterpart: none in asyncio (aiolimiter). */
typedef struct bide_rate {
    void *waiters_, *first_;
    double per_second_, burst_;
    int64_t full_ns_;
    double part_;
    void *space_[2];
} bide_rate;
/* bide_rate r = BIDE_RATE(100 / 60.0, 5); both above 0; BIDE_FOREVER per second is no limit. */
#define BIDE_RATE(per_second, burst) \
    { NULL, NULL, (per_second), (burst), 0, 0, { NULL, NULL } }

/* Waits until so many tokens can be taken, and takes them; first come, first served, also where
 * a later one asks for less.  0; BIDE_ECANCELED: none was taken; BIDE_EINVAL: more than the
 * burst, which never comes, less than 0 or NaN, or a rate or burst that is not above 0;
 * BIDE_EPERM: another loop's tasks wait here. */
BIDE_WAITS int bide_rate_take(bide_rate *r, double tokens);
/* Takes them if they are there and nobody waits; else BIDE_EAGAIN, with a sentence that says
   when.  Never waits. */
int bide_rate_take_nowait(bide_rate *r, double tokens);
/* How many tokens there are now. */
double bide_rate_free(const bide_rate *r);

/* What happens to ticks for which nobody came in time. */
enum bide_missed {
    BIDE_MISSED_BURST,          /* each is given, one after the other, until all are made up */
    BIDE_MISSED_SKIP,           /* one is given for all of them; the next is in step again */
    BIDE_MISSED_DELAY           /* one is given, and the next is a whole period later */
};
/* A tick every `seconds`, the first one at once.  It does not drift: the nth comes n periods
 * after the first (but under BIDE_MISSED_DELAY).  One task at a time.  Counterpart: none in
 * asyncio (tokio's Interval). */
typedef struct bide_interval {
    double seconds;
    enum bide_missed missed;
    int began_;
    int64_t start_ns_;
    double count_;
    void *waiter_, *space_[3];
} bide_interval;
/* bide_interval i = BIDE_INTERVAL(0.5);  or  BIDE_INTERVAL(0.5, .missed = BIDE_MISSED_SKIP); */
#define BIDE_INTERVAL(...) { .seconds = __VA_ARGS__ }

/* Waits for the next tick.  How many ticks have come since the last call: 1, and more only under
 * BIDE_MISSED_SKIP.  BIDE_ECANCELED: the tick is still to be had; BIDE_EBUSY: another task waits
 * for it; BIDE_EINVAL: seconds is not above 0; BIDE_EPERM: another loop's task waits. */
BIDE_WAITS int bide_interval_wait(bide_interval *i);

BIDE_END_
#endif
