/* tests/core/test_collect.c -- groups that hand out their tasks as they end. */
#include "sleepers.h"

#include <bide/scope.h>

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
