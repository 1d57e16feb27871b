/* Putting the time limits of a session and of a call together. */
#include "http/timeouts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static double either(double over, double under)
{
    return over != 0 ? over : under;
}

static bool is_limit(double seconds)
{
    return seconds >= 0;        /* NaN is neither */
}

static bool are_limits(const struct bide_timeouts *t)
{
    return is_limit(t->pool) && is_limit(t->dns) && is_limit(t->connect) && is_limit(t->proxy) &&
           is_limit(t->tls) && is_limit(t->send) && is_limit(t->first_byte) && is_limit(t->idle) &&
           is_limit(t->total);
}

int bide__timeouts_merge(struct bide_timeouts *to, const struct bide_timeouts *under,
                         const struct bide_timeouts *over, double total)
{
    if (!are_limits(over) || !is_limit(total))
        return bide_fail(BIDE_EINVAL, "a time limit is negative or not a number");
    to->pool = either(over->pool, under->pool);
    to->dns = either(over->dns, under->dns);
    to->connect = either(over->connect, under->connect);
    to->proxy = either(over->proxy, under->proxy);
    to->tls = either(over->tls, under->tls);
    to->send = either(over->send, under->send);
    to->first_byte = either(over->first_byte, under->first_byte);
    to->idle = either(over->idle, under->idle);
    to->total = either(total, either(over->total, under->total));
    return 0;
}

void bide__timeouts_explain(const struct bide_report *report, const char *phase)
{
    const struct { const char *name; double seconds; } phases[] = {
        { "pool", report->pool }, { "dns", report->dns }, { "connect", report->connect },
        { "proxy", report->proxy }, { "tls", report->tls }, { "send", report->send },
        { "first byte", report->first_byte },
    };
    char text[160];
    size_t at = 0;
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (strcmp(phases[i].name, phase) == 0)
            break;
        else if (phases[i].seconds >= 0.001 && at < sizeof text - 40)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %.3g s", at ? ", " : "",
                                   phases[i].name, phases[i].seconds);
    if (at > 0) {
        struct bide_error held = bide_error_held_();
        bide_fail(held.code, "%.160s (%s)", held.text, text);
    }
}
