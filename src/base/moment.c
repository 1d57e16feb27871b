#include "base/moment.h"

#include <stdio.h>

#define DAY_US INT64_C(86400000000)
enum { CYCLE_DAYS = 146097 };           /* of the 400 years after which the calendar repeats */

/* By cycles that begin on 1 March of the year 0. */
void bide__moment_day(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t cycle = days / CYCLE_DAYS - (days % CYCLE_DAYS < 0);
    int64_t z = days - cycle * CYCLE_DAYS + 719468;
    int64_t in_cycle = z % CYCLE_DAYS;
    int64_t y = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int64_t in_year = in_cycle - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * in_year + 2) / 153;
    *day = (int)(in_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + (cycle + z / CYCLE_DAYS) * 400 + (*month <= 2);
}

int64_t bide__moment_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t cycle = year / 400 - (year % 400 < 0);
    int64_t in_cycle = year - cycle * 400;
    int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return cycle * CYCLE_DAYS + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year - 719468;
}

static size_t write_infinity(char *text, bool negative)
{
    return (size_t)snprintf(text, MOMENT_TEXT_SIZE, "%sinfinity", negative ? "-" : "");
}

size_t bide__moment_date(char *text, int64_t days)
{
    if (days == INT64_MAX || days == INT64_MIN)
        return write_infinity(text, days < 0);
    int64_t year;
    int month, day;
    bide__moment_day(days, &year, &month, &day);
    return (size_t)snprintf(text, MOMENT_TEXT_SIZE, "%s%04lld-%02d-%02d", year < 0 ? "-" : "",
                            (long long)(year < 0 ? -year : year), month, day);
}

size_t bide__moment_time(char *text, int64_t us)
{
    if (us == INT64_MAX || us == INT64_MIN)
        return write_infinity(text, us < 0);
    int64_t days = us / DAY_US - (us % DAY_US < 0);
    int64_t rest = us - days * DAY_US;
    int seconds = (int)(rest / 1000000), fraction = (int)(rest % 1000000);
    size_t used = bide__moment_date(text, days);
    used += (size_t)snprintf(text + used, MOMENT_TEXT_SIZE - used, "T%02d:%02d:%02d",
                             seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (fraction)
        used += (size_t)snprintf(text + used, MOMENT_TEXT_SIZE - used, ".%06d", fraction);
    text[used++] = 'Z';
    text[used] = '\0';
    return used;
}
