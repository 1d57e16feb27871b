/* cli/fetch.h -- what the parts of `bide fetch` share.
 *
 *     fetch_options.c   what was asked for, checked and prepared, before anything begins
 *     fetch.c           the run: workers, helpers, the end
 *     fetch_worker.c    one worker: takes URLs, fetches each, hands over its result
 *     fetch_shared.c    the same with a list that other processes work at, too */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H
#include "cli/hosts.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/ordered.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/rate.h"
#include "cli/request.h"
#include "cli/summary.h"
#include "cli/work_feed.h"
#include "cli/work_lines.h"
#include <bide.h>

/* What the command line says. */
struct fetch_options {
    struct request_options request;     /* first */
    const char *file, *directory;
    size_t jobs, per_host;
    double rate;
    struct work_options work;
    bool ordered, quiet, summary, resume;
};
/* The same, prepared. */
struct fetch_plan {
    struct fetch_options options;
    struct request request;
    int directory;              /* where bodies go; -1: nowhere */
};
/* One run. */
struct fetch {
    const struct fetch_plan *plan;
    bide_session *session;
    bide_group *workers;
    size_t worker_count, idle_count;
    bide_semaphore taking;      /* one at a time waits for input */
    struct input input;
    struct work_queue work;     /* with --queue: where URLs come from, and the input goes to */
    struct work_feed feed;
    struct work_lines lines;
    bool shared;                /* there is such a list */
    struct output output;
    struct ordered ordered;
    struct hosts hosts;
    struct rate rate;
    struct summary summary;
    struct progress progress;
    uint64_t in_flight;
    double started;
    bool stopped;               /* by a signal */
    bool misused;               /* nothing was begun */
    struct bide_error error;    /* why nothing could go on; code 0: it could */
    struct bide_error input_error;
};

/* Reads the command line into the plan and returns how many URLs it moved to argv[0] and
 * on.  < 0: as options_parse(), a sentence was printed. */
int fetch_plan_make(struct fetch_plan *plan, int argc, char **argv);
/* Frees what it holds. */
void fetch_plan_free(struct fetch_plan *plan);
/* Keeps the error now held, unless there was one before or the run is cancelled. */
void fetch_note_error(struct bide_error *first);
/* Tells the phases of a --resume to the one that the running task watches. */
void fetch_trace(void *fetch, const struct bide_trace_event *event);
/* A worker, as a task: takes and fetches URLs until there are no more.  Starts the next
 * worker when it has something to do itself.  < 0: nothing can go on; the failure of a
 * URL is not one. */
BIDE_WAITS int fetch_worker(void *fetch);

/* fetch_shared.c: becomes a worker of the list: 0 or the failure. */
BIDE_WAITS int fetch_shared_join(struct fetch *f);
/* A task: adds the input to the list. */
BIDE_WAITS int fetch_shared_feed(void *fetch);
/* Takes a URL of the list: as work_queue_take(). */
BIDE_WAITS int fetch_shared_take(struct fetch *f, struct input_line *line,
                                 struct work_item **item);
/* Tells the list what became of it, and prints that if it is for us to tell: 0 or the failure. */
BIDE_WAITS int fetch_shared_hand_over(struct fetch *f, struct work_item *item,
                                      const struct result *r);

#endif
