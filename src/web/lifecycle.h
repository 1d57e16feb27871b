/* What an application starts and ends with each worker: contexts, hooks, background tasks.
 *
 * A context is a task of its own that stops in bide_context_hold() until it is to end.  They hold
 * in the order of adding, and end in reverse.  Their groups are sheltered: who cancels the run does
 * not cancel them, for requests that still have their grace need what they set up. */
#ifndef BIDE_WEB_LIFECYCLE_H
#define BIDE_WEB_LIFECYCLE_H

#include <bide/app.h>

/* Something that an application was told to start, or to call. */
enum part_kind {
    PART_CONTEXT,
    PART_STARTUP,
    PART_SHUTDOWN,
    PART_CLEANUP,
    PART_BACKGROUND,
};

struct part {
    struct part *next;          /* in the order of adding */
    enum part_kind kind;
    bide_context *fn;
    void *arg;
};

/* A worker's.  All zero: nothing has begun. */
struct lifecycle {
    bide_group *contexts, *background, *requests;
    struct running_context *running;    /* the last one that holds */
    struct worker_kept *kept;   /* by bide_worker_set() */
    bool hooks_begun;           /* so that those for the clean-up are called */
    bool begun;                 /* all of it; so that those for the stop are */
    uint64_t ids;               /* for requests: a random number's state */
};

/* Contexts until all hold, then the hooks for the start, then, in the first worker, background
 * tasks.  < 0: one has failed, and what had begun has been ended. */
BIDE_WAITS int bide__lifecycle_begin(bide_worker *worker);
/* The hooks for the stop: their failures are logged. */
BIDE_WAITS int bide__lifecycle_shutdown(bide_worker *worker);
/* Waits so many seconds for what requests have spawned in the background, then cancels it.  No
 * request may be left. */
BIDE_WAITS int bide__background_end(bide_worker *worker, double grace);
/* Background tasks, the hooks for the clean-up, contexts in reverse.  What is around it limits
 * its time: then all of them are cancelled, and still joined.  0, or the first failure. */
BIDE_WAITS int bide__lifecycle_end(bide_worker *worker);

/* What bide_worker_set() has kept is forgotten. */
void bide__worker_forget(bide_worker *worker);

#endif
