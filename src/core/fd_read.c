/* Reading from a descriptor; where the poller receives by itself, what it has received comes
 * first. */
#include "base/sys.h"
#include "core/fd_attempt.h"
#include <errno.h>

static ssize_t read_directly(int fd, struct fd_entry *e, void *buf, size_t size)
{
    ssize_t n = e->socket ? bide__sys.recv(fd, buf, size, 0) : bide__sys.read(fd, buf, size);
    bide__loop()->fds.operations++;
    if (n >= 0 && (size_t)n < size && e->drains && !(e->ready & READY_HANGUP))
        bide__fd_drained(e);
    return n;
}

static ssize_t read_received(struct fd_entry *e, void *buf, size_t size)
{
    struct poller *p = &bide__loop()->poller;
    bool more;
    ssize_t n = p->ops->take(p, e->fd, buf, size, &more);
    bide__loop()->fds.operations++;
    if (!more)
        e->ready &= (uint8_t)~READY_READ;
    if (n >= 0)
        return n;
    errno = (int)-n;
    return -1;
}

/* One attempt; what it tells of what is left is remembered. */
static ssize_t read_once(int fd, struct fd_entry *e, void *buf, size_t size)
{
    if (e->receives) {
        ssize_t n = read_received(e, buf, size);
        if (n >= 0 || errno != ENODATA)
            return n;
    }
    return read_directly(fd, e, buf, size);
}

ssize_t bide__fd_read(int fd, void *buf, size_t size)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, READY_READ)) == 0) {
        ssize_t n = read_once(fd, e, buf, size);
        bide__charge(n);
        if (n >= 0)
            return n;
        rc = bide__fd_retry(e, READY_READ);
    }
    return rc;
}

ssize_t bide__fd_read_now(int fd, void *buf, size_t size)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    if (!e || e->aborted)
        return BIDE_ECLOSED;
    ssize_t n = read_once(fd, e, buf, size);
    if (n < 0 && errno == EAGAIN)
        bide__fd_drained(e);
    return n >= 0 ? n : errno == EINTR ? BIDE_EAGAIN : -errno;
}

bool bide__fd_has_received(int fd)
{
    struct loop *l = bide__loop();
    const struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    return e && e->receives && l->poller.ops->holds(&l->poller, fd);
}
