/* How long to wait before the next try: longer each time, up to a cap, and drawn at random, so
 * that those who failed together do not come back together. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H
#include "base/random.h"
#include <math.h>

/* Between 0 and 1, 1 not among them. */
static inline double bide__random_part(uint64_t *state)
{
    return (double)(bide__random(state) >> 11) * 0x1p-53;
}

/* The delay after so many failed tries (1 or more): base, times factor for each further one, at
 * most cap; drawn from the upper `jitter` of it: 1 is all of it, 0 or less none. */
static inline double bide__backoff(double base, double factor, double cap, double jitter,
                                   uint64_t failed, uint64_t *random)
{
    double delay = fmin(cap, base * pow(factor, fmin((double)(failed - 1), 1000)));
    if (!(jitter > 0))
        return delay;
    return delay * (1 - fmin(jitter, 1) * bide__random_part(random));
}

#endif
