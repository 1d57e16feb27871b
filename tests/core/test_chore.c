/* tests/core/test_chore.c -- what nobody waits for is given back in portions: ended tasks. */
#include "test.h"

#include "core/loop.h"
#include "core/stack.h"

#include <bide/group.h>

enum { MANY = 5000, PORTION = 64 };

static int ends(void *unused)
{
    (void)unused;
    return 0;
}

static int leave_many(void *unused)
{
    bide_task *kept;
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < MANY; i++)
        bide_spawn(g, ends, NULL, .handle = &kept);
    return bide_group_wait(g);
}

TASK_TEST(the_tasks_of_a_group_that_is_left_are_given_back_some_at_a_time)
{
    CHECK_EQ(leave_many(NULL), 0);
    uint32_t before = bide__here->turns;
    CHECK(bide__here->spent);
    while (bide__here->spent)
        CHECK_EQ(bide_yield(), 0);
    CHECK(bide__here->turns - before >= MANY / PORTION - 2);
}

TASK_TEST(a_loop_does_not_sleep_before_all_are_given_back)
{
    CHECK_EQ(leave_many(NULL), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(!bide__here->spent);
    CHECK_EQ(bide__here->put_off, 0);
}

TASK_TEST(who_spawns_has_the_stacks_of_a_group_that_was_just_left)
{
    CHECK_EQ(leave_many(NULL), 0);
    uint32_t made = bide__here->stacks.made;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(leave_many(NULL), 0);
    CHECK_EQ(bide__here->stacks.made, made);
}

static int leave_and_end(void *unused)
{
    return leave_many(unused);
}

TEST(a_loop_that_ends_gives_all_back)
{
    CHECK_EQ(bide_run(leave_and_end, NULL), 0);
}
