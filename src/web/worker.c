/* A worker's life: it begins, accepts, and ends well.
 *
 * Two groups: the front is cancelled with the caller; what serves lies behind a shield, so that a
 * cancelled worker can still give running requests their grace. */
#include "web/worker.h"

#include "io/buffers.h"
#include "net/listener.h"
#include "web/connection.h"
#include "web/file_cache.h"
#include "web/lifecycle.h"
#include "web/run.h"

#include <bide/task.h>

struct door {
    struct bide_worker *worker;
    size_t site;
    bide_listener *listener;
    bool borrowed;
};

/* With a place of the run's room; who would have none waits in the backlog, as long as it goes. */
BIDE_WAITS static int accept_one(struct door *door, struct bide_address *from)
{
    int rc = bide__room_wait(door->worker);
    int fd = rc == 0 ? bide__accept_fd(door->listener, from) : rc;
    if (fd < 0)
        return fd;
    rc = bide__room_take(door->worker);
    if (rc == 0)
        return fd;
    bide__fd_close(fd);
    return rc;
}

/* Until it is cancelled or cannot accept any more. */
static int keep_door(void *arg)
{
    struct door *door = arg;
    struct bide_worker *worker = door->worker;
    struct bide_address from;
    for (;;) {
        int fd = accept_one(door, &from);
        if (fd < 0)
            return fd;
        bide__connection_accept(worker, fd, (unsigned)door->site, &from);
    }
}

/* Who is in the backlog has been told that it is connected, and may have asked for something. */
static void let_in_the_last(struct door *door)
{
    struct bide_address from;
    for (int i = 0; i < LISTEN_BACKLOG && bide__room_take_now(door->worker); i++) {
        int fd = bide__accept_fd_now(door->listener, &from);
        if (fd < 0) {
            bide__room_leave(door->worker);
            return;
        }
        bide__connection_accept(door->worker, fd, (unsigned)door->site, &from);
    }
}

static void close_door(void *arg)
{
    struct door *door = arg;
    const struct site *site = &door->worker->run->sites[door->site];
    if (site->own && !site->inherited)
        let_in_the_last(door);
    if (!door->borrowed)
        bide_listener_close(door->listener);
}

static int open_door(struct bide_worker *worker, size_t site)
{
    struct door door = { .worker = worker, .site = site };
    door.listener = bide__run_listen(worker->run, site, worker->index, &door.borrowed);
    if (!door.listener)
        return bide_errcode();
    return bide_spawn(worker->front, keep_door, &door, .copy = sizeof door, .drop = close_door);
}

static int stop_when_told(void *arg)
{
    struct bide_worker *worker = arg;
    int rc = bide_event_wait(&worker->stop);
    if (rc == 0)
        bide_group_cancel(worker->front);
    return rc;
}

static int open_doors(void *arg)
{
    struct bide_worker *worker = arg;
    int rc = bide__lifecycle_begin(worker);
    for (size_t i = 0; rc == 0 && i < worker->run->site_count; i++)
        rc = open_door(worker, i);
    if (rc == 0)
        bide__run_begun(worker->run);
    return rc;
}

BIDE_WAITS static int tell_of_shutdown(struct bide_worker *worker)
{
    BIDE_TIMEOUT(limit, worker->serving->cleanup);
    return bide__lifecycle_shutdown(worker);
}

/* No new requests; those that run get their time, then they are cancelled. */
BIDE_WAITS static int end_requests(struct bide_worker *worker)
{
    double until = bide_now() + worker->serving->grace;
    worker->stopping = true;
    bide_ignore(bide__connections_dismiss(worker));
    bide_ignore(tell_of_shutdown(worker));
    if (until > bide_now()) {
        BIDE_TIMEOUT(limit, until - bide_now());
        bide_ignore(bide_group_wait(worker->busy));
    }
    bide_group_cancel(worker->busy);
    bide_ignore(bide_group_wait(worker->busy));
    int rc = bide__connections_end(worker);
    bide_ignore(bide__background_end(worker, until - bide_now()));
    return rc;
}

BIDE_WAITS static int end_lifecycle(struct bide_worker *worker)
{
    BIDE_TIMEOUT(limit, worker->serving->cleanup);
    return bide__lifecycle_end(worker);
}

BIDE_WAITS static int serve(struct bide_worker *worker)
{
    BIDE_GROUP(front);
    BIDE_SHIELD(shelter, BIDE_FOREVER);
    BIDE_KEEP_GOING(busy);
    worker->front = front;
    worker->busy = busy;
    bide_spawn(front, stop_when_told, worker);
    bide_spawn(front, open_doors, worker);
    int rc = bide_group_wait(front);
    BIDE_KEEP_ERROR(why);
    bide__run_shut(worker->run);
    bide_ignore(end_requests(worker));
    bide_ignore(end_lifecycle(worker));
    return rc;
}

int bide__worker_serve(struct bide_worker *worker)
{
    worker->alarm.fn = bide__connections_ring;
    int rc = bide__run_enter(worker->run, worker);
    if (rc < 0)
        return rc;
    bide__buffers_hold();       /* so that connections find theirs warm */
    rc = serve(worker);
    bide__run_leave(worker->run, worker);
    bide__worker_free_spares(worker);
    bide__memo_end(&worker->memo);
    bide__request_memo_end(&worker->known);
    bide__file_cache_free(worker->files);
    bide__buffers_drop();
    return rc;
}
