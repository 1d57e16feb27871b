/* tests/sync/test_semaphore.c -- permits: never more than the limit, handed over in line. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_semaphore two = BIDE_SEMAPHORE(2), one;
static int inside, most, passed;
static char order[64];

static int passes(void *unused)
{
    (void)unused;
    bide_auto(permit) permit = bide_semaphore_acquire(&two);
    if (!permit)
        return bide_errcode();
    inside++;
    most = inside > most ? inside : most;
    int rc = bide_sleep(0.001);
    inside--;
    passed++;
    return rc;
}

TASK_TEST(no_more_than_the_limit_are_inside)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 50; i++)
        bide_spawn(g, passes, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(most, 2);
    CHECK_EQ(passed, 50);
    CHECK_EQ(bide_semaphore_free(&two), 2);
}

TASK_TEST(all_zero_is_a_semaphore_of_one)
{
    CHECK_EQ(bide_semaphore_free(&one), 1);
    bide_permit *permit = bide_semaphore_acquire(&one);
    CHECK(permit);
    CHECK_EQ(bide_semaphore_free(&one), 0);
    CHECK_PTR(bide_semaphore_acquire_nowait(&one), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    bide_permit_release(permit);
    permit = bide_semaphore_acquire_nowait(&one);
    CHECK(permit);
    bide_permit_release(permit);
    bide_permit_release(NULL);
    CHECK_EQ(bide_semaphore_free(&one), 1);
}

static int notes(void *name)
{
    bide_permit *permit = bide_semaphore_acquire(&one);
    strcat(order, permit ? name : "-");
    bide_permit_release(permit);
    return permit ? 0 : bide_errcode();
}

static void spawn_notes(bide_group *g, char *name, bide_task **handle)
{
    bide_spawn(g, notes, name, .handle = handle);
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(the_longest_waiter_is_served_first)
{
    static char a[] = "a", b[] = "b", c[] = "c";
    bide_permit *permit = bide_semaphore_acquire(&one);
    bide_task *unused;
    BIDE_GROUP(g);
    spawn_notes(g, b, &unused);
    spawn_notes(g, a, &unused);
    spawn_notes(g, c, &unused);
    bide_permit_release(permit);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "bac");
}

TASK_TEST(a_released_permit_is_not_up_for_grabs)
{
    static char waiter[] = "waiter";
    bide_permit *permit = bide_semaphore_acquire(&one);
    bide_task *unused;
    BIDE_GROUP(g);
    spawn_notes(g, waiter, &unused);
    bide_permit_release(permit);
    CHECK_EQ(bide_semaphore_free(&one), 0);             /* it is on its way */
    CHECK_PTR(bide_semaphore_acquire_nowait(&one), NULL);
    permit = bide_semaphore_acquire(&one);
    CHECK_STR(order, "waiter");
    bide_permit_release(permit);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(cancelled_before_no_permit_is_taken)
{
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_PTR(bide_semaphore_acquire(&two), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_semaphore_free(&two), 2);
}

TASK_TEST(cancelled_while_waiting_one_leaves_the_line)
{
    static char a[] = "a", b[] = "b", c[] = "c";
    bide_permit *permit = bide_semaphore_acquire(&one);
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_notes(g, a, &tasks[0]);
    spawn_notes(g, b, &tasks[1]);
    spawn_notes(g, c, &tasks[2]);
    bide_cancel(tasks[0]);
    bide_permit_release(permit);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-bc");
    CHECK_EQ(bide_semaphore_free(&one), 1);
}

TASK_TEST(handed_over_and_then_cancelled_the_permit_is_held)
{
    static char a[] = "a";
    bide_permit *permit = bide_semaphore_acquire(&one);
    bide_task *task;
    BIDE_GROUP(g);
    spawn_notes(g, a, &task);
    bide_permit_release(permit);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "a");
    CHECK_EQ(bide_semaphore_free(&one), 1);
}

TASK_TEST(a_guard_gives_its_permit_back_when_the_task_is_cancelled)
{
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 5; i++)
            bide_spawn(g, passes, NULL);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_semaphore_free(&two), 0);
    }
    CHECK_EQ(bide_semaphore_free(&two), 2);
    CHECK_PTR(two.waiters_, NULL);
}

static int releases(void *permit)
{
    bide_permit_release(permit);
    return 0;
}

TASK_TEST(another_task_may_release)
{
    bide_permit *permit = bide_semaphore_acquire(&one);
    BIDE_GROUP(g);
    bide_spawn(g, releases, permit);
    permit = bide_semaphore_acquire(&one);
    CHECK(permit);
    bide_permit_release(permit);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_semaphore_may_go_away_once_nobody_waits)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++) {
        bide_semaphore mine = BIDE_SEMAPHORE(1);
        bide_permit *permit = bide_semaphore_acquire(&mine);
        bide_spawn(g, releases, permit);
        permit = bide_semaphore_acquire(&mine);
        CHECK(permit);
        memset(&mine, 0x55, sizeof mine);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}
