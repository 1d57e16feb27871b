/* Reading from a descriptor. */
#include "base/sys.h"
#include "core/fd_attempt.h"
#include <errno.h>

/* One attempt; what it tells of what is left is remembered. */
static ssize_t read_once(int fd, struct fd_entry *e, void *buf, size_t size)
{
    ssize_t n = e->socket ? bide__sys.recv(fd, buf, size, 0) : bide__sys.read(fd, buf, size);
    bide__loop()->fds.operations++;
    if (n >= 0 && (size_t)n < size && e->drains && !(e->ready & READY_HANGUP))
        e->ready &= (uint8_t)~READY_READ;
    return n;
}

ssize_t bide__fd_read(int fd, void *buf, size_t size)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, READY_READ)) == 0) {
        ssize_t n = read_once(fd, e, buf, size);
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
        e->ready &= (uint8_t)~READY_READ;
    return n >= 0 ? n : errno == EINTR ? BIDE_EAGAIN : -errno;
}
