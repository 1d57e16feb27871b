/* Accepting.
 *
 * Out of descriptors or memory, a connection waits in the backlog until some have gone:
 * accepting tries again every PAUSE seconds and says so once.  What belongs to the accepted
 * stream is allocated before, so a connection is never taken that cannot be served. */
#include "core/fd.h"
#include "io/stream.h"
#include "net/address.h"
#include "net/listener.h"
#include <bide/log.h>
#include <bide/task.h>

static const double pause_seconds = 0.1;

static bool is_scarcity(int code)
{
    return code == -EMFILE || code == -ENFILE || code == -ENOBUFS || code == -ENOMEM ||
           code == -ENOSPC;
}

/* The network's errors on the new connection, which Linux reports here. */
static bool is_passing(int code)
{
    return code == -ECONNABORTED || code == -EPROTO || code == -ENETDOWN ||
           code == -ENOPROTOOPT || code == -EHOSTDOWN || code == -ENONET ||
           code == -EHOSTUNREACH || code == -ENETUNREACH;
}

/* What was accepted is watched; its descriptor, or < 0. */
static int take(int fd, struct bide_address *peer)
{
    bool tcp = peer->is.any.sa_family != AF_UNIX;
    bide__address_unmap(peer);
    int rc = bide__fd_watch(fd, READY_WRITE | WATCH_SOCKET | (tcp ? WATCH_STREAM : 0));
    if (rc == 0)
        return fd;
    bide__fd_close(fd);
    return rc;
}

BIDE_WAITS static int accept_one(bide_listener *l, struct bide_address *peer)
{
    peer->size = sizeof peer->is;
    int fd = bide__fd_accept(l->fd, &peer->is.any, &peer->size);
    return fd < 0 ? fd : take(fd, peer);
}

BIDE_WAITS static int wait_for_better_times(bide_listener *l)
{
    if (!l->scarce)
        bide_log(BIDE_LOG_WARNING, "accept: %s: %s; trying again every %g s", l->address,
                 bide_errmsg(), pause_seconds);
    l->scarce = true;
    return bide_sleep(pause_seconds);
}

BIDE_WAITS static int accept_some(bide_listener *l, struct bide_address *peer)
{
    for (;;) {
        int rc = accept_one(l, peer);
        if (rc >= 0)
            l->scarce = false;
        else if (is_scarcity(rc))
            rc = wait_for_better_times(l);
        else if (is_passing(rc))
            continue;
        if (rc < 0 || !l->scarce)
            return rc;
    }
}

/* Memory for the stream is there before a connection is taken. */
BIDE_WAITS static int prepare(bide_listener *l)
{
    while (!l->spare && !(l->spare = bide__socket_stream()))
        if (wait_for_better_times(l) < 0)
            return bide_errcode();
    return 0;
}

int bide__accept_fd(bide_listener *l, struct bide_address *peer)
{
    if (!l)
        return bide_errcode();
    if (l->accepting)
        return bide_fail(BIDE_EBUSY, "accept: another task is doing this here");
    l->accepting = true;
    int fd = accept_some(l, peer);
    l->accepting = false;
    if (fd < 0 && fd != BIDE_ECANCELED)
        bide_within("accept");
    if (l->closed)
        bide__listener_free(l);
    return fd;
}

bide_stream *bide_accept(bide_listener *l)
{
    struct bide_address peer;
    bide_stream *s = NULL;
    if (!l)
        return NULL;
    if (l->accepting) {
        bide_fail(BIDE_EBUSY, "accept: another task is doing this here");
        return NULL;
    }
    l->accepting = true;
    int fd = prepare(l);
    if (fd == 0)
        fd = accept_some(l, &peer);
    l->accepting = false;
    if (fd >= 0) {
        s = bide_steal(l->spare);
        bide__socket_stream_set(s, fd, &peer.is.any);
    } else if (fd != BIDE_ECANCELED) {
        bide_within("accept");
    }
    if (l->closed)
        bide__listener_free(l);
    return s;
}

/* ---- without waiting ---- */

static int accept_now(bide_listener *l, struct bide_address *peer)
{
    int fd;
    do {
        peer->size = sizeof peer->is;
        fd = bide__fd_accept_now(l->fd, &peer->is.any, &peer->size);
    } while (is_passing(fd));
    return fd < 0 ? bide_fail(fd, "%s", bide_strerror(fd)) : take(fd, peer);
}

int bide__accept_fd_now(bide_listener *l, struct bide_address *peer)
{
    if (!l)
        return bide_errcode();
    int fd = l->accepting ? bide_fail(BIDE_EBUSY, "another task is doing this here")
                          : accept_now(l, peer);
    return fd < 0 ? bide_within("accept") : fd;
}

bide_stream *bide_accept_nowait(bide_listener *l)
{
    struct bide_address peer;
    if (l && !l->spare && !(l->spare = bide__socket_stream())) {
        bide_within("accept");
        return NULL;
    }
    int fd = bide__accept_fd_now(l, &peer);
    if (fd < 0)
        return NULL;
    bide_stream *s = bide_steal(l->spare);
    bide__socket_stream_set(s, fd, &peer.is.any);
    return s;
}
