/* tests/sync/test_interval.c -- ticks: in step, and what becomes of missed ones. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/rate.h>
#include <bide/scope.h>

static bide_interval every_second = BIDE_INTERVAL(1);
static double start;

static void ticks_at(bide_interval *i, int ticks, double seconds)
{
    CHECK_EQ(bide_interval_wait(i), ticks);
    CHECK_NEAR(bide_now() - start, seconds, 1.5e-9);
}

static void sleeps(double seconds)
{
    CHECK_EQ(bide_sleep(seconds), 0);
}

TASK_TEST(the_first_tick_comes_at_once_and_then_one_each_period)
{
    start = bide_now();
    for (int i = 0; i < 100; i++) {
        ticks_at(&every_second, 1, i);
        sleeps(i % 4 * 0.25);                   /* what is done meanwhile does not matter */
    }
}

TASK_TEST(thirds_do_not_drift)
{
    bide_interval third = BIDE_INTERVAL(1 / 3.0);
    start = bide_now();
    for (int i = 0; i <= 30000; i++)
        ticks_at(&third, 1, i / 3.0);
}

TASK_TEST(it_begins_when_it_is_first_waited_for)
{
    start = bide_now();
    sleeps(0.4);
    ticks_at(&every_second, 1, 0.4);
    ticks_at(&every_second, 1, 1.4);
}

TASK_TEST(missed_ticks_are_made_up_for)
{
    start = bide_now();
    ticks_at(&every_second, 1, 0);
    sleeps(3.5);
    for (int i = 0; i < 3; i++)
        ticks_at(&every_second, 1, 3.5);
    ticks_at(&every_second, 1, 4);
    ticks_at(&every_second, 1, 5);
}

TASK_TEST(missed_ticks_are_skipped_in_step)
{
    bide_interval i = BIDE_INTERVAL(1, .missed = BIDE_MISSED_SKIP);
    start = bide_now();
    ticks_at(&i, 1, 0);
    sleeps(3.5);
    ticks_at(&i, 3, 3.5);
    ticks_at(&i, 1, 4);
    sleeps(1.5);
    ticks_at(&i, 1, 5.5);
    ticks_at(&i, 1, 6);
    sleeps(3);
    ticks_at(&i, 3, 9);
    ticks_at(&i, 1, 10);
}

TASK_TEST(after_a_delay_the_next_is_a_whole_period_later)
{
    bide_interval i = BIDE_INTERVAL(1, .missed = BIDE_MISSED_DELAY);
    start = bide_now();
    ticks_at(&i, 1, 0);
    sleeps(3.5);
    ticks_at(&i, 1, 3.5);
    ticks_at(&i, 1, 4.5);
    sleeps(1.25);
    ticks_at(&i, 1, 5.75);
    ticks_at(&i, 1, 6.75);
    sleeps(1);
    ticks_at(&i, 1, 7.75);
    ticks_at(&i, 1, 8.75);
}

TASK_TEST(an_immense_number_of_missed_ticks_is_cut)
{
    bide_interval i = BIDE_INTERVAL(1e-9, .missed = BIDE_MISSED_SKIP);
    CHECK_EQ(bide_interval_wait(&i), 1);
    sleeps(1e5);
    CHECK_EQ(bide_interval_wait(&i), INT32_MAX);
    CHECK_EQ(bide_interval_wait(&i), 1);
}

TASK_TEST(an_interval_for_ever_ticks_once)
{
    bide_interval i = BIDE_INTERVAL(BIDE_FOREVER);
    CHECK_EQ(bide_interval_wait(&i), 1);
    BIDE_TIMEOUT(t, 1e8);
    CHECK_EQ(bide_interval_wait(&i), BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(t, BIDE_ECANCELED), BIDE_ETIMEDOUT);
}

/* Cancelling. */

TASK_TEST(cancelled_before_the_tick_is_still_to_be_had)
{
    start = bide_now();
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_interval_wait(&every_second), BIDE_ECANCELED);
    }
    ticks_at(&every_second, 1, 0);
}

TASK_TEST(cancelled_while_waiting_the_tick_is_still_to_be_had)
{
    start = bide_now();
    ticks_at(&every_second, 1, 0);
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(t, 0.25);
        CHECK_EQ(bide_interval_wait(&every_second), BIDE_ECANCELED);
    }
    ticks_at(&every_second, 1, 1);
    CHECK_PTR(every_second.waiter_, NULL);
}

static int waits_for_tick(void *unused)
{
    (void)unused;
    return bide_interval_wait(&every_second);
}

static int cancels(void *task)
{
    int rc = bide_sleep(1);
    bide_cancel(*(bide_task **)task);
    return rc;
}

TASK_TEST(ticked_and_then_cancelled_is_ticked)
{
    bide_task *task;
    CHECK_EQ(bide_interval_wait(&every_second), 1);
    BIDE_GROUP(g);
    bide_spawn(g, cancels, &task);              /* its second ends first, at the same moment */
    CHECK_EQ(bide_yield(), 0);
    bide_spawn(g, waits_for_tick, NULL, .handle = &task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 1);
}

/* Misuse. */

TASK_TEST(only_one_task_waits_for_a_tick)
{
    CHECK_EQ(bide_interval_wait(&every_second), 1);
    BIDE_GROUP(g);
    bide_spawn(g, waits_for_tick, NULL);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_interval_wait(&every_second), BIDE_EBUSY);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(impossible_intervals_are_refused)
{
    bide_interval bad[] = { { .seconds = 0 }, BIDE_INTERVAL(-1), BIDE_INTERVAL(__builtin_nan("")) };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(bide_interval_wait(&bad[i]), BIDE_EINVAL);
}

static void waits_there(void)
{
    CHECK_EQ(bide_interval_wait(&every_second), 1);
    BIDE_GROUP(g);
    bide_spawn(g, waits_for_tick, NULL);
    CHECK_EQ(bide_yield(), 0);
    elsewhere_hold();
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
}

TASK_TEST(where_a_task_of_another_loop_waits_one_does_not)
{
    void (*body)(void) = waits_there;
    elsewhere_begin(&body);
    CHECK_EQ(bide_interval_wait(&every_second), BIDE_EPERM);
    elsewhere_end();
}

static int ticks_twice(void *unused)
{
    (void)unused;
    start = bide_now();
    ticks_at(&every_second, 1, 0);
    ticks_at(&every_second, 1, 1);
    return 0;
}

/* A jumping clock begins at 0 each time. */
TEST(the_clock_of_a_loop_before_is_forgotten)
{
    every_second.seconds = 1;
    CHECK_EQ(bide_run(ticks_twice, NULL, .jumping_clock = true), 0);
    every_second.start_ns_ += 1000000000000;
    CHECK_EQ(bide_run(ticks_twice, NULL, .jumping_clock = true), 0);
}
