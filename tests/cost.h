/* tests/cost.h -- what something costs, counted: allocations and system calls.
 *
 *     COST_COUNTED();             before the loop starts
 *     ... once or twice, so that what is kept for the next has been made ...
 *     cost_begin();
 *     ... the same again ...
 *     CHECK_EQ(cost.allocations, 0);
 *
 * Everything that asks the allocator or the system through bide__sys counts, in any task: so the
 * other side of an exchange is a plain descriptor, driven by cost_say() and cost_hear(), which ask
 * the system directly. Waiting is not counted, because these yield where a program would sleep;
 * bench/size counts it from outside. */
#ifndef COST_H
#define COST_H
#include "test.h"

#include "base/sys.h"

#include <bide.h>
#include <bide/memory.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cost {
    int allocations, reads, writes;
    int others;                 /* system calls that are none of these, nor a wait */
};

static struct cost cost;
static struct sys cost_real;    /* what stands behind the counters */

__attribute__((unused)) static void cost_begin(void)
{
    cost = (struct cost){ 0 };
}

static void *cost_alloc(size_t size)
{
    cost.allocations++;
    return malloc(size);
}

static void *cost_resize(void *memory, size_t size)
{
    cost.allocations++;
    return realloc(memory, size);
}

#define COST_CALL(type, name, counter, parameters, arguments) \
    static type cost_count_##name parameters \
    { \
        cost.counter++; \
        return cost_real.name arguments; \
    }
#define COST_CALLS(X) \
    X(ssize_t, read, reads, (int fd, void *buf, size_t n), (fd, buf, n)) \
    X(ssize_t, recv, reads, (int fd, void *buf, size_t n, int how), (fd, buf, n, how)) \
    X(ssize_t, pread, reads, (int fd, void *buf, size_t n, off_t at), (fd, buf, n, at)) \
    X(ssize_t, writev, writes, (int fd, const struct iovec *v, int n), (fd, v, n)) \
    X(ssize_t, send, writes, (int fd, const void *data, size_t n, int how), (fd, data, n, how)) \
    X(ssize_t, sendmsg, writes, (int fd, const struct msghdr *m, int how), (fd, m, how)) \
    X(ssize_t, sendfile, writes, (int to, int from, off_t *at, size_t n), (to, from, at, n)) \
    X(int, socket, others, (int family, int type, int protocol), (family, type, protocol)) \
    X(int, connect, others, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n)) \
    X(int, accept4, others, (int fd, struct sockaddr *a, socklen_t *n, int how), (fd, a, n, how)) \
    X(int, shutdown, others, (int fd, int how), (fd, how)) \
    X(int, getsockopt, others, (int fd, int level, int name, void *v, socklen_t *n), \
      (fd, level, name, v, n)) \
    X(int, setsockopt, others, (int fd, int level, int name, const void *v, socklen_t n), \
      (fd, level, name, v, n)) \
    X(int, fcntl, others, (int fd, int command, int argument), (fd, command, argument)) \
    X(int, close, others, (int fd), (fd)) \
    X(int, epoll_ctl, others, (int set, int op, int fd, struct epoll_event *e), (set, op, fd, e)) \
    X(void *, mmap, others, (void *at, size_t n, int may, int how, int fd, off_t from), \
      (at, n, may, how, fd, from)) \
    X(int, munmap, others, (void *at, size_t n), (at, n)) \
    X(int, madvise, others, (void *at, size_t n, int advice), (at, n, advice)) \
    X(int, mprotect, others, (void *at, size_t n, int may), (at, n, may)) \
    X(int, open, others, (const char *path, int how, mode_t may), (path, how, may)) \
    X(int, openat, others, (int dir, const char *path, int how), (dir, path, how)) \
    X(int, openat2, others, (int dir, const char *path, int how, uint64_t in), \
      (dir, path, how, in)) \
    X(int, fstat, others, (int fd, struct stat *st), (fd, st))

COST_CALLS(COST_CALL)
#define COST_TAKE(type, name, counter, parameters, arguments) bide__sys.name = cost_count_##name;

__attribute__((unused)) static void cost_take(void)
{
    static const struct bide_allocator counted = { cost_alloc, cost_resize, free };
    cost_real = bide__sys;
    COST_CALLS(COST_TAKE)
    CHECK_EQ(bide_allocator_set(&counted), 0);
    cost_begin();
}

/* From here on, in this test's process. */
#define COST_COUNTED() cost_take()

/* ---- the other side, which does not count ---- */

/* Sends all of it; there is room. */
__attribute__((unused)) static void cost_say(int fd, const void *data, size_t size)
{
    CHECK_EQ(write(fd, data, size), (ssize_t)size);
}

/* Reads `size` bytes, or fewer if it closes; the loop goes on meanwhile. */
__attribute__((unused)) static size_t cost_hear(int fd, char *into, size_t size)
{
    size_t have = 0;
    for (int i = 0; have < size && i < 10000; i++) {
        CHECK_EQ(bide_yield(), 0);
        ssize_t n = recv(fd, into + have, size - have, MSG_DONTWAIT);
        if (n == 0)
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    return have;
}

/* A plain connection to 127.0.0.1. */
__attribute__((unused)) static int cost_connect(const char *address)
{
    int port = atoi(strrchr(address, ':') + 1);
    struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK_EQ(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    return fd;
}

#endif
