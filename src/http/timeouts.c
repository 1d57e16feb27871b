/* Putting the time limits of a session and of a call together. */
#include "http/timeouts.h"

#include <stddef.h>
#include <stdio.h>

static double either(double over, double under)
{
    return over != 0 ? over : under;
}

static double *limit_at(struct bide_timeouts *limits, size_t i)
{
    double *all[] = {
        &limits->pool, &limits->dns, &limits->connect, &limits->proxy, &limits->tls, &limits->send,
        &limits->first_byte, &limits->idle, &limits->total,
    };
    return i < sizeof all / sizeof *all ? all[i] : NULL;
}

int bide__timeouts_merge(struct bide_timeouts *to, const struct bide_timeouts *under,
                         const struct bide_timeouts *over, double total)
{
    struct bide_timeouts given = *over, otherwise = *under;
    given.total = either(total, given.total);
    for (size_t i = 0; limit_at(to, i); i++) {
        double seconds = *limit_at(&given, i);
        if (!(seconds >= 0))    /* NaN is neither */
            return bide_fail(BIDE_EINVAL, "a time limit is negative or not a number");
        *limit_at(to, i) = either(seconds, *limit_at(&otherwise, i));
    }
    return 0;
}

void bide__timeouts_explain(const struct bide_report *report)
{
    const struct { const char *name; double seconds; } phases[] = {
        { "pool", report->pool }, { "dns", report->dns }, { "connect", report->connect },
        { "proxy", report->proxy }, { "tls", report->tls }, { "send", report->send },
        { "first byte", report->first_byte },
    };
    char text[160];
    size_t at = 0;
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (phases[i].seconds >= 0.001 && at < sizeof text - 40)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %.3g s", at ? ", " : "",
                                   phases[i].name, phases[i].seconds);
    if (at > 0) {
        struct bide_error held = bide_error_held_();
        bide_fail(held.code, "%.160s (%s)", held.text, text);
    }
}
