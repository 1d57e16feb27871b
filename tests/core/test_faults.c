/* tests/core/test_faults.c -- the system says no.
 *
 * The scenario is run again and again, with the first, second, third ... call of one kind failing
 * once.  Nothing may hang, leak a descriptor or be lost. */
#include "test.h"

#include "base/sys.h"
#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static struct sys real;
static int left = -1, code, refused;    /* left: how many still succeed; < 0: all */

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    left = -1;
    refused++;
    errno = code;
    return true;
}

static int faulty_create(int flags)
{
    return fails() ? -1 : real.epoll_create1(flags);
}

static int faulty_eventfd(unsigned count, int flags)
{
    return fails() ? -1 : real.eventfd(count, flags);
}

static int faulty_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    return fails() ? -1 : real.epoll_ctl(set, operation, fd, event);
}

static int faulty_wait(int set, struct epoll_event *events, int max, const struct timespec *timeout)
{
    return fails() ? -1 : real.epoll_wait(set, events, max, timeout);
}

static int faulty_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    return fails() ? -1 : real.poll(fds, count, timeout);
}

static int faulty_madvise(void *at, size_t size, int advice)
{
    return fails() ? -1 : real.madvise(at, size, advice);
}

static int faulty_mprotect(void *at, size_t size, int protection)
{
    return fails() ? -1 : real.mprotect(at, size, protection);
}

static int count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    CHECK(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* The scenario: tasks, a deadline that passes, a pipe that is waited for. */

static int ends[2];

static int writes(void *unused)
{
    (void)unused;
    int rc = bide_sleep(0.0002);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    return rc;
}

static int waits_in_vain(void *unused)
{
    (void)unused;
    int rc = bide_fd_wait(ends[1], POLLIN);
    bide_fd_forget(ends[1]);
    return rc > 0 ? 0 : rc;
}

static int scenario(void *unused)
{
    char c;
    BIDE_GROUP(g);
    bide_spawn(g, writes, unused);
    int rc = bide_fd_wait(ends[0], POLLIN);
    if (rc > 0)
        CHECK_EQ(read(ends[0], &c, 1), 1);
    bide_fd_forget(ends[0]);
    if (rc < 0)
        return rc;
    rc = bide_timeout(0.0002, waits_in_vain, unused);
    if (rc != BIDE_ETIMEDOUT && rc < 0)
        return rc;
    return bide_group_wait(g);
}

static int run_once(const char *poller)
{
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    int rc = bide_run(scenario, NULL, .poller = poller);
    close(ends[0]);
    close(ends[1]);
    return rc;
}

/* may_fail: the failure may reach the program, as its own code. */
static void fail_each(const char *poller, int how, bool may_fail)
{
    int rounds = 0, before = count_descriptors();
    code = how;
    for (bool any = true; any; rounds++) {
        CHECK(rounds < 5000);
        left = rounds;
        refused = 0;
        int rc = run_once(poller);
        any = refused > 0;
        left = -1;
        CHECK(rc == 0 || (any && may_fail && rc == -how));
        CHECK_EQ(count_descriptors(), before);
    }
    CHECK(rounds > 1);                  /* it was called at all */
}

static void begin(void)
{
    real = bide__sys;
    CHECK_EQ(run_once(NULL), 0);        /* what is made once per process is made */
}

TEST(no_epoll_is_told)
{
    begin();
    bide__sys.epoll_create1 = faulty_create;
    fail_each("epoll", EMFILE, true);
}

TEST(no_eventfd_is_told)
{
    begin();
    bide__sys.eventfd = faulty_eventfd;
    fail_each("epoll", EMFILE, true);
    fail_each("poll", ENFILE, true);
}

TEST(a_descriptor_that_cannot_be_watched_is_told_of)
{
    begin();
    bide__sys.epoll_ctl = faulty_ctl;
    fail_each("epoll", ENOMEM, true);
    fail_each("epoll", ENOSPC, true);
}

TEST(interrupted_waits_go_on)
{
    begin();
    bide__sys.epoll_wait = faulty_wait;
    fail_each("epoll", EINTR, false);
    bide__sys.poll = faulty_poll;
    fail_each("poll", EINTR, false);
}

TEST(advice_and_guards_that_are_refused_do_no_harm)
{
    begin();
    bide__sys.madvise = faulty_madvise;
    fail_each("epoll", EINVAL, false);
    bide__sys.mprotect = faulty_mprotect;
    fail_each("epoll", ENOMEM, false);
}
