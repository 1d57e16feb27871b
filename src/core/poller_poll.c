/* poll(2), for systems without epoll, and to prove the contract.  It knows only levels, so a
 * descriptor is asked about only while somebody waits for it, and no longer once that was
 * told. */
#include "base/memory.h"
#include "base/sys.h"
#include "base/timespec.h"
#include "core/poller.h"
#include <errno.h>

struct table {
    struct pollfd *asked;       /* fd < 0: nobody waits for it now */
    uint32_t *generations;
    int count, room;
    int from;                   /* where the next batch begins, so that no descriptor starves */
};

static int poll_open(struct poller *p)
{
    p->state = bide__zalloc(sizeof(struct table));
    return p->state ? 0 : -ENOMEM;
}

static void poll_close(struct poller *p)
{
    struct table *t = p->state;
    bide__free(t->asked);
    bide__free(t->generations);
    bide__free(t);
}

static int find(const struct table *t, int fd)
{
    for (int i = 0; i < t->count; i++)
        if (t->asked[i].fd == fd || t->asked[i].fd == ~fd)
            return i;
    return -1;
}

static int grow(struct table *t)
{
    int room = t->room ? t->room * 2 : 16;
    struct pollfd *asked = bide__resize(t->asked, (size_t)room * sizeof *asked);
    if (!asked)
        return -ENOMEM;
    t->asked = asked;
    uint32_t *generations = bide__resize(t->generations, (size_t)room * sizeof *generations);
    if (!generations)
        return -ENOMEM;
    t->generations = generations;
    t->room = room;
    return 0;
}

static int check(int fd)
{
    struct stat st;
    if (bide__sys.fstat(fd, &st) < 0)
        return -errno;
    return bide__poller_is_plain(st.st_mode) ? -EPERM : 0;
}

/* ~fd keeps the number and is negative, so poll(2) passes over it. */
static int poll_watch(struct poller *p, int fd, uint32_t generation, bool pollable)
{
    struct table *t = p->state;
    int rc = pollable ? 0 : check(fd);
    if (rc < 0)
        return rc;
    if (find(t, fd) >= 0)
        return -EEXIST;
    if (t->count == t->room && grow(t) < 0)
        return -ENOMEM;
    t->asked[t->count] = (struct pollfd){ .fd = ~fd };
    t->generations[t->count++] = generation;
    return 0;
}

static void poll_unwatch(struct poller *p, int fd, int closing)
{
    struct table *t = p->state;
    int i = find(t, fd);
    (void)closing;
    if (i < 0)
        return;
    t->asked[i] = t->asked[--t->count];
    t->generations[i] = t->generations[t->count];
}

static int poll_want(struct poller *p, int fd, uint32_t generation, unsigned ready)
{
    struct table *t = p->state;
    int i = find(t, fd);
    (void)generation;
    if (i < 0)
        return -ENOENT;
    t->asked[i].fd = fd;
    t->asked[i].events |= (short)((ready & READY_READ ? POLLIN | POLLRDHUP : 0) |
                                  (ready & READY_WRITE ? POLLOUT : 0));
    return 0;
}

static void take(struct pollfd *asked, uint32_t generation, struct poller_event *event)
{
    unsigned ready = bide__poller_meaning((unsigned short)asked->revents);
    *event = (struct poller_event){ .fd = asked->fd, .generation = generation, .ready = ready };
    if (ready & READY_READ)
        asked->events &= (short)~(POLLIN | POLLRDHUP);
    if (ready & READY_WRITE)
        asked->events &= (short)~POLLOUT;
    if (!asked->events)
        asked->fd = ~asked->fd;
}

static int wait_for_events(struct poller *p, int64_t timeout_ns, struct poller_event *events,
                           int max)
{
    struct table *t = p->state;
    struct timespec limit = timespec_of(timeout_ns);
    int n = bide__sys.poll(t->asked, (nfds_t)t->count, timeout_ns < 0 ? NULL : &limit);
    if (n < 0)
        return -errno;
    int filled = 0, looked = 0;
    for (; looked < t->count && filled < max; looked++) {
        int i = (t->from + looked) % t->count;
        if (t->asked[i].fd >= 0 && t->asked[i].revents)
            take(&t->asked[i], t->generations[i], &events[filled++]);
    }
    t->from = t->count ? (t->from + looked) % t->count : 0;
    return filled;
}

const struct poller_ops bide__poller_poll = {
    .name = "poll",
    .open = poll_open,
    .close = poll_close,
    .watch = poll_watch,
    .unwatch = poll_unwatch,
    .want = poll_want,
    .wait = wait_for_events,
};
