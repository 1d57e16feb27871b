/* The system calls of the library, in one table.
 *
 * Everything asks the system through bide__sys, so that a test can put a fault into the nth
 * call (short, interrupted, failing) and a simulated network can take its place.  The table is
 * the process's; it is changed only by tests, while no loop runs. */
#ifndef BASE_SYS_H
#define BASE_SYS_H
#include <bide/base.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

struct io_uring;
struct io_uring_params;
struct io_uring_buf_reg;
struct sys {
    int (*clock_gettime)(clockid_t clock, struct timespec *now);
    ssize_t (*read)(int fd, void *buf, size_t size);
    ssize_t (*recv)(int fd, void *buf, size_t size, int flags);
    ssize_t (*writev)(int fd, const struct iovec *pieces, int count);
    ssize_t (*send)(int fd, const void *data, size_t size, int flags);
    ssize_t (*sendmsg)(int fd, const struct msghdr *message, int flags);
    int (*socket)(int family, int type, int protocol);
    int (*connect)(int fd, const struct sockaddr *address, socklen_t size);
    int (*bind)(int fd, const struct sockaddr *address, socklen_t size);
    int (*listen)(int fd, int backlog);
    int (*accept4)(int fd, struct sockaddr *address, socklen_t *size, int flags);
    int (*shutdown)(int fd, int how);
    int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *size);
    int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t size);
    int (*fcntl)(int fd, int command, int argument);
    int (*close)(int fd);
    int (*eventfd)(unsigned count, int flags);
    int (*epoll_create1)(int flags);
    int (*epoll_ctl)(int set, int operation, int fd, struct epoll_event *event);
    int (*epoll_wait)(int set, struct epoll_event *events, int max, const struct timespec *timeout);
    int (*poll)(struct pollfd *fds, nfds_t count, const struct timespec *timeout);
    void *(*mmap)(void *at, size_t size, int protection, int flags, int fd, off_t offset);
    int (*munmap)(void *at, size_t size);
    int (*madvise)(void *at, size_t size, int advice);
    int (*mprotect)(void *at, size_t size, int protection);
    int (*open)(const char *path, int flags, mode_t permissions);
    ssize_t (*pread)(int fd, void *buf, size_t size, off_t at);
    ssize_t (*pwrite)(int fd, const void *buf, size_t size, off_t at);
    ssize_t (*preadv2)(int fd, const struct iovec *pieces, int count, off_t at, int flags);
    int (*fstat)(int fd, struct stat *st);
    int (*ftruncate)(int fd, off_t size);
    int (*fsync)(int fd);
    int (*fdatasync)(int fd);
    int (*rename)(const char *from, const char *to);
    ssize_t (*sendfile)(int to, int from, off_t *at, size_t size);
    ssize_t (*copy_file_range)(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                               unsigned flags);
    ssize_t (*getdents64)(int fd, void *buf, size_t size);
    int (*fstatfs)(int fd, struct statfs *system);
    ssize_t (*recvmsg)(int fd, struct msghdr *message, int flags);
    int (*recvmmsg)(int fd, struct mmsghdr *messages, unsigned count, int flags);
    int (*sendmmsg)(int fd, struct mmsghdr *messages, unsigned count, int flags);
    ssize_t (*pwritev2)(int fd, const struct iovec *pieces, int count, off_t at, int flags);
    int (*pipe2)(int ends[2], int flags);
    pid_t (*start)(int (*child)(void *), void *stack, int flags, void *arg, int *pidfd);
    int (*pidfd_open)(pid_t pid);
    int (*pidfd_signal)(int pidfd, int signal);
    int (*kill)(pid_t pid, int signal);
    int (*waitid)(idtype_t kind, id_t id, siginfo_t *how, int options);
    int (*openat)(int directory, const char *path, int flags);
    int (*openat2)(int directory, const char *path, int flags, uint64_t resolve);
    /* liburing's, where it is built in; -1 and errno, as the others. */
    int (*ring_open)(unsigned entries, struct io_uring *ring, struct io_uring_params *params);
    /* Submits what was gathered, and waits for a completion, up to the timeout; NULL: as long as
     * it takes.  -1 and ETIME: none has come. */
    int (*ring_wait)(struct io_uring *ring, const struct timespec *timeout);
    /* Submits what was gathered, and has what is done told; does not wait. */
    int (*ring_submit)(struct io_uring *ring);
    /* Gives the ring a group of buffers. */
    int (*ring_register)(struct io_uring *ring, struct io_uring_buf_reg *buffers);
    /* A ring is about to be given an operation on a file, in place of a system call: of how many
     * bytes; -1 and errno: it fails.  NULL: rings are given none. */
    ssize_t (*ring_operation)(int fd, size_t size);
};

BIDE_BEGIN_                     /* bide-testing puts faults into it */
extern struct sys bide__sys;
/* Are accept4 and recv the system's own, so that a ring may do as much by itself? */
bool bide__sys_accepts(void);
bool bide__sys_receives(void);
BIDE_END_

#endif
