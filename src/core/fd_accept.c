/* Accepting on a descriptor; where the poller accepts by itself, what it has accepted comes
 * first. */
#include "base/sys.h"
#include "core/fd_attempt.h"
#include <errno.h>

/* One that the poller has accepted.  Who is known no more has gone already. */
static int take_accepted(struct poller *p, int fd, bool going_on, struct sockaddr *address,
                         socklen_t *size)
{
    int accepted = p->ops->accept(p, fd, going_on);
    if (accepted >= 0 && (!address || getpeername(accepted, address, size) == 0))
        return accepted;
    if (accepted >= 0)
        bide__sys.close(accepted);
    errno = accepted < 0 ? -accepted : ECONNABORTED;
    return -1;
}

/* One attempt.  going_on: the poller may accept the next by itself. */
static int accept_once(int fd, const struct fd_entry *e, bool going_on, struct sockaddr *address,
                       socklen_t *size)
{
    struct loop *l = bide__loop();
    going_on = going_on && e->listens && bide__sys_accepts();
    l->fds.operations++;
    int accepted = e->listens ? take_accepted(&l->poller, fd, going_on, address, size) : -1;
    if (accepted >= 0 || (e->listens && (going_on || errno != EAGAIN)))
        return accepted;
    return bide__sys.accept4(fd, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int bide__fd_accept(int fd, struct sockaddr *address, socklen_t *size)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    socklen_t room = size ? *size : 0;
    if (e && e->listens)
        e->ready |= READY_READ;         /* as far as the poller knows, which is to be asked first */
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, READY_READ)) == 0) {
        if (size)
            *size = room;
        int accepted = accept_once(fd, e, true, address, size);
        if (accepted >= 0)
            return accepted;
        rc = bide__fd_retry(e, READY_READ);
    }
    return rc;
}

int bide__fd_accept_now(int fd, struct sockaddr *address, socklen_t *size)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    if (!e || e->aborted)
        return BIDE_ECLOSED;
    int accepted = accept_once(fd, e, false, address, size);
    if (accepted < 0 && errno == EAGAIN)
        e->ready &= (uint8_t)~READY_READ;
    return accepted >= 0 ? accepted : errno == EINTR ? BIDE_EAGAIN : -errno;
}
