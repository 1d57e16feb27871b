/* tests/testing/test_blocked.c -- waiting until nobody moves, and asserting that one does not stop
 * oneself. */
#include "testing/said.h"

#include <bide/group.h>
#include <bide/net.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <sys/wait.h>
#include <unistd.h>

static int steps;

static int walks(void *unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++, steps++)
        if (bide_yield() < 0)
            return bide_errcode();
    static bide_event never;
    return bide_event_wait(&never);
}

TASK_TEST(it_waits_until_every_other_task_waits)
{
    BIDE_GROUP(g);
    steps = 0;
    bide_spawn(g, walks, NULL);
    bide_spawn(g, walks, NULL);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK_EQ(steps, 100);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int sleeps(void *unused)
{
    (void)unused;
    int rc = bide_sleep(5);
    steps++;
    return rc;
}

TASK_TEST(time_does_not_go_on_meanwhile)
{
    BIDE_GROUP(g);
    double start = bide_now();
    steps = 0;
    bide_spawn(g, sleeps, NULL);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK_EQ(steps, 0);
    CHECK_NEAR(bide_now(), start, 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int reads_and_answers(void *s)
{
    char c;
    ssize_t n = bide_read(s, &c, 1);
    steps++;
    return n < 0 ? (int)n : bide_write(s, "y", 1);
}

static int reads(void *s)
{
    char c;
    ssize_t n = bide_read(s, &c, 1);
    steps++;
    return n < 0 ? (int)n : 0;
}

TASK_TEST(what_is_on_its_way_through_a_socket_arrives_first)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    CHECK(l);
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    for (int i = 0; i < 20; i++) {
        BIDE_GROUP(g);
        steps = 0;
        bide_spawn(g, reads_and_answers, b);
        bide_spawn(g, reads, a);
        CHECK_EQ(bide_test_blocked(), 0);
        CHECK_EQ(steps, 0);
        CHECK_EQ(bide_write(a, "x", 1), 0);
        CHECK_EQ(bide_test_blocked(), 0);
        CHECK_EQ(steps, 2);
        CHECK_EQ(bide_group_wait(g), 0);
    }
}

static int waits_too(void *unused)
{
    (void)unused;
    int rc = bide_test_blocked();
    steps++;
    return rc;
}

TASK_TEST(several_may_wait_for_it)
{
    BIDE_GROUP(g);
    steps = 0;
    for (int i = 0; i < 3; i++)
        bide_spawn(g, waits_too, NULL);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(steps, 3);
}

TASK_TEST(alone_it_returns_at_once)
{
    CHECK_EQ(bide_test_blocked(), 0);
}

TASK_TEST(it_can_be_cancelled)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_test_blocked(), BIDE_ECANCELED);
}

static int quiet_under_any_order(void *unused)
{
    BIDE_GROUP(g);
    steps = 0;
    for (int i = 0; i < 20; i++)
        bide_spawn(g, walks, unused);
    int rc = bide_test_blocked();
    if (rc == 0 && steps != 1000)
        rc = bide_fail(BIDE_ETEST, "%d steps", steps);
    bide_group_cancel(g);
    int others = bide_group_wait(g);
    return rc < 0 ? rc : others;
}

TEST(it_knows_shuffled_tasks_and_the_real_clock)
{
    CHECK_EQ(bide_test_shuffled(quiet_under_any_order, NULL, .count = 20), 0);
    CHECK_EQ(bide_test(quiet_under_any_order, NULL, .real_clock = true), 0);
    CHECK_EQ(bide_test(quiet_under_any_order, NULL, .poller = "poll"), 0);
}

TEST(outside_of_a_loop_it_is_refused)
{
    CHECK_EQ(bide_test_blocked(), BIDE_EPERM);
}

/* --- no switch in here --- */

static int only_what_is_there(void *unused)
{
    (void)unused;
    static bide_semaphore s = BIDE_SEMAPHORE(2);
    for (int i = 0; i < 1000; i++) {
        BIDE_TEST_NO_SWITCH(here);
        bide_auto(permit) p = bide_semaphore_acquire(&s);
        CHECK(p);
        BIDE_TEST_NO_SWITCH(inside);
        bide_auto(permit) q = bide_semaphore_acquire(&s);
        CHECK(q);
    }
    return 0;
}

TEST(calls_that_find_what_they_want_do_not_stop)
{
    CHECK_EQ(bide_test(only_what_is_there, NULL), 0);
    CHECK_EQ(bide_test(only_what_is_there, NULL, .seed = 3), 0);
}

static int place;
static int yields_inside(void *unused)
{
    (void)unused;
    place = __LINE__ + 1;
    BIDE_TEST_NO_SWITCH(here);
    return bide_yield();
}

static void check_broken(uint64_t seed, const char *poller)
{
    char wanted[64];
    listen_to_log();
    CHECK_EQ(bide_test(yields_inside, NULL, .seed = seed, .poller = poller), BIDE_ETEST);
    snprintf(wanted, sizeof wanted, "test_blocked.c:%d: the task stopped in a block of ", place);
    CHECK_HAS(bide_errmsg(), wanted);
    CHECK_HAS(said, "task 'main' stopped");
}

TEST(stopping_fails_the_test_with_the_place)
{
    check_broken(0, NULL);
    check_broken(9, NULL);
    check_broken(0, "poll");
}

static int waits_inside(void *unused)
{
    BIDE_GROUP(g);
    steps = 0;
    bide_spawn(g, sleeps, unused);
    {
        BIDE_TEST_NO_SWITCH(here);
        CHECK_EQ(bide_sleep(10), 0);
    }
    CHECK_EQ(steps, 1);
    return bide_group_wait(g);
}

TEST(the_loop_goes_on_as_usual_after_a_broken_guard)
{
    listen_to_log();
    CHECK_EQ(bide_test(waits_inside, NULL), BIDE_ETEST);
}

/* In a process of its own, for it is aborted. */
TEST(outside_of_a_test_a_broken_guard_ends_the_process)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        listen_to_log();
        bide_ignore(bide_run(yields_inside, NULL));
        _exit(0);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
}

TEST(outside_of_a_loop_nothing_switches)
{
    BIDE_TEST_NO_SWITCH(here);
    steps = 0;
}
