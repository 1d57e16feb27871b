/* schedule.h -- when a job is due: at an interval, or by a cron line.
 *
 *     "every 30s"   "every 1h30m"   "0 3 * * *"   "@hourly"
 *
 * Intervals are counted on the clock that nobody sets, cron lines on the one that people read.
 * Both are seconds here, each on its own clock. */
#ifndef SCHEDULE_H
#define SCHEDULE_H
#include "cron.h"

struct schedule {
    double every;               /* seconds; 0: by the cron line */
    struct cron cron;
};

/* Reads one.  NULL: it is right; else what is wrong, a static text. */
const char *schedule_read(struct schedule *schedule, const char *text);
/* "90", "90s", "500ms", "1h30m", "2d": seconds.  false: it is none, or not above 0. */
bool duration_read(const char *text, double *seconds);

/* What its clock says. */
double schedule_now(const struct schedule *schedule);
/* The first time after `after` when it is due. */
double schedule_next(const struct schedule *schedule, double after);
/* The last time until `now` when it was due, if it was due at `due` before that. */
double schedule_last(const struct schedule *schedule, double due, double now);

#endif
