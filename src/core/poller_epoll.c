/* epoll, edge-triggered: each descriptor is registered once, for everything, so no call stands
 * on the hot path. */
#include "base/memory.h"
#include "base/sys.h"
#include "base/timespec.h"
#include "core/poller.h"
#include <errno.h>

enum { BATCH = 256 };

static int epoll_open(struct poller *p)
{
    p->state = bide__alloc(BATCH * sizeof(struct epoll_event));
    if (!p->state)
        return -ENOMEM;
    p->fd = bide__sys.epoll_create1(EPOLL_CLOEXEC);
    if (p->fd >= 0)
        return 0;
    int rc = -errno;
    bide__free(p->state);
    return rc;
}

static void epoll_close(struct poller *p)
{
    bide__sys.close(p->fd);
    bide__free(p->state);
}

static int epoll_watch(struct poller *p, int fd, uint32_t generation, bool pollable)
{
    (void)pollable;
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                             .data.u64 = (uint64_t)generation << 32 | (uint32_t)fd };
    if (bide__sys.epoll_ctl(p->fd, EPOLL_CTL_ADD, fd, &e) == 0)
        return 0;
    return -errno;
}

/* Closing the descriptor takes it out by itself, unless it was duplicated; then stale events
 * are told apart by their generation. */
static void epoll_unwatch(struct poller *p, int fd, int closing)
{
    struct epoll_event e = { .events = 0 };
    if (!closing)
        bide__sys.epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, &e);
}

static unsigned meaning(uint32_t events)
{
    unsigned ready = 0;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        ready |= READY_READ;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        ready |= READY_WRITE;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        ready |= READY_HANGUP;
    return ready;
}

static int wait_for_events(struct poller *p, int64_t timeout_ns, struct poller_event *events,
                           int max)
{
    struct epoll_event *batch = p->state;
    struct timespec limit = timespec_of(timeout_ns);
    int n = bide__sys.epoll_wait(p->fd, batch, max < BATCH ? max : BATCH,
                                 timeout_ns < 0 ? NULL : &limit);
    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++)
        events[i] = (struct poller_event){ .fd = (int)(uint32_t)batch[i].data.u64,
                                           .generation = (uint32_t)(batch[i].data.u64 >> 32),
                                           .ready = meaning(batch[i].events) };
    return n;
}

const struct poller_ops bide__poller_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close,
    .watch = epoll_watch,
    .unwatch = epoll_unwatch,
    .wait = wait_for_events,
};
