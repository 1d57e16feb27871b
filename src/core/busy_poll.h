/* Busy polling: before it sleeps, the loop looks a few times more.
 *
 * Whoever sleeps has to be woken, and on a processor that sleeps too this takes longer than a
 * small request: one at a time, the wake-ups are most of what it costs.  So where news has lately
 * come soon, the loop goes on looking for a moment, with a timeout of 0.  It does so only
 *  - where it pays: it begins after some short sleeps, goes on while most of its looking finds
 *    something, and ends with the first long sleep, so an idle process never looks;
 *  - within an allowance: half of the time over the long run, a twentieth of a second at once;
 *  - where a processor is to spare: while no more threads are ready to run than there are
 *    processors, and nobody has taken the processor away in the middle of it. */
#ifndef CORE_BUSY_POLL_H
#define CORE_BUSY_POLL_H
#include <stdbool.h>
#include <stdint.h>

struct busy_poll {
    int64_t limit_ns;           /* how long before each sleep; 0: never */
    int hope;                   /* how well it went lately; 0: sleep at once */
    unsigned sleeps;            /* short ones in a row, since hope was lost */
    unsigned wanted;            /* how many of them make hope again */
    int64_t allowance_ns;       /* what may be spent on it */
    int64_t counted_ns;         /* when that was counted up */
    int64_t checked_ns;         /* when the machine was last looked at */
    int64_t off_until_ns;       /* it was busy */
    long processors;            /* 0: not asked yet */
};

/* seconds: 0 is the default, below 0 never. */
void bide__busy_poll_init(struct busy_poll *b, double seconds);
/* Looks at allowance and machine; see below. */
int64_t bide__busy_poll_allowed(struct busy_poll *b, int64_t now_ns);
/* How long to look before the sleep that is about to begin; mostly 0. */
static inline int64_t bide__busy_poll_begin(struct busy_poll *b, int64_t now_ns)
{
    return b->hope ? bide__busy_poll_allowed(b, now_ns) : 0;
}
/* It looked for so long, in vain or not, the last time for so long. */
void bide__busy_poll_looked(struct busy_poll *b, int64_t now_ns, int64_t looked_ns, bool found,
                            int64_t last_ns);
/* It slept at once, for so long, or after looking in vain. */
void bide__busy_poll_slept(struct busy_poll *b, int64_t slept_ns);
/* Somebody else had the processor, if one look takes so long. */
static inline bool bide__busy_poll_was_preempted(int64_t look_ns)
{
    enum { LOOK_MAX_NS = 50000 };
    return look_ns > LOOK_MAX_NS;
}

#endif
