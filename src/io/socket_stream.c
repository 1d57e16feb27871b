/* Streams of descriptors: sockets, pipes, terminals.  Plain files are always ready, so they are
 * served steadily, holding up the loop as long as the disk does.
 *
 * How much may be on its way is the system's matter: for TCP it is told the high-water mark as
 * TCP_NOTSENT_LOWAT, so that a slow peer holds the writer and not megabytes of memory. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/fd.h"
#include "io/sockaddr.h"
#include "io/socket_stream.h"
#include <bide/error.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>

static struct socket_stream *socket_of(bide_stream *s)
{
    return (struct socket_stream *)(void *)s;
}

static int socket_fd(const bide_stream *s)
{
    return ((const struct socket_stream *)(const void *)s)->fd;
}

static ssize_t socket_read(bide_stream *s, void *buf, size_t size)
{
    return bide__fd_read(socket_fd(s), buf, size);
}

static int socket_await(bide_stream *s)
{
    return bide__fd_ready(socket_fd(s), READY_READ);
}

static ssize_t socket_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    return bide__fd_writev(socket_fd(s), pieces, count);
}

static ssize_t socket_sendfile(bide_stream *s, int file, int64_t at, size_t size)
{
    return bide__fd_sendfile(socket_fd(s), file, at, size);
}

static ssize_t socket_read_now(bide_stream *s, void *buf, size_t size)
{
    return bide__fd_read_now(socket_fd(s), buf, size);
}

static ssize_t socket_write_now(bide_stream *s, const struct iovec *pieces, int count)
{
    return bide__fd_write_now(socket_fd(s), pieces, count);
}

/* Terminals and pipes are often shared with other processes, and so is their being
 * non-blocking. */
static void close_descriptor(struct socket_stream *s)
{
    if (s->fd >= 0 && s->flags >= 0)
        bide__sys.fcntl(s->fd, F_SETFL, s->flags);
    bide__fd_close(s->fd);
    s->fd = -1;
}

/* What is no socket has one direction per descriptor, if it can be ended at all. */
static int end_other(bide_stream *s)
{
    int flags = bide__sys.fcntl(socket_fd(s), F_GETFL, 0);
    if (flags < 0 || (flags & O_ACCMODE) != O_WRONLY)
        return bide_fail(BIDE_EINVAL, "this descriptor's writing side cannot be ended alone");
    close_descriptor(socket_of(s));
    return 0;
}

static int socket_write_end(bide_stream *s)
{
    if (bide__sys.shutdown(socket_fd(s), SHUT_WR) == 0)
        return 0;
    int code = -errno;
    return code == -ENOTSOCK ? end_other(s) : bide_fail(code, "%s", bide_strerror(code));
}

static bool socket_readable(bide_stream *s)
{
    static const struct timespec at_once;
    struct pollfd asked = { .fd = socket_fd(s), .events = POLLIN | POLLRDHUP };
    return bide__sys.poll(&asked, 1, &at_once) > 0 || bide__fd_has_received(socket_fd(s));
}

static void socket_abort(bide_stream *s)
{
    bide__fd_abort(socket_fd(s));
}

static void socket_close(bide_stream *s)
{
    close_descriptor(socket_of(s));
    bide__free(socket_of(s)->peer_text);
    bide__stream_release(s);
    bide__free(s);
}

static void socket_high_water(bide_stream *s, size_t size)
{
    int mark = size < INT_MAX ? size ? (int)size : 1 : INT_MAX;
    bide__sys.setsockopt(socket_fd(s), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &mark, sizeof mark);
}

static const char *socket_peer(bide_stream *s)
{
    struct socket_stream *ss = socket_of(s);
    socklen_t size = sizeof ss->peer;
    if (ss->peer.any.sa_family == AF_UNSPEC)
        bide_ignore(getpeername(ss->fd, &ss->peer.any, &size));
    if (!ss->peer_text) {
        char text[SOCKADDR_TEXT];
        ss->peer_text = bide__copy_text(text, bide__sockaddr_format(&ss->peer.any, text));
    }
    return ss->peer_text ? ss->peer_text : "";
}

static bool socket_may_read(bide_stream *s)
{
    return bide__fd_looks_readable(socket_fd(s));
}

static const struct stream_ops ops = {
    .read = socket_read,
    .await = socket_await,
    .writev = socket_writev,
    .write_end = socket_write_end,
    .readable = socket_readable,
    .abort = socket_abort,
    .close = socket_close,
    .fd = socket_fd,
    .peer = socket_peer,
    .high_water = socket_high_water,
    .sendfile = socket_sendfile,
    .read_now = socket_read_now,
    .write_now = socket_write_now,
    .may_read = socket_may_read,
};

bide_stream *bide__socket_stream(void)
{
    struct socket_stream *s = bide__zalloc(sizeof *s);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    s->fd = s->flags = -1;
    bide__stream_init(&s->stream, &ops);
    return &s->stream;
}

void bide__socket_stream_place(struct socket_stream *s, int fd)
{
    s->stream = (bide_stream){ .ops = &ops, .line_max = BIDE_LINE_MAX };
    s->fd = fd;
    s->flags = -1;
    s->peer.any.sa_family = AF_UNSPEC;
    s->peer_text = NULL;
}

void bide__socket_stream_leave(struct socket_stream *s)
{
    if (s->peer_text)
        bide__free(s->peer_text);
    bide__stream_drop_buffer(&s->stream);
}

void bide__socket_stream_set(bide_stream *s, int fd, const struct sockaddr *peer)
{
    struct socket_stream *ss = socket_of(s);
    ss->fd = fd;
    if (peer && peer->sa_family == AF_INET)
        memcpy(&ss->peer.v4, peer, sizeof ss->peer.v4);
    else if (peer && peer->sa_family == AF_INET6)
        memcpy(&ss->peer.v6, peer, sizeof ss->peer.v6);
}

/* Both directions are tried at once, for a pipe has only one, and would never be ready in the
 * other. */
bide_stream *bide_stream_of_fd(int fd)
{
    bide_stream *s = bide__socket_stream();
    if (!s)
        return NULL;
    int flags = bide__sys.fcntl(fd, F_GETFL, 0);
    if (bide__fd_watch(fd, READY_READ | READY_WRITE) < 0) {
        s->ops->close(s);
        return NULL;
    }
    bide__socket_stream_set(s, fd, NULL);
    socket_of(s)->flags = flags & O_NONBLOCK ? -1 : flags;
    socket_high_water(s, BIDE_HIGH_WATER);
    return s;
}
