/* Intervals and cron lines behind one front. */
#include "schedule.h"
#include <bide.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double unit_of(const char **at)
{
    static const struct { const char *name; double seconds; } units[] = {
        { "ms", 0.001 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(*at, units[i].name, size) == 0 && !isalpha((unsigned char)(*at)[size])) {
            *at += size;
            return units[i].seconds;
        }
    }
    return **at == '\0' ? 1 : 0;
}

bool duration_read(const char *text, double *seconds)
{
    double sum = 0;
    while (*text) {
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        double number = strtod(text, &end);
        text = end;
        double unit = unit_of(&text);
        if (unit == 0)
            return false;
        sum += number * unit;
    }
    *seconds = sum;
    return sum > 0 && sum < 1e9;
}

const char *schedule_read(struct schedule *schedule, const char *text)
{
    schedule->every = 0;
    if (strncmp(text, "every ", 6) == 0)
        return duration_read(text + 6, &schedule->every) ? NULL
            : "not a time: every 30s, every 1h30m";
    const char *wrong = cron_read(&schedule->cron, text);
    if (!wrong && cron_next(&schedule->cron, time(NULL)) == -1)
        return "there is no such day";
    return wrong;
}

double schedule_now(const struct schedule *schedule)
{
    struct timespec now;
    if (schedule->every > 0)
        return bide_now();
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double schedule_next(const struct schedule *schedule, double after)
{
    if (schedule->every > 0)
        return after + schedule->every;
    return (double)cron_next(&schedule->cron, (time_t)floor(after));
}

double schedule_last(const struct schedule *schedule, double due, double now)
{
    if (schedule->every > 0)
        return due + floor((now - due) / schedule->every) * schedule->every;
    for (double next; (next = schedule_next(schedule, due)) <= now;)
        due = next;
    return due;
}
