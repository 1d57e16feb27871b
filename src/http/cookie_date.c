/* Reading a cookie's date (RFC 6265bis, section 5.1.1): words in any order, the first that looks
 * like a time is the time, and so for the day, the month and the year; all others mean nothing,
 * the weekday and the zone among them.  It is always GMT. */
#include "http/cookie_date.h"

#include "http/date.h"

struct parts {
    bool has_time, has_day, has_month, has_year;
    unsigned hour, minute, second, day, month, year;
};

static bool is_delimiter(char c)
{
    uint8_t byte = (uint8_t)c;
    return byte == '\t' || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
           (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/* least to most digits with no further digit behind them; *at goes past them. */
static bool read_number(const char **at, const char *end, unsigned least, unsigned most,
                        unsigned *number)
{
    unsigned count = 0, sum = 0;
    while (*at < end && char_is(**at, CHAR_DIGIT) && count < most) {
        sum = sum * 10 + (unsigned)(*(*at)++ - '0');
        count++;
    }
    *number = sum;
    return count >= least && (*at == end || !char_is(**at, CHAR_DIGIT));
}

static bool read_time(struct parts *p, struct text word)
{
    const char *at = word.at, *end = word.at + word.size;
    unsigned fields[3];
    for (unsigned i = 0; i < 3; i++) {
        if (i > 0 && (at == end || *at++ != ':'))
            return false;
        if (!read_number(&at, end, 1, 2, &fields[i]))
            return false;
    }
    p->hour = fields[0];
    p->minute = fields[1];
    p->second = fields[2];
    return true;
}

static bool is_number(struct text word, unsigned least, unsigned most, unsigned *number)
{
    const char *at = word.at;
    unsigned value;
    if (!read_number(&at, word.at + word.size, least, most, &value))
        return false;
    *number = value;
    return true;
}

static void take(struct parts *p, struct text word)
{
    if (!p->has_time && (p->has_time = read_time(p, word)))
        return;
    if (!p->has_day && (p->has_day = is_number(word, 1, 2, &p->day)))
        return;
    if (!p->has_month && word.size >= 3 && (p->month = bide__date_month(word.at)) > 0) {
        p->has_month = true;
        return;
    }
    if (!p->has_year)
        p->has_year = is_number(word, 2, 4, &p->year);
}

static unsigned days_of(unsigned month, unsigned year)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2)
        return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool judge(struct parts *p)
{
    if (!p->has_time || !p->has_day || !p->has_month || !p->has_year)
        return false;
    if (p->year < 100)
        p->year += p->year >= 70 ? 1900 : 2000;
    return p->year >= 1601 && p->day >= 1 && p->day <= days_of(p->month, p->year) &&
           p->hour <= 23 && p->minute <= 59 && p->second <= 59;
}

bool bide__cookie_date(struct text text, int64_t *seconds)
{
    struct parts p = { 0 };
    const char *at = text.at, *end = text.at + text.size;
    while (at < end) {
        const char *start = at;
        while (at < end && !is_delimiter(*at))
            at++;
        if (at > start)
            take(&p, text_of(start, (size_t)(at - start)));
        else
            at++;
    }
    if (!judge(&p))
        return false;
    *seconds = bide__date_days(p.year, p.month, p.day) * 86400 +
               (int64_t)p.hour * 3600 + (int64_t)p.minute * 60 + (int64_t)p.second;
    return true;
}
