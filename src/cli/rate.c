/* cli/rate.c -- see rate.h.
 *
 * Each caller books the next moment before it sleeps, so callers line up without a queue.
 * Sleeping ends a little late, never early; what was lost by that, up to 10 ms, is made
 * up for, or a rate of thousands per second would never be reached.  A longer pause is
 * not: it would end in a burst. */
#include "cli/rate.h"

#define CATCH_UP 0.01

int rate_wait(struct rate *rate)
{
    if (rate->interval <= 0)
        return 0;
    double now = bide_now();
    if (rate->next < now - CATCH_UP)
        rate->next = now;
    double moment = rate->next;
    rate->next += rate->interval;
    return moment > now ? bide_sleep(moment - now) : 0;
}
