/* Dates and times as PostgreSQL writes them (DateStyle ISO). */
#include "pg/decode.h"

#include "base/moment.h"

#include <stdlib.h>
#include <string.h>

#define DAY_US INT64_C(86400000000)

static bool infinity(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    if (strcmp(text + negative, "infinity") != 0)
        return false;
    *out = negative ? INT64_MIN : INT64_MAX;
    return true;
}

/* A number of at most ten digits; NULL: there is none. */
static const char *number(const char *text, int64_t *out)
{
    int digits = 0;
    for (*out = 0; *text >= '0' && *text <= '9' && digits < 10; text++, digits++)
        *out = *out * 10 + (*text - '0');
    return digits ? text : NULL;
}

/* "2024-01-31"; what follows, or NULL. */
static const char *read_day(const char *text, int64_t *days)
{
    int64_t year, month, day;
    const char *at = number(text, &year);
    at = at && *at == '-' ? number(at + 1, &month) : NULL;
    at = at && *at == '-' ? number(at + 1, &day) : NULL;
    if (!at || month < 1 || month > 12 || day < 1 || day > 31)
        return NULL;
    size_t length = strlen(at);
    bool before = length >= 3 && strcmp(at + length - 3, " BC") == 0;
    *days = bide__moment_days(before ? 1 - year : year, (int)month, (int)day);
    return at;
}

int bide__pg_read_date(const char *text, int64_t *days)
{
    if (infinity(text, days))
        return 0;
    const char *rest = read_day(text, days);
    return rest && (!*rest || strcmp(rest, " BC") == 0) ? 0 : BIDE_EDB;
}

/* "12:34:56.789" */
static const char *read_clock(const char *text, int64_t *us)
{
    int64_t hour, minute, second, fraction = 0;
    const char *at = number(text, &hour);
    at = at && *at == ':' ? number(at + 1, &minute) : NULL;
    at = at && *at == ':' ? number(at + 1, &second) : NULL;
    if (!at)
        return NULL;
    if (*at == '.') {
        const char *digits = at + 1;
        at = number(digits, &fraction);
        if (!at || at - digits > 6)
            return NULL;
        for (ptrdiff_t n = at - digits; n < 6; n++)
            fraction *= 10;
    }
    *us = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
    return at;
}

/* "+02", "-03:30", "+00:19:32" */
static const char *read_zone(const char *text, int64_t *us)
{
    *us = 0;
    if (*text != '+' && *text != '-')
        return text;
    int64_t sign = *text == '-' ? -1 : 1, part, unit = 3600;
    const char *at = text;
    do {
        at = number(at + 1, &part);
        *us += sign * part * unit * 1000000;
        unit /= 60;
    } while (at && *at == ':' && unit);
    return at;
}

int bide__pg_read_time(const char *text, int64_t *microseconds)
{
    if (infinity(text, microseconds))
        return 0;
    int64_t days, clock, zone;
    const char *at = read_day(text, &days);
    at = at && *at == ' ' ? read_clock(at + 1, &clock) : NULL;
    at = at ? read_zone(at, &zone) : NULL;
    if (!at || (*at && strcmp(at, " BC") != 0))
        return BIDE_EDB;
    *microseconds = days * DAY_US + clock - zone;
    return 0;
}
