/* tests/sync/test_once.c -- something that has to succeed once. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_once once;
static int calls, fail_first;
static char order[64];

static int makes(void *unused)
{
    (void)unused;
    int rc = bide_sleep(0.001);
    if (rc < 0)
        return rc;
    return ++calls <= fail_first ? bide_fail(-2000, "attempt %d", calls) : 42;
}

static int asks(void *name)
{
    int rc = bide_once_run(&once, makes, NULL);
    strcat(order, rc == 42 ? name : "-");
    return rc;
}

static char a[] = "a", b[] = "b", c[] = "c";

static void spawn_asking(bide_group *g, bide_task *tasks[3])
{
    bide_spawn(g, asks, a, .handle = &tasks[0]);
    bide_spawn(g, asks, b, .handle = &tasks[1]);
    bide_spawn(g, asks, c, .handle = &tasks[2]);
}

TASK_TEST(it_is_done_once_and_all_have_the_result)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(calls, 1);
    CHECK_STR(order, "abc");
    CHECK_EQ(bide_once_run(&once, makes, NULL), 42);
    CHECK_EQ(calls, 1);
}

TASK_TEST(a_failure_is_not_remembered)
{
    fail_first = 1;
    CHECK_EQ(bide_once_run(&once, makes, NULL), -2000);
    CHECK_STR(bide_errmsg(), "attempt 1");
    CHECK_EQ(bide_once_run(&once, makes, NULL), 42);
    CHECK_EQ(calls, 2);
}

TASK_TEST(after_a_failure_the_longest_waiter_tries)
{
    bide_task *tasks[3];
    fail_first = 1;
    BIDE_KEEP_GOING(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_group_wait(g), -2000);
    CHECK_STR(order, "-bc");
    CHECK_EQ(calls, 2);
    CHECK_STR(bide_task_error(tasks[0])->text, "attempt 1");
    CHECK_EQ(bide_task_result(tasks[2]), 42);
}

static int fails_silently(void *unused)
{
    (void)unused;
    return -2001;
}

TASK_TEST(a_failure_without_a_sentence_gets_one)
{
    bide_fail(-2000, "something else");
    CHECK_EQ(bide_once_run(&once, fails_silently, NULL), -2001);
    CHECK_EQ(bide_errcode(), -2001);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_run)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_once_run(&once, makes, NULL), BIDE_ECANCELED);
    CHECK_EQ(calls, 0);
    CHECK_PTR(once.runner_, NULL);
}

TASK_TEST(a_cancelled_attempt_spoils_it_for_nobody)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-bc");
    CHECK_EQ(calls, 1);
}

TASK_TEST(a_cancelled_waiter_leaves_the_line)
{
    bide_task *tasks[3];
    fail_first = 1;
    BIDE_KEEP_GOING(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_group_wait(g), -2000);
    CHECK_STR(order, "--c");
    CHECK_EQ(bide_task_result(tasks[1]), BIDE_ECANCELED);
}

/* The first fails by itself; b is told to try, and is cancelled before it runs. */
static int fails_and_cancels(void *tasks)
{
    int rc = bide_sleep(0.001);
    if (rc < 0)
        return rc;
    bide_spawn(bide_group_root(), asks, c);
    return bide_yield() < 0 ? bide_errcode() : bide_fail(-2000, "%p", tasks);
}

static int cancels_b(void *arg)
{
    bide_task **tasks = arg;
    int rc = bide_once_run(&once, fails_and_cancels, tasks);
    bide_cancel(tasks[1]);
    return rc == -2000 ? 0 : rc;
}

TASK_TEST(a_turn_given_to_a_cancelled_task_goes_on_to_the_next)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    bide_spawn(g, cancels_b, tasks, .handle = &tasks[0]);
    bide_spawn(g, asks, b, .handle = &tasks[1]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_sleep(0.010), 0);
    CHECK_EQ(bide_task_result(tasks[1]), BIDE_ECANCELED);
    CHECK_STR(order, "-c");
    CHECK_EQ(calls, 1);
}

TASK_TEST(done_and_then_cancelled_is_done)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_sleep(0.001), 0);             /* the first one's sleep ends next */
    while (!once.done_)
        CHECK_EQ(bide_yield(), 0);
    bide_cancel(tasks[2]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(tasks[2]), 42);
}

/* Misuse. */

static int asks_again(void *unused)
{
    CHECK_EQ(bide_once_run(&once, asks_again, unused), BIDE_EDEADLK);
    CHECK_HAS(bide_errmsg(), "waits for itself");
    return 7;
}

TASK_TEST(a_function_that_comes_back_to_its_own_once_is_no_hang)
{
    CHECK_EQ(bide_once_run(&once, asks_again, NULL), 7);
    CHECK_EQ(bide_once_run(&once, asks_again, NULL), 7);
}

static int holds(void *unused)
{
    (void)unused;
    elsewhere_hold();
    return 1;
}

static void runs_there(void)
{
    CHECK_EQ(bide_once_run(&once, holds, NULL), 1);
}

TASK_TEST(where_another_loop_s_task_is_at_it_one_does_not_wait)
{
    void (*body)(void) = runs_there;
    elsewhere_begin(&body);
    CHECK_EQ(bide_once_run(&once, makes, NULL), BIDE_EPERM);
    elsewhere_end();
    CHECK_EQ(bide_once_run(&once, makes, NULL), 1);
}

TASK_TEST(it_may_go_away_once_nobody_waits)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_asking(g, tasks);
    CHECK_EQ(bide_sleep(0.001), 0);             /* the first one's sleep ends next */
    while (!once.done_)
        CHECK_EQ(bide_yield(), 0);
    memset(&once, 0x55, sizeof once);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abc");
}
