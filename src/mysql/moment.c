#include "mysql/moment.h"

#include "base/moment.h"

#include <stdio.h>
#include <string.h>

#define DAY_US INT64_C(86400000000)

/* ---- reading --------------------------------------------------------------------------------- */

/* So many digits, and the mark behind them, unless that is NUL. */
static bool read_digits(const char **text, int digits, char mark, unsigned *number)
{
    const char *at = *text;
    for (*number = 0; digits > 0; digits--, at++) {
        if (*at < '0' || *at > '9')
            return false;
        *number = *number * 10 + (unsigned)(*at - '0');
    }
    if (mark && *at++ != mark)
        return false;
    *text = at;
    return true;
}

static unsigned long read_fraction(const char *text)
{
    unsigned long fraction = 0;
    for (int i = 0; i < 6; i++) {
        bool digit = *text >= '0' && *text <= '9';
        fraction = fraction * 10 + (digit ? (unsigned long)(*text++ - '0') : 0);
    }
    return fraction;
}

bool bide__mysql_read_moment(const char *text, MYSQL_TIME *t)
{
    *t = (MYSQL_TIME){ 0 };
    bool day = read_digits(&text, 4, '-', &t->year) && read_digits(&text, 2, '-', &t->month)
        && read_digits(&text, 2, '\0', &t->day);
    if (!day || !*text)
        return day;
    bool good = *text++ == ' ' && read_digits(&text, 2, ':', &t->hour)
        && read_digits(&text, 2, ':', &t->minute) && read_digits(&text, 2, '\0', &t->second);
    if (good && *text == '.')
        t->second_part = read_fraction(text + 1);
    return good;
}

bool bide__mysql_moment(const MYSQL_TIME *t, bool date, struct bide_value *v)
{
    if (!t->month || !t->day)
        return false;
    int64_t days = bide__moment_days(t->year, (int)t->month, (int)t->day);
    int64_t seconds = ((int64_t)t->hour * 60 + t->minute) * 60 + t->second;
    *v = date ? bide_value_date(days)
              : bide_value_time(days * DAY_US + seconds * 1000000 + (int64_t)t->second_part);
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

size_t bide__mysql_write_moment(const MYSQL_TIME *t, bool date, char text[MYSQL_MOMENT_SIZE])
{
    int size = snprintf(text, MYSQL_MOMENT_SIZE, "%04u-%02u-%02u", t->year % 10000, t->month % 100,
                        t->day % 100);
    if (!date)
        size += snprintf(text + size, MYSQL_MOMENT_SIZE - (size_t)size, " %02u:%02u:%02u",
                         t->hour % 100, t->minute % 100, t->second % 100);
    return (size_t)size;
}

size_t bide__mysql_write_clock(const MYSQL_TIME *t, unsigned digits, char text[MYSQL_MOMENT_SIZE])
{
    int size = snprintf(text, MYSQL_MOMENT_SIZE, "%s%02u:%02u:%02u", t->neg ? "-" : "",
                        t->hour % 1000, t->minute % 100, t->second % 100);
    if (digits == 0 || digits > 6)
        return (size_t)size;
    snprintf(text + size, MYSQL_MOMENT_SIZE - (size_t)size, ".%06lu", t->second_part % 1000000);
    return (size_t)size + 1 + digits;
}

/* ---- from values ----------------------------------------------------------------------------- */

bool bide__mysql_from_date(int64_t days, MYSQL_TIME *t)
{
    int64_t year;
    int month, day;
    bide__moment_day(days, &year, &month, &day);
    *t = (MYSQL_TIME){ .year = (unsigned)year, .month = (unsigned)month, .day = (unsigned)day,
                       .time_type = MYSQL_TIMESTAMP_DATE };
    return year >= 0 && year <= 9999;
}

bool bide__mysql_from_time(int64_t us, MYSQL_TIME *t)
{
    int64_t rest = us % DAY_US + (us % DAY_US < 0 ? DAY_US : 0);
    int64_t days = us / DAY_US - (us % DAY_US < 0);
    unsigned seconds = (unsigned)(rest / 1000000);
    bool good = bide__mysql_from_date(days, t);
    t->hour = seconds / 3600;
    t->minute = seconds / 60 % 60;
    t->second = seconds % 60;
    t->second_part = (unsigned long)(rest % 1000000);
    t->time_type = MYSQL_TIMESTAMP_DATETIME;
    return good;
}
