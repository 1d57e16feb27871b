#include "db/moment.h"

#include "base/moment.h"

#define DAY_US INT64_C(86400000000)

/* So many digits, and the mark before them unless that is 0. */
static bool read_digits(const char **text, char mark, int digits, int *number)
{
    const char *at = *text;
    if (mark && *at++ != mark)
        return false;
    for (*number = 0; digits > 0; digits--, at++) {
        if (*at < '0' || *at > '9')
            return false;
        *number = *number * 10 + (*at - '0');
    }
    *text = at;
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool read_day(const char **text, int64_t *days)
{
    int year, month, day;
    if (!read_digits(text, 0, 4, &year) || !read_digits(text, '-', 2, &month) ||
        !read_digits(text, '-', 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_of(year, month))
        return false;
    *days = bide__moment_days(year, month, day);
    return true;
}

static bool read_fraction(const char **text, int *us)
{
    const char *at = *text;
    *us = 0;
    if (*at != '.')
        return true;
    int unit = 100000;
    for (at++; *at >= '0' && *at <= '9' && unit; at++, unit /= 10)
        *us += (*at - '0') * unit;
    bool some = at > *text + 1;
    *text = at;
    return some;
}

/* "12:34", "12:34:56", "12:34:56.789" */
static bool read_clock(const char **text, int64_t *us)
{
    int hour, minute, second = 0, fraction = 0;
    if (!read_digits(text, 0, 2, &hour) || !read_digits(text, ':', 2, &minute))
        return false;
    if (**text == ':' && (!read_digits(text, ':', 2, &second) || !read_fraction(text, &fraction)))
        return false;
    *us = (((int64_t)hour * 60 + minute) * 60 + second) * 1000000 + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

/* "Z", "+01:30", "-0800", "+02" or nothing: UTC. */
static bool read_zone(const char **text, int64_t *us)
{
    const char sign = **text;
    int hours, minutes = 0;
    *us = 0;
    if (sign == 'Z')
        ++*text;
    if (sign != '+' && sign != '-')
        return true;
    if (!read_digits(text, sign, 2, &hours))
        return false;
    bool more = **text == ':' || (**text >= '0' && **text <= '9');
    if (more && !read_digits(text, **text == ':' ? ':' : 0, 2, &minutes))
        return false;
    *us = (int64_t)(hours * 60 + minutes) * (sign == '-' ? -60000000 : 60000000);
    return hours < 24 && minutes < 60;
}

bool bide__db_read_moment(const char *text, int64_t *microseconds)
{
    int64_t days, clock = 0, zone = 0;
    if (!read_day(&text, &days))
        return false;
    bool timed = *text == 'T' || *text == ' ';
    if (timed && (text++, !read_clock(&text, &clock) || !read_zone(&text, &zone)))
        return false;
    *microseconds = days * DAY_US + clock - zone;
    return !*text;
}
