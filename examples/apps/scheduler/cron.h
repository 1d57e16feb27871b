/* cron.h -- when a cron line is due: pure, no clock of its own, nothing that waits.
 *
 * Five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or jan-dec), day
 * of the week (0-7 or sun-sat; 0 and 7 are Sunday).  A field is "*", a number, or a range "9-17",
 * each maybe with a step behind it ("10-50/20"), or several of these with commas.  Or the line is
 * one word: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.  If both days are
 * told (neither field begins with "*"), either will do, as cron has it.
 *
 * Times are the machine's (TZ).  Where the clocks change:
 *   - a time that does not exist (the hour that is left out in spring) is due at the first minute
 *     that exists again: a job for 02:30 is run at 03:00, and not left out for a day;
 *   - a time that exists twice (in autumn) is due the first time alone;
 *   - with "*" as the hour a line means every hour that passes, however it is called. */
#ifndef CRON_H
#define CRON_H
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct cron {
    uint64_t minutes;           /* one bit for each that fits; those below too */
    uint32_t hours, days, months, weekdays;
    bool every_hour;            /* "*" */
    bool either_day;            /* day and weekday are both told */
};

/* Reads a line.  NULL: it is right; else what is wrong with it, a static text. */
const char *cron_read(struct cron *cron, const char *text);
/* The first moment after `after`, a whole minute, at which it is due; -1: never within ten years
 * ("0 0 31 2 *"). */
time_t cron_next(const struct cron *cron, time_t after);

#endif
