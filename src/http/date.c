/* The calendar, without the C library's: that one looks at locales and time zones. */
#include "http/date.h"

#include <string.h>

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct date {
    int64_t day;                /* since 1970-01-01 */
    unsigned year, month, day_of_month;     /* month from 1 */
};

/* Years begin in March here, so that the leap day is a year's last. */
int64_t bide__date_days(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month <= 2 ? year - 1 : year;
    unsigned era = y / 400, of_era = y % 400;
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_from_days(struct date *date, int64_t day)
{
    unsigned since = (unsigned)(day + 719468);
    unsigned era = since / 146097, of_era = since % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    date->day = day;
    date->day_of_month = of_year - (153 * month + 2) / 5 + 1;
    date->month = month < 10 ? month + 3 : month - 9;
    date->year = year + era * 400 + (date->month <= 2);
}

static void put_digits(char *out, unsigned count, unsigned number)
{
    while (count > 0) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void bide__date_write(char out[DATE_SIZE], int64_t seconds)
{
    struct date date;
    unsigned rest = (unsigned)(seconds % 86400);
    date_from_days(&date, seconds / 86400);
    memcpy(out, "Xxx, 00 Xxx 0000 00:00:00 GMT", DATE_SIZE);
    memcpy(out, days + (date.day + 4) % 7 * 3, 3);
    put_digits(out + 5, 2, date.day_of_month);
    memcpy(out + 8, months + (date.month - 1) * 3, 3);
    put_digits(out + 12, 4, date.year);
    put_digits(out + 17, 2, rest / 3600);
    put_digits(out + 20, 2, rest / 60 % 60);
    put_digits(out + 23, 2, rest % 60);
}

static bool number_at(struct text text, size_t at, size_t count, unsigned *number)
{
    uint64_t value;
    if (!bide__text_number(text_of(text.at + at, count), &value))
        return false;
    *number = (unsigned)value;
    return true;
}

unsigned bide__date_month(const char name[3])
{
    for (unsigned i = 0; i < 12; i++) {
        const char *month = months + 3 * i;
        if (char_lower(name[0]) == char_lower(month[0]) && char_lower(name[1]) == month[1] &&
            char_lower(name[2]) == month[2])
            return i + 1;
    }
    return 0;
}

bool bide__date_read(struct text text, int64_t *seconds)
{
    unsigned day, year, hour, minute, second;
    if (text.size != DATE_SIZE || memcmp(text.at + 25, " GMT", 4) != 0 ||
        text.at[19] != ':' || text.at[22] != ':')
        return false;
    unsigned month = bide__date_month(text.at + 8);
    if (!number_at(text, 5, 2, &day) || !number_at(text, 12, 4, &year) ||
        !number_at(text, 17, 2, &hour) || !number_at(text, 20, 2, &minute) ||
        !number_at(text, 23, 2, &second))
        return false;
    if (month == 0 || memcmp(text.at + 8, months + 3 * (month - 1), 3) != 0)
        return false;
    if (day < 1 || day > 31 || year < 1970 || hour > 23 || minute > 59 || second > 60)
        return false;
    *seconds = bide__date_days(year, month, day) * 86400 +
               (int64_t)hour * 3600 + (int64_t)minute * 60 + (int64_t)second;
    return true;
}
