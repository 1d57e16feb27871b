/* A run of an application: its sites, options and workers.
 *
 * Workers' threads and who stops the run from outside share it; the last of them frees it.  What
 * changes in it is changed under one lock for all runs, taken at starts and stops only. */
#ifndef BIDE_WEB_RUN_H
#define BIDE_WEB_RUN_H

#include "core/post.h"
#include "web/admission.h"
#include "web/room.h"
#include "web/worker.h"

#include <bide/loop.h>
#include <stdatomic.h>

enum { SITES_MAX = 64, WORKERS_MAX = 1024 };

struct site {
    bide_listener *given;       /* or NULL */
    bide_listener *own;         /* or NULL; of the loop that called bide_app_run() */
    bide_tls *tls;
    bool inherited;             /* own is a duplicate of what others have open as well */
};

/* A worker as others see it. */
struct place {
    bide_loop *loop;            /* NULL: it is not running */
    struct bide_worker *worker;
    struct run *run;
    struct post stop;           /* tells it, once; holds the run while it is on its way */
    struct post room;           /* the same when there is room again, as often as it was wanted */
    bool wants_room, room_told; /* web/room.h: under its lock */
};

struct run {
    struct run *next;           /* among all that run */
    bide_app *app;
    struct serving serving;
    struct networks *trusted;   /* proxies */
    struct access_format *access_format;        /* NULL: none */
    struct site sites[SITES_MAX];
    size_t site_count;
    struct place *places;
    unsigned workers, begun;
    struct room room;
    struct admission admission;
    atomic_uint references;
    atomic_uint accepting;      /* workers that have not yet stopped to */
    bool stopping;              /* by bide_app_stop() */
    void (*listening)(void *arg, const char *address);
    void *listening_arg;
};

/* One from options; NULL with the error held. */
struct run *bide__run_new(bide_app *app, const struct bide_app_run_opts *opts);
/* Ends the sites, and lets go. */
void bide__run_free(struct run *run);
/* Keeps its memory, on any thread; the last to drop it frees it. */
void bide__run_hold(struct run *run);
void bide__run_drop(struct run *run);
/* A worker comes, and goes.  Enter: 0 or < 0 with the error held. */
int bide__run_enter(struct run *run, struct bide_worker *worker);
void bide__run_leave(struct run *run, struct bide_worker *worker);
/* A worker is ready to accept: the last one of them tells where the run listens, unless one has
 * stopped already. */
void bide__run_begun(struct run *run);
/* A worker's listener for a site; NULL with the error held.  *borrowed: it is not to be closed. */
bide_listener *bide__run_listen(struct run *run, size_t site, unsigned worker, bool *borrowed);
/* A worker accepts no more; with the last of them the sites are shut. */
void bide__run_shut(struct run *run);

#endif
