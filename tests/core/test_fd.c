/* tests/core/test_fd.c -- waiting for a descriptor that somebody else reads and writes; under both
 * pollers. */
#include "test.h"

#include "base/sys.h"
#include "core/fd.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/stream.h>
#include <bide/sync.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];             /* read, write */

static void run_under_each(bide_fn *fn)
{
    static const char *const pollers[] = { "epoll", "poll", TEST_RING };
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
        CHECK_EQ(bide_run(fn, NULL, .poller = pollers[i], .jumping_clock = true), 0);
        close(ends[0]);
        close(ends[1]);
    }
}

static int writes_later(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    return 0;
}

static int waits_to_read(void *unused)
{
    (void)unused;
    return bide_fd_wait(ends[0], POLLIN) == POLLIN ? 0 : bide_errcode();
}

static int reads_twice(void *unused)
{
    char c;
    BIDE_GROUP(g);
    for (int i = 0; i < 2; i++) {
        bide_spawn(g, writes_later, unused);
        CHECK_EQ(bide_fd_wait(ends[0], POLLIN), POLLIN);
        CHECK_EQ(bide_fd_wait(ends[0], POLLIN), POLLIN);        /* still: nobody has read */
        CHECK_EQ(read(ends[0], &c, 1), 1);
    }
    return bide_group_wait(g);
}

TEST(a_descriptor_is_waited_for_until_it_is_ready)
{
    run_under_each(reads_twice);
}

static int drains(void *unused)
{
    static char block[65536];
    (void)unused;
    for (int i = 0; i < 10; i++)
        CHECK_EQ(bide_yield(), 0);
    while (read(ends[0], block, sizeof block) > 0)
        ;
    return 0;
}

static int fills(void *unused)
{
    static char block[65536];
    BIDE_GROUP(g);
    CHECK_EQ(bide_fd_wait(ends[1], POLLOUT), POLLOUT);
    while (write(ends[1], block, sizeof block) > 0)
        ;
    bide_spawn(g, drains, unused);
    CHECK_EQ(bide_fd_wait(ends[1], POLLOUT), POLLOUT);
    return bide_group_wait(g);
}

TEST(room_to_write_is_waited_for)
{
    run_under_each(fills);
}

static int closes_later(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_yield(), 0);
    close(ends[1]);
    ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return 0;
}

static int waits_for_the_end(void *unused)
{
    char c;
    BIDE_GROUP(g);
    bide_spawn(g, closes_later, unused);
    CHECK(bide_fd_wait(ends[0], POLLIN) & (POLLIN | POLLHUP));
    CHECK_EQ(read(ends[0], &c, 1), 0);
    CHECK(bide_fd_wait(ends[0], POLLIN) & (POLLIN | POLLHUP));
    return bide_group_wait(g);
}

TEST(a_hang_up_wakes_a_reader)
{
    run_under_each(waits_for_the_end);
}

static int has_two_readers(void *unused)
{
    bide_task *first, *second;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, waits_to_read, unused, .handle = &first);
    bide_spawn(g, waits_to_read, unused, .handle = &second);
    bide_spawn(g, writes_later, unused);
    CHECK_EQ(bide_group_wait(g), BIDE_EBUSY);
    CHECK_EQ(bide_task_result(first), 0);
    CHECK_EQ(bide_task_result(second), BIDE_EBUSY);
    return 0;
}

TEST(a_second_reader_is_refused)
{
    run_under_each(has_two_readers);
}

static int waits_in_vain(void *unused)
{
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_timeout(0.010, waits_to_read, unused), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_timeout(0, waits_to_read, unused), BIDE_ETIMEDOUT);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(bide_timeout(0, waits_to_read, unused), BIDE_ETIMEDOUT);
    return bide_timeout(0.010, waits_to_read, unused);
}

TEST(a_wait_can_be_cancelled_and_begun_again)
{
    run_under_each(waits_in_vain);
}

static int forgets(void *unused)
{
    bide_task *task;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, waits_to_read, unused, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_fd_forget(ends[0]);
    bide_fd_forget(ends[0]);
    bide_fd_forget(-1);
    bide_fd_forget(12345);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(write(ends[1], "x", 1), 1);        /* it is not closed, and can be waited for anew */
    return waits_to_read(unused);
}

TEST(forgetting_ends_the_wait_and_nothing_else)
{
    run_under_each(forgets);
}

static int reuses_numbers(void *unused)
{
    for (int i = 0; i < 50; i++) {
        int fresh[2];
        CHECK_EQ(pipe2(fresh, O_NONBLOCK | O_CLOEXEC), 0);
        CHECK_EQ(write(fresh[1], "x", 1), 1);
        CHECK_EQ(bide_fd_wait(fresh[0], POLLIN), POLLIN);
        bide_fd_forget(fresh[0]);
        close(fresh[0]);
        close(fresh[1]);
        CHECK_EQ(pipe2(fresh, O_NONBLOCK | O_CLOEXEC), 0);
        BIDE_TIMEOUT(t, 0.001);
        CHECK_EQ(bide_fd_wait(fresh[0], POLLIN), BIDE_ECANCELED);       /* no stale readiness */
        bide_fd_forget(fresh[0]);
        close(fresh[0]);
        close(fresh[1]);
    }
    (void)unused;
    return 0;
}

TEST(a_number_used_again_is_another_descriptor)
{
    run_under_each(reuses_numbers);
}

static int waits_both_ways(void *unused)
{
    int pair[2];
    char c;
    (void)unused;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    CHECK_EQ(bide_fd_wait(pair[0], POLLIN | POLLOUT), POLLOUT);
    CHECK_EQ(write(pair[1], "x", 1), 1);
    CHECK_EQ(bide_fd_wait(pair[0], POLLIN | POLLOUT), POLLIN | POLLOUT);
    CHECK_EQ(read(pair[0], &c, 1), 1);
    bide_fd_forget(pair[0]);
    close(pair[0]);
    close(pair[1]);
    return 0;
}

TEST(both_directions_can_be_waited_for_at_once)
{
    run_under_each(waits_both_ways);
}

static int waits_for_a_file(void *unused)
{
    (void)unused;
    char name[] = "/tmp/bide-test-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    unlink(name);
    CHECK_EQ(bide_fd_wait(fd, POLLIN), -EPERM);
    close(fd);
    CHECK(bide_fd_wait(-1, POLLIN) < 0);
    CHECK_EQ(bide_fd_wait(0, 0), BIDE_EINVAL);
    CHECK_EQ(bide_fd_wait(0, POLLPRI), BIDE_EINVAL);
    return 0;
}

TEST(what_cannot_be_waited_for_is_refused)
{
    run_under_each(waits_for_a_file);
}

TEST(descriptors_are_waited_for_inside_a_loop)
{
    CHECK_EQ(bide_fd_wait(0, POLLIN), BIDE_EPERM);
    bide_fd_forget(0);
}

static int is_read_ready(void *fd)
{
    return bide__fd_ready(*(int *)fd, READY_READ);
}

/* A duplicate keeps the old registration alive, so its news still come, under the old number. */
static int hears_of_the_dead(void *unused)
{
    int old[2], fresh[2];
    (void)unused;
    CHECK_EQ(pipe2(old, O_NONBLOCK | O_CLOEXEC), 0);
    CHECK_EQ(bide_timeout(0.001, is_read_ready, &old[0]), BIDE_ECLOSED);
    CHECK_EQ(bide__fd_watch(old[0], 0), 0);
    int twin = dup(old[0]), number = old[0];
    bide__fd_close(old[0]);
    CHECK_EQ(pipe2(fresh, O_NONBLOCK | O_CLOEXEC), 0);
    CHECK_EQ(fresh[0], number);
    CHECK_EQ(bide__fd_watch(fresh[0], 0), 0);
    CHECK_EQ(write(old[1], "x", 1), 1);
    CHECK_EQ(bide_timeout(0.001, is_read_ready, &fresh[0]), BIDE_ETIMEDOUT);
    CHECK_EQ(write(fresh[1], "x", 1), 1);
    CHECK_EQ(bide_timeout(0.001, is_read_ready, &fresh[0]), READY_READ);
    bide__fd_close(fresh[0]);
    close(fresh[1]);
    close(old[1]);
    close(twin);
    return 0;
}

TEST(news_of_a_closed_descriptor_are_not_its_successors)
{
    run_under_each(hears_of_the_dead);
}

static int (*real_poll)(struct pollfd *fds, nfds_t count, const struct timespec *timeout);
static int polls;
static nfds_t most_polled;

static int counted_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    polls += count > 1;
    most_polled = count > most_polled ? count : most_polled;
    return real_poll(fds, count, timeout);
}

static int leaves_it_readable(void *unused)
{
    BIDE_GROUP(g);
    bide_spawn(g, writes_later, unused);
    CHECK_EQ(bide_fd_wait(ends[0], POLLIN), POLLIN);
    polls = 0;
    return bide_sleep(0.010);
}

TEST(what_nobody_waits_for_does_not_keep_the_poller_awake)
{
    real_poll = bide__sys.poll;
    bide__sys.poll = counted_poll;
    CHECK_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    CHECK_EQ(bide_run(leaves_it_readable, NULL, .poller = "poll"), 0);
    CHECK(polls < 20);
}

TEST(a_forgotten_descriptor_leaves_no_place_behind)
{
    real_poll = bide__sys.poll;
    bide__sys.poll = counted_poll;
    run_under_each(reuses_numbers);
    CHECK(most_polled < 10);
}

/* Many at once. */

enum { PIPES = 100 };
static int many[PIPES][2], heard;

static int hears(void *index)
{
    int fd = many[(intptr_t)index][0];
    char c;
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(bide_fd_wait(fd, POLLIN), POLLIN);
        CHECK_EQ(read(fd, &c, 1), 1);
        heard++;
    }
    bide_fd_forget(fd);
    return 0;
}

static int talks(void *unused)
{
    (void)unused;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < PIPES; i++)
            CHECK_EQ(write(many[i * 37 % PIPES][1], "x", 1), 1);
        CHECK_EQ(bide_sleep(round % 2 ? 0.001 : 0), 0);
    }
    return 0;
}

static int many_pipes(void *unused)
{
    heard = 0;
    for (int i = 0; i < PIPES; i++)
        CHECK_EQ(pipe2(many[i], O_NONBLOCK | O_CLOEXEC), 0);
    BIDE_GROUP(g);
    for (intptr_t i = 0; i < PIPES; i++)
        bide_spawn(g, hears, (void *)i);
    bide_spawn(g, talks, unused);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(heard, 10 * PIPES);
    for (int i = 0; i < PIPES; i++) {
        close(many[i][0]);
        close(many[i][1]);
    }
    return 0;
}

TEST(many_descriptors_lose_no_byte)
{
    run_under_each(many_pipes);
}

static int waits_for_a_shared_one(void *unused)
{
    int shared[2];
    (void)unused;
    CHECK_EQ(pipe2(shared, O_CLOEXEC), 0);
    CHECK_EQ(bide_fd_wait(shared[1], POLLOUT), POLLOUT);
    CHECK_EQ(write(shared[1], "x", 1), 1);
    CHECK_EQ(bide_fd_wait(shared[0], POLLIN), POLLIN);
    for (int i = 0; i < 2; i++) {
        CHECK(!(fcntl(shared[i], F_GETFL) & O_NONBLOCK));
        bide_fd_forget(shared[i]);
        close(shared[i]);
    }
    return 0;
}

/* Standard input's flags, for one, are those of every process that has it. */
TEST(waiting_leaves_a_descriptors_flags_alone)
{
    run_under_each(waits_for_a_shared_one);
}

/* A library closes its descriptor and opens another, which gets the same number. */
static int waits_for_a_number_that_was_reused(void *unused)
{
    int old[2], new[2];
    (void)unused;
    CHECK_EQ(pipe(old), 0);
    CHECK_EQ(write(old[1], "x", 1), 1);
    CHECK_EQ(bide_fd_wait(old[0], POLLIN), POLLIN);
    close(old[0]);
    CHECK_EQ(pipe(new), 0);
    CHECK_EQ(new[0], old[0]);
    BIDE_GROUP(g);
    ends[1] = new[1];
    bide_spawn(g, writes_later, NULL);
    CHECK_EQ(bide_fd_wait(new[0], POLLIN), POLLIN);
    CHECK_EQ(bide_group_wait(g), 0);
    close(new[0]);
    CHECK_EQ(pipe(new), 0);
    bide_auto(stream) s = bide_stream_of_fd(new[0]);
    CHECK(s != NULL);
    close(new[1]);
    close(old[1]);
    return 0;
}

TEST(a_descriptor_closed_without_a_word_does_not_block_its_number)
{
    run_under_each(waits_for_a_number_that_was_reused);
}

/* --- woken, and before it runs robbed and cancelled --- */

static int stolen[2], told[2];
static bide_task *victim;

static int waits_to_be_robbed(void *unused)
{
    char c;
    (void)unused;
    return (int)bide__fd_read(stolen[0], &c, 1);
}

static int robs(void *unused)
{
    char c;
    (void)unused;
    CHECK_EQ(bide__fd_read(told[0], &c, 1), 1);
    CHECK_EQ(recv(stolen[0], &c, 1, MSG_DONTWAIT), 1);
    bide_cancel(victim);
    return 0;
}

/* Both are ready at one look, the robber first. */
TASK_TEST(who_was_woken_for_nothing_and_cancelled_does_not_wait_again)
{
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, told), 0);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stolen), 0);
    CHECK_EQ(bide__fd_watch(told[0], 0), 0);
    CHECK_EQ(bide__fd_watch(stolen[0], 0), 0);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, robs, NULL);
        bide_spawn(g, waits_to_be_robbed, NULL, .handle = &victim);
        CHECK_EQ(bide_test_blocked(), 0);
        CHECK_EQ(write(told[1], "x", 1), 1);
        CHECK_EQ(write(stolen[1], "x", 1), 1);
        BIDE_TIMEOUT(limit, 5);
        CHECK_EQ(bide_join(victim), 0);
        CHECK_EQ(bide_task_result(victim), BIDE_ECANCELED);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    bide__fd_close(told[0]);
    bide__fd_close(stolen[0]);
    close(told[1]);
    close(stolen[1]);
}

/* ---- parked, without a task ---- */

static int woken;
static bide_event parked_woken;

static void note_waking(struct fd_idler *idler)
{
    (void)idler;
    woken++;
    bide_event_set(&parked_woken);
}

static int parks_and_reads(void *unused)
{
    (void)unused;
    struct fd_idler idler = { note_waking };
    char c;
    woken = 0;
    CHECK_EQ(bide__fd_watch(ends[0], 0), 0);
    for (int i = 1; i <= 3; i++) {
        bide_event_clear(&parked_woken);
        CHECK(bide__fd_park(ends[0], &idler));
        CHECK(!bide__fd_park(ends[0], &idler));         /* it is already */
        CHECK_EQ(write(ends[1], "x", 1), 1);
        CHECK_EQ(bide_event_wait(&parked_woken), 0);
        CHECK_EQ(woken, i);
        CHECK(!bide__fd_park(ends[0], &idler));         /* something is there */
        CHECK_EQ(bide__fd_read_now(ends[0], &c, 1), 1);
        CHECK_EQ(bide__fd_read_now(ends[0], &c, 1), BIDE_EAGAIN);
    }
    bide__fd_unwatch(ends[0]);
    return 0;
}

TEST(a_parked_descriptor_wakes_its_idler_once_when_something_is_to_be_read)
{
    run_under_each(parks_and_reads);
}

static int calls_back(void *unused)
{
    (void)unused;
    struct fd_idler idler = { note_waking };
    woken = 0;
    CHECK_EQ(bide__fd_watch(ends[0], 0), 0);
    CHECK(bide__fd_park(ends[0], &idler));
    bide__fd_unpark(ends[0]);
    bide__fd_unpark(ends[0]);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(bide_sleep(0.01), 0);
    CHECK_EQ(woken, 0);
    bide__fd_unwatch(ends[0]);
    CHECK(!bide__fd_park(ends[0], &idler));
    return 0;
}

TEST(who_was_called_back_is_not_woken)
{
    run_under_each(calls_back);
}

static int aborts_parked(void *unused)
{
    (void)unused;
    struct fd_idler idler = { note_waking };
    woken = 0;
    CHECK_EQ(bide__fd_watch(ends[0], 0), 0);
    CHECK(bide__fd_park(ends[0], &idler));
    CHECK(bide__fd_ready(ends[0], READY_READ) == BIDE_EBUSY);
    bide__fd_abort(ends[0]);
    CHECK_EQ(woken, 1);
    CHECK(!bide__fd_park(ends[0], &idler));
    bide__fd_unwatch(ends[0]);
    CHECK_EQ(woken, 1);
    return 0;
}

TEST(aborting_a_parked_descriptor_wakes_its_idler)
{
    run_under_each(aborts_parked);
}
