/* tests/core/test_ring.c -- the ring as a poller: refused, interrupted, stormed, and closed under
 * a wait. */
#include "test.h"

#include "base/sys.h"
#include "core/poller.h"
#include <bide.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef BIDE_URING

static struct sys real;

static int run_on_ring(bide_fn *fn, void *arg)
{
    return bide_run(fn, arg, .poller = "io_uring", .jumping_clock = true);
}

static int tell_name(void *name)
{
    *(const char **)name = bide_poller_name();
    return bide_sleep(0.001);
}

static const char *name_of_ring(void)
{
    const char *name = NULL;
    CHECK_EQ(run_on_ring(tell_name, &name), 0);
    return name;
}

/* ---- the system refuses ---------------------------------------------------------------------- */

static int code;
static unsigned opened;

static int refused_open(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
    (void)entries, (void)ring, (void)params;
    opened++;
    errno = code;
    return -1;
}

static int open_but_once(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
    return opened ? real.ring_open(entries, ring, params) : refused_open(entries, ring, params);
}

TEST(where_the_system_refuses_a_ring_it_is_epoll_without_a_word)
{
    static const int codes[] = { ENOSYS, EPERM, ENOMEM, EINVAL, EMFILE };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        real = bide__sys;
        bide__sys.ring_open = refused_open;
        code = codes[i];
        opened = 0;
        CHECK_STR(name_of_ring(), "epoll");
        CHECK(opened >= 1);
        bide__sys = real;
    }
}

TEST(a_system_that_knows_fewer_options_has_a_ring_all_the_same)
{
    const char *usual = name_of_ring();
    real = bide__sys;
    bide__sys.ring_open = open_but_once;
    code = EINVAL;
    opened = 0;
    CHECK_STR(name_of_ring(), usual);
    bide__sys = real;
}

TEST(the_environment_chooses_it)
{
    const char *name = NULL, *usual = name_of_ring();
    setenv("BIDE_POLLER", "io_uring", 1);
    CHECK_EQ(bide_run(tell_name, &name), 0);
    CHECK_STR(name, usual);
}

/* ---- each call in turn fails ----------------------------------------------------------------- */

static int left = -1;

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    left = -1;
    errno = code;
    return true;
}

static int faulty_wait(struct io_uring *ring, const struct timespec *timeout)
{
    return fails() ? -1 : real.ring_wait(ring, timeout);
}

static int faulty_submit(struct io_uring *ring)
{
    return fails() ? -1 : real.ring_submit(ring);
}

static int answers(void *stream)
{
    char c;
    int rc = (int)bide_read(stream, &c, 1);
    return rc < 0 ? rc : bide_write(stream, &c, 1);
}

static int converses(void *unused)
{
    char c = 'x';
    int fds[2];
    (void)unused;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    bide_auto(stream) one = bide_stream_of_fd(fds[0]);
    bide_auto(stream) other = bide_stream_of_fd(fds[1]);
    BIDE_GROUP(g);
    bide_spawn(g, answers, other);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_write(one, &c, 1), 0);
    CHECK_EQ(bide_read(one, &c, 1), 1);
    return bide_group_wait(g);
}

static void fail_each(int how)
{
    bool any = true;
    code = how;
    for (int i = 0; any; i++) {
        CHECK(i < 500);
        left = i;
        CHECK_EQ(run_on_ring(converses, NULL), 0);
        any = left < 0;
        left = -1;
    }
}

TEST(interrupted_waits_and_submissions_go_on)
{
    real = bide__sys;
    bide__sys.ring_wait = faulty_wait;
    fail_each(EINTR);
    fail_each(EBUSY);
    bide__sys = real;
    bide__sys.ring_submit = faulty_submit;
    fail_each(EINTR);
    fail_each(EAGAIN);
    bide__sys = real;
}

/* ---- storms ---------------------------------------------------------------------------------- */

enum { STORM = 3000, BATCH = 64 };

static int wait_now(struct poller *p, struct poller_event *events)
{
    int n = p->ops->wait(p, 0, events, BATCH);
    return n == -EINTR ? 0 : n;
}

static void allow_descriptors(rlim_t count)
{
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_cur < count ? count : limit.rlim_cur;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* More reports than the ring has room for, so that requests end and are made anew. */
TEST(a_storm_of_events_loses_no_descriptor)
{
    struct poller p;
    struct poller_event events[BATCH];
    static int fds[STORM];
    static unsigned told[STORM + 100];
    allow_descriptors(STORM + 100);
    CHECK_EQ(bide__poller_open(&p, "io_uring"), 0);
    for (int i = 0; i < STORM; i++) {
        fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        CHECK(fds[i] >= 0 && fds[i] < STORM + 100);
        CHECK_EQ(p.ops->watch(&p, fds[i], 7, true), 0);
    }
    for (int round = 0; round < 3; round++) {
        memset(told, 0, sizeof told);
        for (int i = 0; i < STORM; i++)
            CHECK_EQ(eventfd_write(fds[i], 1), 0);
        for (int turns = 0, n = 1; n > 0 || turns < 3; turns++) {
            CHECK(turns < 10 * STORM);
            n = wait_now(&p, events);
            for (int i = 0; i < n; i++) {
                CHECK_EQ(events[i].generation, 7);
                told[events[i].fd] |= events[i].ready;
            }
        }
        for (int i = 0; i < STORM; i++)
            CHECK(told[fds[i]] & READY_READ);
    }
    p.ops->close(&p);
}

TEST(what_was_unwatched_is_not_told)
{
    struct poller p;
    struct poller_event events[BATCH];
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_EQ(bide__poller_open(&p, "io_uring"), 0);
    CHECK_EQ(p.ops->watch(&p, fd, 1, true), 0);
    CHECK_EQ(p.ops->watch(&p, fd, 1, true), -EEXIST);
    CHECK_EQ(wait_now(&p, events), 1);          /* it can be written */
    CHECK_EQ(eventfd_write(fd, 1), 0);
    p.ops->unwatch(&p, fd, 0);
    CHECK_EQ(wait_now(&p, events), 0);
    CHECK_EQ(p.ops->watch(&p, fd, 2, true), 0);
    CHECK_EQ(wait_now(&p, events), 1);
    CHECK_EQ(events[0].generation, 2);
    p.ops->close(&p);
}

TEST(what_is_always_ready_is_not_watched)
{
    struct poller p;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    CHECK_EQ(bide__poller_open(&p, "io_uring"), 0);
    CHECK_EQ(p.ops->watch(&p, file, 1, false), -EPERM);
    CHECK_EQ(p.ops->watch(&p, null, 1, false), -EPERM);
    close(null);
    CHECK_EQ(p.ops->watch(&p, null, 1, false), -EBADF);
    CHECK_EQ(p.ops->watch(&p, -1, 1, false), -EBADF);
    p.ops->close(&p);
}

/* ---- closing --------------------------------------------------------------------------------- */

static int wait_in_vain(void *stream)
{
    char c;
    return (int)bide_read(stream, &c, 1) == BIDE_ECLOSED ? 0 : BIDE_ETEST;
}

/* The peer learns of it at once, though nothing has waited meanwhile. */
static int closes_under_a_wait(void *unused)
{
    char c;
    int fds[2];
    (void)unused;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    bide_stream *s = bide_stream_of_fd(fds[0]);
    BIDE_GROUP(g);
    bide_spawn(g, wait_in_vain, s);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(recv(fds[1], &c, 1, 0), -1);
    bide_stream_abort(s);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_stream_close(s);
    CHECK_EQ(recv(fds[1], &c, 1, 0), 0);
    close(fds[1]);
    return 0;
}

TEST(a_closed_socket_is_closed_at_once)
{
    CHECK_EQ(run_on_ring(closes_under_a_wait, NULL), 0);
}

/* Somebody else's descriptor, which is closed without a word. */
static int waits_for_foreign(void *unused)
{
    char c;
    int fds[2];
    (void)unused;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    CHECK_EQ(send(fds[1], "x", 1, 0), 1);
    CHECK_EQ(bide_fd_wait(fds[0], POLLIN), POLLIN);
    CHECK_EQ(recv(fds[0], &c, 1, 0), 1);
    {
        BIDE_TIMEOUT(limit, 0.001);
        CHECK_EQ(bide_fd_wait(fds[0], POLLIN), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_sleep(0.001), 0);
    close(fds[0]);
    CHECK_EQ(recv(fds[1], &c, 1, 0), 0);
    close(fds[1]);
    return 0;
}

TEST(a_descriptor_that_nobody_waits_for_can_be_closed_without_a_word)
{
    CHECK_EQ(run_on_ring(waits_for_foreign, NULL), 0);
}

/* ---- the loop elsewhere ---------------------------------------------------------------------- */

static int sleeps_and_reads(void *fds)
{
    char c = 0;
    bide_auto(stream) s = bide_stream_of_fd(((int *)fds)[0]);
    int rc = bide_sleep(0.001);
    return rc < 0 ? rc : (int)bide_read(s, &c, 1) == 1 ? c : BIDE_ETEST;
}

TEST(a_host_that_polls_the_ring_is_told_of_its_guest)
{
    int fds[2], timeout_ms, rc, steps = 0;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(bide_guest_start(sleeps_and_reads, fds, .poller = "io_uring"), 0);
    while (bide_guest_step(&timeout_ms, &rc)) {
        struct pollfd p = { .fd = bide_guest_fd(), .events = POLLIN };
        if (timeout_ms < 0)
            CHECK_EQ(write(fds[1], "y", 1), 1);
        CHECK(poll(&p, 1, timeout_ms < 0 ? 5000 : timeout_ms) > 0 || timeout_ms >= 0);
        CHECK(++steps < 20);
    }
    CHECK_EQ(rc, 'y');
    close(fds[1]);
}

static int counts(void *total)
{
    for (int i = 0; i < 20; i++)
        bide_ignore(bide_sleep(0.0001));
    __atomic_fetch_add((int *)total, 1, __ATOMIC_RELAXED);
    return 0;
}

TEST(each_thread_s_loop_has_a_ring_of_its_own)
{
    int total = 0;
    static const struct bide_run_opts run = { .abi_ = sizeof run, .poller = "io_uring" };
    CHECK_EQ(bide_loops(counts, &total, .count = 3, .run = &run), 0);
    CHECK_EQ(total, 3);
}

#else

TEST(without_liburing_the_ring_is_refused_with_a_sentence)
{
    struct poller p;
    CHECK_EQ(bide__poller_open(&p, "io_uring"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "poller io_uring: this build is without liburing");
}

#endif
