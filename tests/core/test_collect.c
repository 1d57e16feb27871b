/* tests/core/test_collect.c -- groups that hand out their tasks as they end. */
#include "sleepers.h"
#include "steps.h"

#include <bide/scope.h>
#include <stdlib.h>

TASK_TEST(next_needs_a_collecting_group)
{
    BIDE_GROUP(g);
    bide_task *done;
    CHECK_EQ(bide_group_next(g, &done), BIDE_EINVAL);
}

TASK_TEST(next_hands_out_in_the_order_of_ending)
{
    static const int order[] = { 10, 20, 30, 40 }, start[] = { 30, 10, 40, 20 };
    BIDE_COLLECT(g);
    bide_task *done;
    for (int i = 0; i < 4; i++)
        bide_spawn(g, i == 1 ? failer : sleeper, MS(start[i]));
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_group_next(g, &done), 1);
        CHECK_PTR(bide_task_arg(done), MS(order[i]));
        CHECK(bide_task_done(done));
        CHECK_EQ(bide_task_result(done), i == 0 ? -110 : 0);
    }
    CHECK_EQ(bide_group_next(g, &done), 0);
    CHECK_EQ(bide_group_next(g, &done), 0);
}

static int first_of_many(void *unused)
{
    (void)unused;
    BIDE_COLLECT(g);
    bide_task *done;
    for (int i = 1; i <= 100; i++)
        bide_spawn(g, sleeper, MS(i));
    for (int i = 1; i <= 10; i++) {
        CHECK_EQ(bide_group_next(g, &done), 1);
        CHECK_PTR(bide_task_arg(done), MS(i));
    }
    return 0;
}

TASK_TEST(the_first_ten_of_a_hundred_end_the_rest)
{
    double start = bide_now();
    CHECK_EQ(first_of_many(NULL), 0);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK_EQ(ended, 100);
}

static int collects_one(void *unused)
{
    (void)unused;
    BIDE_COLLECT(g);
    bide_task *done;
    bide_spawn(g, failer, MS(1), .name = "one");
    bide_spawn(g, failer, MS(2), .name = "two");
    CHECK_EQ(bide_group_next(g, &done), 1);
    CHECK_STR(bide_task_name(done), "one");
    CHECK_EQ(bide_sleep(0.005), 0);
    return 0;
}

TEST(what_was_handed_out_is_heard_and_the_rest_reported)
{
    run_hearing(collects_one);
    CHECK_STR(heard, "two: failed after 2 (-102)\n");
}

static int next_of(void *g)
{
    bide_task *done;
    return bide_group_next(g, &done);
}

TASK_TEST(next_can_be_cancelled_without_losing_a_task)
{
    BIDE_COLLECT(g);
    bide_spawn(g, sleeper, MS(20));
    CHECK_EQ(bide_timeout(0.010, next_of, g), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_timeout(0.020, next_of, g), 1);
    CHECK_EQ(bide_timeout(0.010, next_of, g), 0);
}

static int collects_until_none_is_left(void *handed_out)
{
    BIDE_COLLECT(g);
    bide_task *done;
    int rc;
    bide_spawn(g, sleeper, MS(5));
    bide_spawn(g, sleeper, MS(100));
    while ((rc = bide_group_next(g, &done)) > 0)
        ++*(int *)handed_out;
    return rc;
}

TASK_TEST(cancelled_from_outside_next_hands_out_what_ends_and_then_says_so)
{
    int handed_out = 0;
    CHECK_EQ(bide_timeout(0.010, collects_until_none_is_left, &handed_out), BIDE_ETIMEDOUT);
    CHECK_EQ(handed_out, 2);
}

static int ends(void *unused)
{
    (void)unused;
    return 0;
}

static void hand_out(void *group)
{
    bide_task *done;
    if (bide_group_next((bide_group *)group, &done) != 1)
        abort();
}

static long steps_after(int count)
{
    bide_task *task;
    BIDE_COLLECT(g);
    for (int i = 0; i < count + 2; i++)
        bide_spawn(g, ends, NULL, .handle = &task);
    for (int i = 0; i < count; i++)
        hand_out(g);
    return steps_of(hand_out, g);
}

TASK_TEST(the_thousandth_that_is_handed_out_and_kept_takes_no_more_steps_than_the_tenth)
{
    long few = steps_after(10), many = steps_after(1000);
    CHECK(many <= 2 * few || few < 0);
}

static int fails(void *unused)
{
    (void)unused;
    return bide_fail(-110, "failed");
}

/* The last that was handed out is read on while a new failure begins a new list. */
TASK_TEST(who_was_handed_out_stays_until_the_next_is)
{
    bide_task *done;
    BIDE_COLLECT(g);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++)
            bide_spawn(g, fails, NULL);
        for (int i = 0; i < 20; i++) {
            CHECK_EQ(bide_group_next(g, &done), 1);
            CHECK_EQ(bide_task_result(done), -110);
        }
        CHECK_EQ(bide_group_wait(g), -110);
        bide_spawn(g, fails, NULL);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_task_result(done), -110);
        CHECK_STR(bide_task_error(done)->text, "failed");
        CHECK_EQ(bide_group_next(g, &done), 1);
        CHECK_EQ(bide_group_wait(g), -110);
    }
}
