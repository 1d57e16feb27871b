/* job.h -- one job: when, what, how it is kept from getting in its own way, and how it went.
 *
 * A task of its own looks after each job, and runs it: so a job never overlaps itself.  What
 * falls due while it runs is dropped (skip), or made up for, once, when it has ended (queue). */
#ifndef JOB_H
#define JOB_H
#include "schedule.h"
#include <bide.h>

enum { JOB_WORDS_MAX = 32 };

struct action;

struct job {
    /* What the configuration says. */
    char *name, *when;
    struct schedule schedule;
    const struct action *action;
    char *words[JOB_WORDS_MAX];         /* of the action, its name first, NULL behind */
    size_t count;
    double timeout, jitter;             /* seconds */
    bool queue;                         /* else skip */
    struct job *next;

    /* How it goes. */
    double due;                         /* on the schedule's clock */
    double begins;                      /* the next run, jitter and all, on the clock on the wall */
    bide_event wanted;                  /* somebody wants it now */
    bool running;
    size_t runs, failed, skipped;
    double began, took;                 /* the last run, on the clock on the wall; seconds */
    bool well;                          /* it went well */
    char said[200];                     /* by its action, or why it failed */
};

/* Looks after a job until it is cancelled: a task. */
int job_look_after(void *job);
/* For actions: what a run has to tell. */
void job_say(struct job *job, const char *fmt, ...) BIDE_PRINTF_(2, 3);

#endif
