/* Reading the five fields, and walking a calendar to the next time that fits.
 *
 * The walk leaps over months, days and hours that do not fit, so it takes some hundred steps at
 * worst.  It is made on local time, or, where hours are told, on a calendar without clock
 * changes (UTC, standing for what the clock on the wall shows), whose result is then looked up. */
#include "cron.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { YEARS_MAX = 10 };

/* ---- reading ---- */

struct field {
    int least, most;
    const char *const *names;   /* of least, least + 1, ... */
    const char *wrong;
};

static const char *const month_names[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL,
};
static const char *const day_names[] = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL,
};
static const struct field fields[] = {
    { 0, 59, NULL, "the minute is not right" },
    { 0, 23, NULL, "the hour is not right" },
    { 1, 31, NULL, "the day of the month is not right" },
    { 1, 12, month_names, "the month is not right" },
    { 0, 7, day_names, "the day of the week is not right" },
};

static bool read_number(const struct field *field, const char **at, int *number)
{
    for (int i = 0; field->names && field->names[i]; i++)
        if (strncasecmp(*at, field->names[i], 3) == 0) {
            *at += 3;
            *number = field->least + i;
            return true;
        }
    if (!isdigit((unsigned char)**at))
        return false;
    char *end;
    long value = strtol(*at, &end, 10);
    if (end - *at > 2 || value < field->least || value > field->most)
        return false;
    *at = end;
    *number = (int)value;
    return true;
}

/* One part between commas: "*", "5", "9-17", each maybe with "/2" behind it. */
static bool read_part(const struct field *field, const char **at, uint64_t *bits)
{
    int first = field->least, last = field->most, step = 1;
    bool range = true;
    if (**at == '*') {
        ++*at;
    } else {
        if (!read_number(field, at, &first))
            return false;
        range = **at == '-';
        if (range)
            ++*at;
        last = first;
        if (range && (!read_number(field, at, &last) || last < first))
            return false;
    }
    if (**at == '/') {
        static const struct field steps = { 1, 59, NULL, NULL };
        ++*at;
        if (!read_number(&steps, at, &step))
            return false;
        if (!range)
            last = field->most;         /* "5/15" is from 5 on */
    }
    for (int i = first; i <= last; i += step)
        *bits |= (uint64_t)1 << i;
    return true;
}

static bool read_field(const struct field *field, const char *at, uint64_t *bits)
{
    *bits = 0;
    for (;; at++) {
        if (!read_part(field, &at, bits))
            return false;
        if (*at != ',')
            return *at == '\0';
    }
}

static const char *nickname(const char *text)
{
    static const struct { const char *name, *fields; } known[] = {
        { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
        { "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" }, { "@midnight", "0 0 * * *" },
        { "@hourly", "0 * * * *" },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(text, known[i].name) == 0)
            return known[i].fields;
    return NULL;
}

static const char *read_fields(struct cron *cron, char *text)
{
    uint64_t bits[5];
    bool stars[5];
    char *rest = NULL;
    for (int i = 0; i < 5; i++) {
        char *word = strtok_r(i == 0 ? text : NULL, " \t", &rest);
        if (!word)
            return "there must be five fields: minute, hour, day, month, day of the week";
        if (!read_field(&fields[i], word, &bits[i]))
            return fields[i].wrong;
        stars[i] = word[0] == '*';
    }
    if (strtok_r(NULL, " \t", &rest))
        return "there are more than five fields";
    *cron = (struct cron){
        .minutes = bits[0], .hours = (uint32_t)bits[1], .days = (uint32_t)bits[2],
        .months = (uint32_t)bits[3], .weekdays = (uint32_t)(bits[4] | (bits[4] >> 7 & 1)),
        .every_hour = bits[1] == (1 << 24) - 1, .either_day = !stars[2] && !stars[4],
    };
    return NULL;
}

const char *cron_read(struct cron *cron, const char *text)
{
    char copy[128];
    const char *named = text[0] == '@' ? nickname(text) : text;
    if (!named)
        return "there is no such word; @hourly, @daily, @weekly, @monthly, @yearly";
    if (strlen(named) >= sizeof copy)
        return "it is too long";
    return read_fields(cron, strcpy(copy, named));
}

/* ---- walking ---- */

/* A calendar: from moments to what a clock shows, and back. */
struct calendar {
    struct tm *(*show)(const time_t *moment, struct tm *shown);
    time_t (*find)(struct tm *shown);
};

static time_t find_local(struct tm *shown)
{
    shown->tm_isdst = -1;
    return mktime(shown);
}

static const struct calendar wall = { localtime_r, find_local };
static const struct calendar plain = { gmtime_r, timegm };

static bool day_fits(const struct cron *cron, const struct tm *shown)
{
    bool day = cron->days >> shown->tm_mday & 1, weekday = cron->weekdays >> shown->tm_wday & 1;
    return cron->either_day ? day || weekday : day && weekday;
}

/* The beginning of that month, day of the month and hour; later than `at` in any case. */
static time_t leap(const struct calendar *calendar, time_t at, int month, int day,
                   const struct tm *shown)
{
    struct tm to = { .tm_year = shown->tm_year, .tm_mon = month, .tm_mday = day };
    time_t found = calendar->find(&to);
    return found > at ? found : at + 60;
}

/* The first moment after `after` that fits. */
static time_t walk(const struct cron *cron, const struct calendar *calendar, time_t after)
{
    struct tm now;
    time_t at = after - after % 60 + 60;
    calendar->show(&at, &now);
    for (int last_year = now.tm_year + YEARS_MAX; now.tm_year <= last_year;) {
        if (!(cron->months >> (now.tm_mon + 1) & 1))
            at = leap(calendar, at, now.tm_mon + 1, 1, &now);
        else if (!day_fits(cron, &now))
            at = leap(calendar, at, now.tm_mon, now.tm_mday + 1, &now);
        else if (!(cron->hours >> now.tm_hour & 1))
            at += (60 - now.tm_min) * 60;
        else if (!(cron->minutes >> now.tm_min & 1))
            at += 60;
        else
            return at;
        calendar->show(&at, &now);
    }
    return -1;
}

static time_t as_plain(time_t moment)
{
    struct tm shown;
    localtime_r(&moment, &shown);
    return timegm(&shown);
}

/* The first moment at which the clock on the wall shows that; if it never does, the first one at
 * which it shows something later. */
static time_t look_up(time_t shown)
{
    time_t found = -1;
    for (int summer = 1; summer >= 0; summer--) {
        struct tm tm;
        gmtime_r(&shown, &tm);
        tm.tm_isdst = summer;
        time_t moment = mktime(&tm);
        if (moment != -1 && as_plain(moment) == shown && (found == -1 || moment < found))
            found = moment;
    }
    if (found != -1)
        return found;
    struct tm tm;
    gmtime_r(&shown, &tm);
    time_t moment = find_local(&tm) - 3 * 3600;         /* clocks change by less */
    while (as_plain(moment) < shown)
        moment += 60;
    return moment;
}

time_t cron_next(const struct cron *cron, time_t after)
{
    if (cron->every_hour)
        return walk(cron, &wall, after);
    for (time_t shown = as_plain(after);;) {
        shown = walk(cron, &plain, shown);
        if (shown == -1)
            return -1;
        time_t moment = look_up(shown);
        if (moment > after)
            return moment;              /* else it was shown before, and was due then */
    }
}
