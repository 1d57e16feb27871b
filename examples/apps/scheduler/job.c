/* Waiting until a job is due, and running it. */
#include "action.h"
#include "job.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The clock on the wall may be set while we sleep; so we look at it again at least this often. */
enum { LOOK_AGAIN = 30 };

static double wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Programs print what they like; what is shown as JSON has to be UTF-8. */
void job_say(struct job *job, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(job->said, sizeof job->said, fmt, args);
    va_end(args);
    for (char *at = job->said; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

/* Sets when it is due next, given when it was due last.  What was missed is skipped, or the last
 * of it is due at once. */
static void set_due(struct job *job)
{
    double now = schedule_now(&job->schedule);
    double next = schedule_next(&job->schedule, job->due);
    if (next > now) {
        job->due = next;
        return;
    }
    double last = schedule_last(&job->schedule, next, now);
    job->skipped += !job->queue || last > next;
    job->due = job->queue ? last : schedule_next(&job->schedule, last);
}

/* Spreads what is due at the same second on many machines, or in many jobs. */
static double drawn(double jitter)
{
    return jitter * ((double)random() / (double)RAND_MAX);
}

/* 1: it is due; 0: somebody wants it now, and it stays due as it was; < 0: cancelled. */
BIDE_WAITS static int wait_until_due(struct job *job)
{
    double start = job->due + drawn(job->jitter);
    for (;;) {
        double left = start - schedule_now(&job->schedule);
        if (left <= 0)
            return 1;
        job->begins = wall_clock() + left;
        int first = bide_select(BIDE_ON_EVENT(&job->wanted),
                                BIDE_AFTER(left < LOOK_AGAIN ? left : LOOK_AGAIN));
        if (first < 0)
            return first;
        if (first == 0) {
            bide_event_clear(&job->wanted);
            return 0;
        }
    }
}

BIDE_WAITS static int run_within_time(struct job *job)
{
    BIDE_TIMEOUT(limit, job->timeout);
    return bide_scope_result(limit, job->action->run(job));
}

/* A run that fails is told of, and ends nothing. */
BIDE_WAITS static int run(struct job *job)
{
    double start = bide_now();
    job->running = true;
    job->began = wall_clock();
    job->said[0] = '\0';
    int rc = run_within_time(job);
    job->running = false;
    job->took = bide_now() - start;
    if (rc < 0 && bide_cancelled()) {
        job_say(job, "stopped");
        return rc;
    }
    job->runs++;
    job->well = rc >= 0;
    if (rc < 0) {
        job->failed++;
        job_say(job, "%s", bide_errmsg());
        bide_log(BIDE_LOG_WARNING, "%s: %s", job->name, job->said);
    }
    return 0;
}

int job_look_after(void *arg)
{
    struct job *job = arg;
    job->due = schedule_now(&job->schedule);
    set_due(job);
    for (;;) {
        int rc = wait_until_due(job);
        bool on_time = rc == 1;
        if (rc >= 0)
            rc = run(job);
        if (rc < 0)
            return rc;
        if (on_time)
            set_due(job);
    }
}
