/* The real system calls behind bide__sys.  epoll_pwait2 waits in nanoseconds but is younger than
 * epoll itself (Linux 5.11); where it is missing, milliseconds are rounded up, for waiting must
 * never end early. */
#include "base/sys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef BIDE_URING
#include <liburing.h>
#endif

/* The thread sanitizer holds a signal back until the next call that it knows to wait, and it knows
 * no raw system calls.  It takes every clone(2) for a fork(2), with memory of its own. */
#if defined(__SANITIZE_THREAD__)
#undef SYS_epoll_pwait2
#define NOT_CLONED (CLONE_VM | CLONE_VFORK)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef SYS_epoll_pwait2
#define NOT_CLONED (CLONE_VM | CLONE_VFORK)
#endif
#endif
#ifndef NOT_CLONED
#define NOT_CLONED 0
#endif

static int milliseconds(const struct timespec *timeout)
{
    if (!timeout)
        return -1;
    if (timeout->tv_sec > INT_MAX / 1000 - 1)
        return INT_MAX;
    return (int)(timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000);
}

static int wait_for_events(int set, struct epoll_event *events, int max,
                           const struct timespec *timeout)
{
#ifdef SYS_epoll_pwait2
    static atomic_bool missing;
    if (!missing) {
        int n = (int)syscall(SYS_epoll_pwait2, set, events, max, timeout, NULL, 0);
        if (n >= 0 || (errno != ENOSYS && errno != EPERM))
            return n;
        missing = 1;
    }
#endif
    return epoll_wait(set, events, max, milliseconds(timeout));
}

static int poll_descriptors(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    return ppoll(fds, count, timeout, NULL);
}

static int control(int fd, int command, int argument)
{
    return fcntl(fd, command, argument);
}

static int open_file(const char *path, int flags, mode_t permissions)
{
    return open(path, flags, permissions);
}

static int new_eventfd(unsigned count, int flags)
{
    return eventfd(count, flags);
}

static int receive_messages(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    return recvmmsg(fd, messages, count, flags, NULL);
}

static int send_messages(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    return sendmmsg(fd, messages, count, flags);
}

static pid_t start_child(int (*child)(void *), void *stack, int flags, void *arg, int *pidfd)
{
    return clone(child, stack, flags & ~NOT_CLONED, arg, pidfd);
}

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int signal_pidfd(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static int accept_one(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return accept4(fd, address, size, flags);
}

static int wait_for_child(idtype_t kind, id_t id, siginfo_t *how, int options)
{
    return waitid(kind, id, how, options);
}

static int open_at(int directory, const char *path, int flags)
{
    return openat(directory, path, flags);
}

/* Linux 5.6; what its struct and its number are is the same on every machine. */
static int open_resolving(int directory, const char *path, int flags, uint64_t resolve)
{
    enum { OPENAT2 = 437 };
    struct { uint64_t flags, mode, resolve; } how = { (uint64_t)flags, 0, resolve };
    return (int)syscall(OPENAT2, directory, path, &how, sizeof how);
}

#ifdef BIDE_URING
static int checked(int rc)
{
    if (rc >= 0)
        return rc;
    errno = -rc;
    return -1;
}

static int open_ring(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
    return checked(io_uring_queue_init_params(entries, ring, params));
}

static int wait_for_ring(struct io_uring *ring, const struct timespec *timeout)
{
    struct io_uring_cqe *first;
    struct __kernel_timespec limit;
    if (!timeout)
        return checked(io_uring_submit_and_wait(ring, 1));
    limit = (struct __kernel_timespec){ .tv_sec = timeout->tv_sec, .tv_nsec = timeout->tv_nsec };
    return checked(io_uring_submit_and_wait_timeout(ring, &first, 1, &limit, NULL));
}

static ssize_t all_of_it(int fd, size_t size)
{
    (void)fd;
    return (ssize_t)size;
}

static int submit_to_ring(struct io_uring *ring)
{
    return checked(io_uring_submit_and_get_events(ring));
}

static int register_buffers(struct io_uring *ring, struct io_uring_buf_reg *buffers)
{
    return checked(io_uring_register_buf_ring(ring, buffers, 0));
}
#endif

struct sys bide__sys = {
    .clock_gettime = clock_gettime,
    .read = read,
    .recv = recv,
    .writev = writev,
    .send = send,
    .sendmsg = sendmsg,
    .socket = socket,
    .connect = connect,
    .bind = bind,
    .listen = listen,
    .accept4 = accept_one,
    .shutdown = shutdown,
    .getsockopt = getsockopt,
    .setsockopt = setsockopt,
    .fcntl = control,
    .close = close,
    .eventfd = new_eventfd,
    .epoll_create1 = epoll_create1,
    .epoll_ctl = epoll_ctl,
    .epoll_wait = wait_for_events,
    .poll = poll_descriptors,
    .mmap = mmap,
    .munmap = munmap,
    .madvise = madvise,
    .mprotect = mprotect,
    .open = open_file,
    .pread = pread,
    .pwrite = pwrite,
    .preadv2 = preadv2,
    .fstat = fstat,
    .ftruncate = ftruncate,
    .fsync = fsync,
    .fdatasync = fdatasync,
    .rename = rename,
    .sendfile = sendfile,
    .copy_file_range = copy_file_range,
    .getdents64 = getdents64,
    .fstatfs = fstatfs,
    .recvmsg = recvmsg,
    .recvmmsg = receive_messages,
    .sendmmsg = send_messages,
    .pwritev2 = pwritev2,
    .pipe2 = pipe2,
    .start = start_child,
    .pidfd_open = open_pidfd,
    .pidfd_signal = signal_pidfd,
    .kill = kill,
    .waitid = wait_for_child,
    .openat = open_at,
    .openat2 = open_resolving,
#ifdef BIDE_URING
    .ring_open = open_ring,
    .ring_wait = wait_for_ring,
    .ring_submit = submit_to_ring,
    .ring_register = register_buffers,
    .ring_operation = all_of_it,
#endif
};

bool bide__sys_accepts(void)
{
    return bide__sys.accept4 == accept_one;
}

bool bide__sys_receives(void)
{
    return bide__sys.recv == recv;
}
