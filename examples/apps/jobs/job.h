/* job.h -- a job and how far it is; the table of all jobs, and the file that they outlive a stop
 * in.
 *
 * The work is counting primes: it computes, so it is done on threads, a slice at a time; between
 * two slices a job can be cancelled, and its progress is told. */
#ifndef JOB_H
#define JOB_H
#include <bide.h>

enum {
    WAITING_MAX = 100,          /* jobs that wait: more are refused */
    ENDED_MAX = 1000,           /* jobs that have ended and are still told of */
    BELOW_MAX = 100000000,
};

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

struct progress {
    enum job_state state;
    int64_t looked_at, found;   /* numbers; primes among them */
};

struct job {
    int64_t id, below;          /* what is asked: how many primes there are below it */
    struct progress progress;
    bide_watch *watch;          /* a struct progress, for those who follow it */
    bide_scope *scope;          /* while it runs */
    size_t followers;           /* it is not forgotten meanwhile */
    char why[128];              /* it failed */
    struct job *next;
};

/* A new job at the end of the table.  NULL: BIDE_ENOMEM. */
struct job *job_add(int64_t below);
/* The one with that number; NULL: there is none. */
struct job *job_find(int64_t id);
/* The first in the table, which is in the order of coming. */
struct job *jobs_first(void);
/* How many wait. */
size_t jobs_waiting(void);
/* Forgets them all. */
void jobs_free(void);

bool job_has_ended(const struct job *job);
/* Changes its state and tells those who follow it. */
void job_set(struct job *job, enum job_state state);
/* Asks it to end: one that waits has ended then, one that runs does so soon. */
void job_cancel(struct job *job);
/* Does its work: 0, BIDE_ECANCELED, ... */
BIDE_WAITS int job_run(struct job *job);
void job_describe(bide_json *told, const struct job *job);

/* Writes down all jobs that have not ended, and reads them again: 0, or < 0. */
BIDE_WAITS int jobs_save(const char *path);
BIDE_WAITS int jobs_load(const char *path);

#endif
