/* Each call of the table bide__sys gets a stand-in that counts and sometimes does not ask the
 * system.
 *
 * A fault is what the system could do to that call, or the test would complain of what never
 * happens: a call that does not block is not interrupted; a stream socket gives all it has, so a
 * short read means that nothing is left, and is not made up; closing, unmapping and asking for the
 * time do not fail.  A connection that was refused to accept() stays in the line. */
#include "testing/calls.h"
#include "base/sys.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>

enum { MAY_REFUSE = 1, MAY_SHORTEN = 2, MAY_INTERRUPT = 4 };

static struct sys real;
static struct {
    pthread_mutex_t lock;
    size_t count, nth;
    enum bide_test_fault fault;
    int code;
    const char *call;
} plan = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Is it this call's turn?  errno is what it fails with; usual: its most frequent failure. */
static bool strikes(const char *name, unsigned may, int usual)
{
    if (!(may & 1u << plan.fault) || (plan.call && strcmp(plan.call, name) != 0))
        return false;
    pthread_mutex_lock(&plan.lock);
    bool now = ++plan.count == plan.nth;
    pthread_mutex_unlock(&plan.lock);
    if (now)
        errno = plan.fault == BIDE_TEST_INTERRUPT ? EINTR : plan.code ? -plan.code : usual;
    return now;
}

static ssize_t on_read(int fd, void *buf, size_t size)
{
    if (!strikes("read", MAY_REFUSE | MAY_SHORTEN | MAY_INTERRUPT, EIO))
        return real.read(fd, buf, size);
    return plan.fault == BIDE_TEST_SHORT ? real.read(fd, buf, size ? 1 : 0) : -1;
}

static ssize_t on_recv(int fd, void *buf, size_t size, int flags)
{
    bool now = strikes("recv", MAY_REFUSE | MAY_INTERRUPT, ECONNRESET);
    return now ? -1 : real.recv(fd, buf, size, flags);
}

/* The first byte there is. */
static struct iovec least(const struct iovec *pieces, int count)
{
    for (int i = 0; i < count; i++)
        if (pieces[i].iov_len)
            return (struct iovec){ pieces[i].iov_base, 1 };
    return (struct iovec){ NULL, 0 };
}

static ssize_t on_writev(int fd, const struct iovec *pieces, int count)
{
    if (!strikes("writev", MAY_REFUSE | MAY_SHORTEN | MAY_INTERRUPT, EIO))
        return real.writev(fd, pieces, count);
    struct iovec one = least(pieces, count);
    return plan.fault == BIDE_TEST_SHORT ? real.writev(fd, &one, 1) : -1;
}

/* A datagram goes as a whole. */
static bool is_stream(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return real.getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static ssize_t on_sendmsg(int fd, const struct msghdr *message, int flags)
{
    unsigned may = is_stream(fd) ? MAY_REFUSE | MAY_SHORTEN | MAY_INTERRUPT
                                 : MAY_REFUSE | MAY_INTERRUPT;
    if (!strikes("sendmsg", may, ECONNRESET))
        return real.sendmsg(fd, message, flags);
    struct iovec one = least(message->msg_iov, (int)message->msg_iovlen);
    struct msghdr less = *message;
    less.msg_iov = &one;
    less.msg_iovlen = 1;
    return plan.fault == BIDE_TEST_SHORT ? real.sendmsg(fd, &less, flags) : -1;
}

/* The simple form of the same, and counted with it. */
static ssize_t on_send(int fd, const void *data, size_t size, int flags)
{
    struct iovec piece = { (void *)(uintptr_t)data, size };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    return on_sendmsg(fd, &message, flags);
}

static int on_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    bool now = strikes("accept4", MAY_REFUSE | MAY_INTERRUPT, EMFILE);
    return now ? -1 : real.accept4(fd, address, size, flags);
}

static int on_epoll_wait(int set, struct epoll_event *events, int max,
                         const struct timespec *timeout)
{
    bool now = strikes("epoll_wait", MAY_INTERRUPT, EINTR);
    return now ? -1 : real.epoll_wait(set, events, max, timeout);
}

static int on_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    bool waits = !timeout || timeout->tv_sec || timeout->tv_nsec;
    bool now = strikes("poll", waits ? MAY_INTERRUPT : 0, EINTR);
    return now ? -1 : real.poll(fds, count, timeout);
}

/* A ring that is refused is none; what it was not told now it is told later. */
static int on_ring_open(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
    return strikes("ring_open", MAY_REFUSE, EPERM) ? -1 : real.ring_open(entries, ring, params);
}

static int on_ring_wait(struct io_uring *ring, const struct timespec *timeout)
{
    return strikes("ring_wait", MAY_INTERRUPT, EINTR) ? -1 : real.ring_wait(ring, timeout);
}

static int on_ring_submit(struct io_uring *ring)
{
    bool now = strikes("ring_submit", MAY_REFUSE | MAY_INTERRUPT, EAGAIN);
    return now ? -1 : real.ring_submit(ring);
}

static int on_ring_register(struct io_uring *ring, struct io_uring_buf_reg *buffers)
{
    return strikes("ring_register", MAY_REFUSE, EINVAL) ? -1 : real.ring_register(ring, buffers);
}

static ssize_t on_ring_operation(int fd, size_t size)
{
    if (!strikes("ring_operation", MAY_REFUSE | MAY_SHORTEN, EIO))
        return real.ring_operation(fd, size);
    return plan.fault == BIDE_TEST_SHORT ? size > 0 : -1;
}

/* Files: one byte of what was asked for. */
#define SHORTENABLE(name, usual, params, less, ...) \
    static ssize_t on_##name params \
    { \
        if (!strikes(#name, MAY_REFUSE | MAY_SHORTEN, usual)) \
            return real.name(__VA_ARGS__); \
        return plan.fault == BIDE_TEST_SHORT ? real.name less : -1; \
    }
SHORTENABLE(pread, EIO, (int fd, void *buf, size_t size, off_t at), (fd, buf, size > 0, at),
            fd, buf, size, at)
SHORTENABLE(pwrite, ENOSPC, (int fd, const void *buf, size_t size, off_t at),
            (fd, buf, size > 0, at), fd, buf, size, at)
SHORTENABLE(preadv2, EIO, (int fd, const struct iovec *pieces, int count, off_t at, int flags),
            (fd, (struct iovec[]){ least(pieces, count) }, 1, at, flags),
            fd, pieces, count, at, flags)
SHORTENABLE(pwritev2, ENOSPC, (int fd, const struct iovec *pieces, int count, off_t at, int flags),
            (fd, (struct iovec[]){ least(pieces, count) }, 1, at, flags),
            fd, pieces, count, at, flags)
SHORTENABLE(sendfile, EIO, (int to, int from, off_t *at, size_t size), (to, from, at, size > 0),
            to, from, at, size)
SHORTENABLE(copy_file_range, EIO,
            (int from, off_t *from_at, int to, off_t *to_at, size_t size, unsigned flags),
            (from, from_at, to, to_at, size > 0, flags), from, from_at, to, to_at, size, flags)

/* The others fail or do not. */
#define REFUSABLE(name, usual, params, ...) \
    static int on_##name params \
    { \
        return strikes(#name, MAY_REFUSE, usual) ? -1 : real.name(__VA_ARGS__); \
    }
REFUSABLE(socket, EMFILE, (int family, int type, int protocol), family, type, protocol)
REFUSABLE(connect, ECONNREFUSED, (int fd, const struct sockaddr *address, socklen_t size),
          fd, address, size)
REFUSABLE(bind, EADDRINUSE, (int fd, const struct sockaddr *address, socklen_t size),
          fd, address, size)
REFUSABLE(listen, EADDRINUSE, (int fd, int backlog), fd, backlog)
REFUSABLE(shutdown, ENOTCONN, (int fd, int how), fd, how)
REFUSABLE(getsockopt, ENOBUFS, (int fd, int level, int name, void *value, socklen_t *size),
          fd, level, name, value, size)
REFUSABLE(setsockopt, ENOBUFS, (int fd, int level, int name, const void *value, socklen_t size),
          fd, level, name, value, size)
REFUSABLE(fcntl, EBADF, (int fd, int command, int argument), fd, command, argument)
REFUSABLE(eventfd, EMFILE, (unsigned count, int flags), count, flags)
REFUSABLE(epoll_create1, EMFILE, (int flags), flags)
REFUSABLE(epoll_ctl, ENOMEM, (int set, int operation, int fd, struct epoll_event *event),
          set, operation, fd, event)
REFUSABLE(madvise, ENOMEM, (void *at, size_t size, int advice), at, size, advice)
REFUSABLE(mprotect, ENOMEM, (void *at, size_t size, int protection), at, size, protection)

REFUSABLE(open, EMFILE, (const char *path, int flags, mode_t permissions),
          path, flags, permissions)
REFUSABLE(fstat, EIO, (int fd, struct stat *st), fd, st)
REFUSABLE(ftruncate, EIO, (int fd, off_t size), fd, size)
REFUSABLE(fsync, EIO, (int fd), fd)
REFUSABLE(fdatasync, EIO, (int fd), fd)
REFUSABLE(rename, EIO, (const char *from, const char *to), from, to)
REFUSABLE(fstatfs, ENOSYS, (int fd, struct statfs *system), fd, system)
REFUSABLE(recvmmsg, ENOMEM, (int fd, struct mmsghdr *messages, unsigned count, int flags),
          fd, messages, count, flags)
REFUSABLE(sendmmsg, ENOBUFS, (int fd, struct mmsghdr *messages, unsigned count, int flags),
          fd, messages, count, flags)
REFUSABLE(pipe2, EMFILE, (int ends[2], int flags), ends, flags)
REFUSABLE(start, EAGAIN, (int (*child)(void *), void *stack, int flags, void *arg, int *pidfd),
          child, stack, flags, arg, pidfd)
REFUSABLE(pidfd_open, EMFILE, (pid_t pid), pid)
REFUSABLE(openat, EMFILE, (int directory, const char *path, int flags), directory, path, flags)
REFUSABLE(openat2, EMFILE, (int directory, const char *path, int flags, uint64_t resolve),
          directory, path, flags, resolve)

static ssize_t on_getdents64(int fd, void *buf, size_t size)
{
    return strikes("getdents64", MAY_REFUSE, EIO) ? -1 : real.getdents64(fd, buf, size);
}

static ssize_t on_recvmsg(int fd, struct msghdr *message, int flags)
{
    bool now = strikes("recvmsg", MAY_REFUSE | MAY_INTERRUPT, ENOMEM);
    return now ? -1 : real.recvmsg(fd, message, flags);
}

static void *on_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (strikes("mmap", MAY_REFUSE, ENOMEM))
        return MAP_FAILED;
    return real.mmap(at, size, protection, flags, fd, offset);
}

static void stand_in(struct sys *sys)
{
    sys->read = on_read;
    sys->recv = on_recv;
    sys->writev = on_writev;
    sys->send = on_send;
    sys->sendmsg = on_sendmsg;
    sys->accept4 = on_accept4;
    sys->epoll_wait = on_epoll_wait;
    sys->poll = on_poll;
    sys->socket = on_socket;
    sys->connect = on_connect;
    sys->bind = on_bind;
    sys->listen = on_listen;
    sys->shutdown = on_shutdown;
    sys->getsockopt = on_getsockopt;
    sys->setsockopt = on_setsockopt;
    sys->fcntl = on_fcntl;
    sys->eventfd = on_eventfd;
    sys->epoll_create1 = on_epoll_create1;
    sys->epoll_ctl = on_epoll_ctl;
    sys->madvise = on_madvise;
    sys->mprotect = on_mprotect;
    sys->mmap = on_mmap;
    sys->ring_open = on_ring_open;
    sys->ring_wait = on_ring_wait;
    sys->ring_submit = on_ring_submit;
    sys->ring_register = on_ring_register;
    if (sys->ring_operation)
        sys->ring_operation = on_ring_operation;
}

static void stand_in_for_files(struct sys *sys)
{
    sys->open = on_open;
    sys->pread = on_pread;
    sys->pwrite = on_pwrite;
    sys->preadv2 = on_preadv2;
    sys->pwritev2 = on_pwritev2;
    sys->fstat = on_fstat;
    sys->ftruncate = on_ftruncate;
    sys->fsync = on_fsync;
    sys->fdatasync = on_fdatasync;
    sys->rename = on_rename;
    sys->sendfile = on_sendfile;
    sys->copy_file_range = on_copy_file_range;
    sys->getdents64 = on_getdents64;
    sys->fstatfs = on_fstatfs;
    sys->recvmsg = on_recvmsg;
    sys->recvmmsg = on_recvmmsg;
    sys->sendmmsg = on_sendmmsg;
    sys->pipe2 = on_pipe2;
    sys->start = on_start;
    sys->pidfd_open = on_pidfd_open;
    sys->openat = on_openat;
    sys->openat2 = on_openat2;
}

void bide__test_calls_begin(size_t nth, const struct bide_test_opts *o)
{
    plan.count = 0;
    plan.nth = nth;
    plan.fault = o->fault;
    plan.code = o->code;
    plan.call = o->call;
    if (!nth)
        return;
    real = bide__sys;
    stand_in(&bide__sys);
    stand_in_for_files(&bide__sys);
}

bool bide__test_calls_end(void)
{
    if (!plan.nth)
        return false;
    bide__sys = real;
    return plan.count >= plan.nth;
}
