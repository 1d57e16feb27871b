/* Standard streams that cannot be opened anew, without touching their flags.
 *
 * A plain file is read and written where the page cache has the answer at once, and else on the
 * threads for files.  A socket is told in each call not to block.  Whatever is left (a terminal
 * that belongs to another user, a device) is asked by poll(2) right before each call; that may
 * block all the same if another process takes the bytes in between. */
#include "io/stdio_stream.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/park.h"
#include "io/stream.h"
#include "sync/executor.h"
#include <bide/task.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOB_MAX = 1 << 20 };

struct stdio_stream {
    bide_stream stream;         /* first */
    int fd;
    bool file, socket;
    bool steady;                /* the poller does not know such: always ready */
    bool slow;                  /* a file system that cannot write without waiting, if need be */
};

static struct stdio_stream *of(bide_stream *s)
{
    return (struct stdio_stream *)(void *)s;
}

static int stdio_fd(const bide_stream *s)
{
    return ((const struct stdio_stream *)(const void *)s)->fd;
}

BIDE_WAITS static int await(struct stdio_stream *s, int events)
{
    if (s->file || s->steady)
        return 0;
    int rc = bide_fd_wait(s->fd, events);
    s->steady = rc == -EPERM;
    return s->steady || rc > 0 ? 0 : rc;
}

static int stdio_await(bide_stream *s)
{
    return await(of(s), POLLIN);
}

/* A call on the files' threads. */
struct file_job { int fd; const struct iovec *pieces; int count; };

static int read_job(void *arg)
{
    const struct file_job *j = arg;
    ssize_t n;
    do
        n = bide__sys.read(j->fd, j->pieces->iov_base, j->pieces->iov_len);
    while (n < 0 && errno == EINTR);
    return n < 0 ? bide__fail_errno("") : (int)n;
}

static int write_job(void *arg)
{
    const struct file_job *j = arg;
    ssize_t n;
    do
        n = bide__sys.writev(j->fd, j->pieces, j->count);
    while (n < 0 && errno == EINTR);
    return n < 0 ? bide__fail_errno("") : (int)n;
}

static bool needs_thread(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EOPNOTSUPP || errno == ENOSYS ||
                     errno == EINVAL || errno == EINTR);
}

BIDE_WAITS static ssize_t read_file(int fd, struct iovec piece)
{
    struct file_job job = { fd, &piece, 1 };
    ssize_t n = bide__sys.preadv2(fd, &piece, 1, -1, RWF_NOWAIT);
    if (needs_thread(n))
        return bide__executor_run(EXECUTOR_FILES, read_job, &job);
    return n < 0 ? bide__fail_errno("") : n;
}

/* A result is an int, so a huge write is made in parts. */
BIDE_WAITS static ssize_t write_file(struct stdio_stream *s, const struct iovec *pieces, int count)
{
    struct iovec first = *pieces;
    struct file_job job = { s->fd, pieces, count };
    size_t size = 0;
    for (int i = 0; i < count && size <= JOB_MAX; i++)
        size += pieces[i].iov_len;
    if (size > JOB_MAX) {
        first.iov_len = first.iov_len < JOB_MAX ? first.iov_len : JOB_MAX;
        job.pieces = &first;
        job.count = 1;
    }
    errno = EAGAIN;
    ssize_t n = s->slow ? -1 : bide__sys.pwritev2(s->fd, job.pieces, job.count, -1, RWF_NOWAIT);
    s->slow |= n < 0 && errno == EOPNOTSUPP;
    if (needs_thread(n))
        return bide__executor_run(EXECUTOR_FILES, write_job, &job);
    return n < 0 ? bide__fail_errno("") : n;
}

static bool again(void)
{
    return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
}

static ssize_t stdio_read(bide_stream *stream, void *buf, size_t size)
{
    struct stdio_stream *s = of(stream);
    struct iovec piece = { buf, size < JOB_MAX ? size : JOB_MAX };
    if (s->file)
        return read_file(s->fd, piece);
    for (;;) {
        int rc = await(s, POLLIN);
        if (rc < 0)
            return rc;
        ssize_t n = s->socket ? bide__sys.recv(s->fd, buf, size, MSG_DONTWAIT)
                              : bide__sys.read(s->fd, buf, size);
        bide__loop()->fds.operations++;
        if (n >= 0 || !again())
            return n < 0 ? bide__fail_errno("") : n;
    }
}

/* What is asked has room for PIPE_BUF bytes when it says so, and maybe for no more. */
static ssize_t write_little(const struct stdio_stream *s, const struct iovec *pieces, int count)
{
    if (s->socket) {
        struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)pieces,
                            .msg_iovlen = (size_t)count };
        return bide__sys.sendmsg(s->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    while (count > 1 && !pieces->iov_len) {
        pieces++;
        count--;
    }
    struct iovec first = { pieces->iov_base,
                           pieces->iov_len < PIPE_BUF ? pieces->iov_len : PIPE_BUF };
    return bide__fd_write_unsignalled(s->fd, &first, 1);
}

static ssize_t stdio_writev(bide_stream *stream, const struct iovec *pieces, int count)
{
    struct stdio_stream *s = of(stream);
    if (s->file)
        return write_file(s, pieces, count);
    for (;;) {
        int rc = await(s, POLLOUT);
        if (rc < 0)
            return rc;
        ssize_t n = write_little(s, pieces, count);
        bide__loop()->fds.operations++;
        if (n >= 0 || !again())
            return n < 0 ? bide__fail_errno("") : n;
    }
}

/* The descriptor is shared with the process, so only our own use of it can end. */
static int stdio_write_end(bide_stream *s)
{
    if (of(s)->socket && bide__sys.shutdown(stdio_fd(s), SHUT_WR) == 0)
        return 0;
    return bide_fail(BIDE_EINVAL, "this descriptor's writing side cannot be ended alone");
}

static bool stdio_readable(bide_stream *s)
{
    static const struct timespec at_once;
    struct pollfd asked = { .fd = stdio_fd(s), .events = POLLIN };
    return of(s)->file || of(s)->steady || bide__sys.poll(&asked, 1, &at_once) > 0;
}

static void stdio_abort(bide_stream *s)
{
    bide__fd_abort(stdio_fd(s));
}

static void stdio_close(bide_stream *s)
{
    bide__fd_close(stdio_fd(s));
    bide__stream_release(s);
    bide__free(s);
}

static const struct stream_ops ops = {
    .read = stdio_read,
    .await = stdio_await,
    .writev = stdio_writev,
    .write_end = stdio_write_end,
    .readable = stdio_readable,
    .abort = stdio_abort,
    .close = stdio_close,
    .fd = stdio_fd,
};

bide_stream *bide__stdio_stream(int fd, const struct stat *st)
{
    struct stdio_stream *s = bide__loop() ? bide__zalloc(sizeof *s) : NULL;
    if (!s) {
        int code = bide__loop() ? BIDE_ENOMEM : BIDE_EPERM;
        bide_fail(code, "descriptor %d: %s", fd, bide_strerror(code));
        return NULL;
    }
    s->fd = bide__sys.fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (s->fd < 0) {
        bide_fail(-errno, "descriptor %d: %s", fd, bide_strerror(-errno));
        bide__free(s);
        return NULL;
    }
    s->file = S_ISREG(st->st_mode) || S_ISBLK(st->st_mode) || S_ISDIR(st->st_mode);
    s->socket = S_ISSOCK(st->st_mode);
    bide__stream_init(&s->stream, &ops);
    return &s->stream;
}
