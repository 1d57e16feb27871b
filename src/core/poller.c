/* Chooses a poller: the one asked for, or the first that opens. */
#include "core/poller.h"
#include <bide/error.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#ifdef BIDE_URING
static const struct poller_ops *const known[] = { &bide__poller_epoll, &bide__poller_poll,
                                                  &bide__poller_ring };
#else
static const struct poller_ops *const known[] = { &bide__poller_epoll, &bide__poller_poll };
#endif
enum { KNOWN = sizeof known / sizeof *known };
static const char ring_name[] = "io_uring";

unsigned bide__poller_meaning(unsigned events)
{
    unsigned ready = 0;
    if (events & (POLLIN | POLLRDHUP | POLLHUP | POLLERR | POLLNVAL))
        ready |= READY_READ;
    if (events & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
        ready |= READY_WRITE;
    if (events & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL))
        ready |= READY_HANGUP;
    return ready;
}

bool bide__poller_is_plain(mode_t mode)
{
    return S_ISREG(mode) || S_ISDIR(mode) || S_ISBLK(mode);
}

static int open_one(struct poller *p, const struct poller_ops *ops)
{
    *p = (struct poller){ .ops = ops, .fd = -1 };
    int rc = ops->open(p);
    return rc < 0 ? bide_fail(rc, "poller %s: %s", ops->name, bide_strerror(rc)) : 0;
}

static int open_first(struct poller *p)
{
    int rc = -ENOSYS;
    for (int i = 0; i < KNOWN && rc < 0; i++)
        rc = open_one(p, known[i]);
    return rc;
}

static const struct poller_ops *find(const char *name)
{
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(name, known[i]->name) == 0)
            return known[i];
    return NULL;
}

int bide__poller_open(struct poller *p, const char *name)
{
    if (!name || !*name)
        return open_first(p);
    const struct poller_ops *ops = find(name);
    if (!ops && strcmp(name, ring_name) == 0)
        return bide_fail(BIDE_EINVAL, "poller io_uring: this build is without liburing");
    if (!ops)
        return bide_fail(BIDE_EINVAL, "no poller is named '%s': epoll, poll or io_uring", name);
    int rc = open_one(p, ops);
    return rc < 0 && strcmp(name, ring_name) == 0 ? open_one(p, &bide__poller_epoll) : rc;
}
