/* Unix sockets: descriptors that travel with bytes, and who is at the other end. */
#include <bide/unix.h>
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "io/stream.h"
#include <bide/error.h>
#include <string.h>

/* Room for one control message with descriptors, aligned as the system wants it. */
union control {
    struct cmsghdr head;
    char space[CMSG_SPACE(sizeof(int) * BIDE_FDS_MAX)];
};

/* The stream's descriptor, or BIDE_EINVAL. */
static int unix_fd(bide_stream *s)
{
    int family = 0, fd = s ? bide_stream_fd(s) : -1;
    socklen_t size = sizeof family;
    if (!s)
        return bide_errcode();
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_UNIX)
        return fd;
    return bide_fail(BIDE_EINVAL, "the stream is no Unix socket");
}

static ssize_t try_send(int fd, void *message)
{
    return bide__sys.sendmsg(fd, message, MSG_NOSIGNAL);
}

static ssize_t try_receive(int fd, void *message)
{
    return bide__sys.recvmsg(fd, message, MSG_CMSG_CLOEXEC);
}

static void pack(struct msghdr *m, union control *c, const int *fds, size_t count)
{
    memset(c, 0, sizeof *c);
    m->msg_control = c;
    m->msg_controllen = CMSG_SPACE(sizeof *fds * count);
    struct cmsghdr *head = CMSG_FIRSTHDR(m);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof *fds * count);
    memcpy(CMSG_DATA(head), fds, sizeof *fds * count);
}

/* The first byte takes the descriptors along; what is left of the rest goes as usual. */
BIDE_WAITS static int send_all(bide_stream *s, int fd, struct msghdr *m)
{
    struct iovec *piece = m->msg_iov;
    ssize_t n = bide__fd_do(fd, READY_WRITE, try_send, m);
    if (n < 0)
        return (int)n;
    piece->iov_base = (char *)piece->iov_base + n;
    piece->iov_len -= (size_t)n;
    int rc = piece->iov_len ? bide__stream_write(s, piece, 1) : 0;
    if (rc < 0)
        s->flags |= STREAM_CUT_SHORT;
    return rc;
}

int bide_unix_send(bide_stream *s, const void *data, size_t size, const int *fds, size_t count)
{
    union control c;
    struct iovec piece = { (void *)(uintptr_t)data, size };
    struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
    int fd = unix_fd(s);
    if (fd >= 0 && (size == 0 || count > BIDE_FDS_MAX))
        fd = bide_fail(BIDE_EINVAL, size ? "%zu descriptors at once; 64 at most"
                       : "descriptors travel with bytes, and there are none", count);
    if (fd < 0)
        return bide_within("send");
    if (count)
        pack(&m, &c, fds, count);
    int rc = bide__stream_enter(s, STREAM_WRITING, "send");
    if (rc < 0)
        return rc;
    return (int)bide__stream_leave(s, STREAM_WRITING, "send", send_all(s, fd, &m));
}

/* How many came; those for which there is no room are closed, and so are all of them if one is,
 * for half of a set is of no use. */
static size_t unpack(struct msghdr *m, int *fds, size_t room)
{
    int all[BIDE_FDS_MAX];
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        count = (c->cmsg_len - CMSG_LEN(0)) / sizeof *all;
        memcpy(all, CMSG_DATA(c), count * sizeof *all);
    }
    bool fits = count <= room && !(m->msg_flags & MSG_CTRUNC);
    for (size_t i = 0; i < count; i++) {
        if (fits)
            fds[i] = all[i];
        else
            bide__sys.close(all[i]);
    }
    return fits ? count : SIZE_MAX;
}

BIDE_WAITS static ssize_t receive(bide_stream *s, int fd, struct iovec *place, int *fds,
                                  size_t *count)
{
    union control c;
    struct msghdr m = { .msg_iov = place, .msg_iovlen = 1, .msg_control = &c,
                        .msg_controllen = sizeof c };
    size_t room = *count;
    if (bide_stream_buffered(s))
        return bide_fail(BIDE_EBUSY, "%zu bytes were read ahead", bide_stream_buffered(s));
    *count = 0;
    ssize_t n = bide__fd_do(fd, READY_READ, try_receive, &m);
    if (n < 0)
        return n;
    size_t came = unpack(&m, fds, room);
    if (came == SIZE_MAX)
        return bide_fail(BIDE_ELIMIT, "more descriptors came than the %zu there is room for", room);
    *count = came;
    return n;
}

ssize_t bide_unix_receive(bide_stream *s, void *buf, size_t size, int *fds, size_t *count)
{
    struct iovec place = { buf, size };
    int fd = unix_fd(s);
    if (fd < 0)
        return bide_within("receive");
    int rc = bide__stream_enter(s, STREAM_READING, "receive");
    if (rc < 0)
        return rc;
    return bide__stream_leave(s, STREAM_READING, "receive", receive(s, fd, &place, fds, count));
}

int bide_unix_peer(bide_stream *s, struct bide_peer *peer)
{
    struct ucred found;
    socklen_t size = sizeof found;
    int fd = unix_fd(s);
    if (fd < 0)
        return bide_within("peer");
    if (bide__sys.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) < 0)
        return bide__fail_errno("peer: ");
    *peer = (struct bide_peer){ found.pid, found.uid, found.gid };
    return 0;
}
