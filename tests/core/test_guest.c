/* Guest mode: a host that sleeps in poll(2), or not at all, steps the loop. */
#include "test.h"

#include "host.h"
#include <bide.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

/* The host: waits as it is told, until the guest has ended; main's result. */
static int be_host(int *steps)
{
    int timeout_ms, rc;
    for (*steps = 1; bide_guest_step(&timeout_ms, &rc); ++*steps) {
        struct pollfd p = { .fd = bide_guest_fd(), .events = POLLIN };
        CHECK(p.fd >= 0);
        poll(&p, 1, timeout_ms < 0 || timeout_ms > 5000 ? 5000 : timeout_ms);
    }
    return rc;
}

static int add_after_sleep(void *arg)
{
    int *sum = arg, rc = bide_sleep(0.003);
    *sum += 1;
    return rc;
}

static int spawn_three(void *arg)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, add_after_sleep, arg);
    int rc = bide_group_wait(g);
    return rc < 0 ? rc : 7;
}

TEST(a_guest_runs_to_its_end_under_its_host_and_its_result_comes_back)
{
    int sum = 0, steps;
    CHECK_EQ(START_GUEST(spawn_three, &sum), 0);
    CHECK_EQ(be_host(&steps), 7);
    CHECK_EQ(sum, 3);
    CHECK(steps < 20);                  /* the host slept; it did not ask again and again */
    CHECK_EQ(bide_guest_fd(), -1);
}

TEST(a_guest_on_the_jumping_clock_needs_no_time)
{
    int sum = 0, steps;
    double before = bide_now();
    CHECK_EQ(START_GUEST(spawn_three, &sum, .jumping_clock = true), 0);
    CHECK_EQ(be_host(&steps), 7);
    CHECK(bide_now() - before < 5);
}

static int fail_after_sleep(void *unused)
{
    (void)unused;
    int rc = bide_sleep(0.001);
    return rc < 0 ? rc : bide_fail(BIDE_EINVAL, "the guest's own reason");
}

TEST(a_guests_failure_is_held_by_its_host)
{
    int steps;
    CHECK_EQ(START_GUEST(fail_after_sleep, NULL), 0);
    CHECK_EQ(be_host(&steps), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "the guest's own reason");
}

static bide_event told;
static bide_queue *letters;

static int wait_to_be_told(void *unused)
{
    (void)unused;
    int letter, sum = 0, rc = bide_event_wait(&told);
    while (rc == 0 && bide_queue_get(letters, &letter) == 1)
        sum += letter;
    return rc < 0 ? rc : sum;
}

TEST(a_host_may_set_put_and_spawn_between_steps_but_not_wait)
{
    int timeout_ms, rc, sum = 0, steps;
    letters = bide_queue_new(int, 4);
    CHECK_EQ(START_GUEST(wait_to_be_told, NULL), 0);
    CHECK(bide_guest_step(&timeout_ms, &rc));
    CHECK(bide_guest_step(&timeout_ms, &rc));
    CHECK_EQ(timeout_ms, -1);                           /* waits for the host: no deadlock */
    CHECK_EQ(bide_sleep(1), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "only inside a task");
    CHECK_EQ(bide_run(wait_to_be_told, NULL), BIDE_EPERM);
    bide_event_set(&told);
    CHECK_EQ(bide_queue_put_nowait(letters, &(int){ 40 }), 0);
    CHECK_EQ(bide_queue_put_nowait(letters, &(int){ 2 }), 0);
    bide_queue_close(letters);
    CHECK_EQ(bide_spawn(NULL, add_after_sleep, &sum), 0);
    CHECK_EQ(be_host(&steps), 42);
    bide_queue_free(letters);
}

static int sleep_for_ever(void *unused)
{
    (void)unused;
    return bide_sleep(BIDE_FOREVER);
}

TEST(a_host_that_is_closed_cancels_its_guest)
{
    int timeout_ms, rc, steps;
    CHECK_EQ(START_GUEST(sleep_for_ever, NULL), 0);
    CHECK(bide_guest_step(&timeout_ms, &rc));
    bide_guest_cancel();
    CHECK_EQ(be_host(&steps), BIDE_ECANCELED);
}

static bide_group *pool;
static bool pool_dropped;
static void drop_pool(void *unused) { (void)unused; pool_dropped = true; }

static int leave_a_pool_behind(void *unused)
{
    (void)unused;
    pool = bide_group_open("pool", drop_pool, NULL);
    bide_spawn(pool, sleep_for_ever, NULL);
    return 0;
}

TEST(what_a_guest_leaves_behind_is_ended_with_it)
{
    int steps;
    CHECK_EQ(START_GUEST(leave_a_pool_behind, NULL), 0);
    CHECK_EQ(be_host(&steps), 0);
    CHECK(pool_dropped);
}

static int read_a_byte(void *arg)
{
    char byte;
    bide_auto(stream) s = bide_stream_of_fd(*(int *)arg);
    return (int)bide_read(s, &byte, 1) == 1 ? byte : bide_errcode();
}

static void *write_a_byte(void *arg)
{
    usleep(5000);
    CHECK_EQ(write(*(int *)arg, "x", 1), 1);
    return NULL;
}

TEST(the_hosts_poll_returns_when_a_guests_descriptor_is_ready)
{
    int ends[2], steps;
    pthread_t thread;
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(START_GUEST(read_a_byte, &ends[0]), 0);
    pthread_create(&thread, NULL, write_a_byte, &ends[1]);
    CHECK_EQ(be_host(&steps), 'x');
    CHECK(steps < 20);
    pthread_join(thread, NULL);
    close(ends[1]);
}

static int step_myself(void *unused)
{
    (void)unused;
    int timeout_ms, rc;
    CHECK(!bide_guest_step(&timeout_ms, &rc));
    CHECK_EQ(rc, BIDE_EPERM);
    CHECK_EQ(START_GUEST(step_myself, NULL), BIDE_EPERM);
    return 5;
}

TEST(misuse_is_told)
{
    int timeout_ms, rc = 0, steps;
    CHECK(!bide_guest_step(&timeout_ms, &rc));
    CHECK_EQ(rc, BIDE_EPERM);
    bide_guest_cancel();
    CHECK_EQ(START_GUEST(step_myself, NULL), 0);
    CHECK_EQ(START_GUEST(step_myself, NULL), BIDE_EPERM);
    CHECK_EQ(be_host(&steps), 5);
}

TEST(a_guest_of_poll_is_refused_and_told_what_to_take)
{
    CHECK_EQ(bide_guest_start(step_myself, NULL, .poller = "poll"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "guest: poll has no descriptor that a host could wait for: take the "
              "poller epoll or io_uring");
    setenv("BIDE_POLLER", "poll", 1);
    CHECK_EQ(bide_guest_start(step_myself, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_guest_fd(), -1);
}

static int yield_often(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        int rc = bide_yield();
        if (rc < 0)
            return rc;
        ++*(int *)arg;
    }
    return 0;
}

TEST(ready_tasks_are_shuffled_in_a_guest_too)
{
    int sum = 0, steps;
    CHECK_EQ(START_GUEST(yield_often, &sum, .shuffle_seed = 9), 0);
    CHECK_EQ(be_host(&steps), 0);
    CHECK_EQ(sum, 1000);
}
