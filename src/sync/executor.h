/* Threads for what blocks: a crowd of them (an executor) takes jobs, first come, first served.
 *
 * A job is memory of whoever wants it done, usually on the stack of a task that waits; so
 * handing one over never allocates, and the line of those who wait may be as long as it likes.
 * A thread starts when a job comes and none is idle, until there are as many as the executor
 * may have; an idle one ends after some seconds.  A new job goes straight to the thread that was
 * busy last.  All signals are blocked in them but those that are a thread's own fault.
 *
 * The process has three executors of its own, so that what blocks for long (names) keeps neither
 * files waiting nor the program's jobs. */
#ifndef SYNC_EXECUTOR_H
#define SYNC_EXECUTOR_H
#include <bide/run.h>
#include <pthread.h>
#include <stdatomic.h>
BIDE_BEGIN_                     /* bide-sqlite submits too: bide.map, BIDE_PRIVATE */

struct job {
    struct job *next, *prev;    /* in the queue, a ring */
    /* On a thread of the executor's. */
    void (*work)(struct job *job);
    /* After it, on the same thread, which does not look at the job any more: it may free it, or
     * post it to a loop.  NULL: nothing. */
    void (*done)(struct job *job);
    /* Instead of both: the executor was freed before the job had begun.  NULL: nothing. */
    void (*refuse)(struct job *job);
    const char *name;           /* for reports; static */
    bool bounded;               /* queue_max counts it: nobody waits for it */
    bool queued;                /* under the executor's lock */
    atomic_bool cancelled;      /* its token; set by anybody who knows that it is there still */
};

enum executor_use { EXECUTOR_NAMES, EXECUTOR_FILES, EXECUTOR_USER };
typedef struct bide_executor executor;

/* fn(arg) on a thread of one of the process's: its result, with the error it held.
 *
 * Returns only when fn has, so arg may be local.  Cancelled while the job still waits: it is
 * taken out, BIDE_ECANCELED.  Cancelled while it runs: its token is set, and the result is
 * returned whatever it is; the next marked call then fails. */
BIDE_WAITS int bide__executor_run(enum executor_use use, bide_fn *fn, void *arg);

/* One of the process's. */
executor *bide__executor_of(enum executor_use use);
/* For jobs that no task waits for, from any thread.  Only work, done, refuse and name need be
 * set; the rest is zero.  0, or < 0 with the error held: BIDE_ECLOSED, BIDE_EAGAIN, or there is no
 * thread and none can be started. */
int bide__executor_submit(executor *x, struct job *job);
/* Takes out a job that has not begun: true; it is the caller's again.  Else false. */
bool bide__executor_take_back(executor *x, struct job *job);
/* The job that runs on this thread; NULL: it is no executor's. */
struct job *bide__executor_job(void);
/* The error held when fn returned rc < 0, made to fit it. */
void bide__executor_error(int rc, struct bide_error *error);

BIDE_END_
#endif
