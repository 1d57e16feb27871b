/* The time of day, for what others date: cookies, Retry-After, certificates.
 *
 * It is asked through the table of system calls, so a test may put its own clock there and jump
 * over years; the loop's clock, which jumps in tests by itself, knows no dates. */
#ifndef BIDE_HTTP_WALL_H
#define BIDE_HTTP_WALL_H

#include "base/sys.h"

/* Seconds since 1970. */
static inline int64_t wall_now(void)
{
    struct timespec now;
    bide__sys.clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

#endif
