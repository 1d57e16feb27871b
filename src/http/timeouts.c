/* Putting the time limits of a session and of a call together. */
#include "http/timeouts.h"

#include <math.h>

static double either(double over, double under)
{
    return over != 0 ? over : under;
}

static bool is_limit(double seconds)
{
    return !isnan(seconds) && seconds >= 0;
}

int bide__timeouts_merge(struct bide_timeouts *to, const struct bide_timeouts *under,
                         const struct bide_timeouts *over, double total)
{
    if (!is_limit(over->pool) || !is_limit(over->dns) || !is_limit(over->connect) ||
        !is_limit(over->first_byte) || !is_limit(over->idle) || !is_limit(over->total) ||
        !is_limit(total))
        return bide_fail(BIDE_EINVAL, "a time limit is negative or not a number");
    to->pool = either(over->pool, under->pool);
    to->dns = either(over->dns, under->dns);
    to->connect = either(over->connect, under->connect);
    to->first_byte = either(over->first_byte, under->first_byte);
    to->idle = either(over->idle, under->idle);
    to->total = either(total, either(over->total, under->total));
    return 0;
}
