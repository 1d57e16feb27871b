/* tests/sync/test_semaphore.c -- permits: never more than the limit, handed over in line. */
#include "elsewhere.h"

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
    return bide_permit_release(permit);
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

/* Misuse. */

TASK_TEST(more_releases_than_permits_are_an_error)
{
    bide_permit *permit = bide_semaphore_acquire(&two);
    CHECK_EQ(bide_permit_release(permit), 0);
    CHECK_EQ(bide_permit_release(permit), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "more often than acquired");
    CHECK_EQ(bide_semaphore_free(&two), 2);
    CHECK_EQ(bide_permit_release(NULL), 0);
}

static void uses_it_up(void)
{
    BIDE_GROUP(g);
    bide_permit *permit = bide_semaphore_acquire(&one);
    bide_spawn(g, notes, (char[]){ "x" }, .copy = 2);
    CHECK_EQ(bide_yield(), 0);
    elsewhere_hold();
    CHECK_EQ(bide_permit_release(permit), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(where_a_task_of_another_loop_waits_one_does_not)
{
    void (*body)(void) = uses_it_up;
    elsewhere_begin(&body);
    CHECK_PTR(bide_semaphore_acquire(&one), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_EQ(bide_permit_release((bide_permit *)(void *)&one), BIDE_EPERM);
    CHECK_EQ(bide_semaphore_resize(&one, 5), BIDE_EPERM);
    elsewhere_end();
    CHECK_STR(order, "x");
    CHECK_EQ(bide_semaphore_free(&one), 1);
}

/* Another limit. */

TASK_TEST(a_larger_limit_lets_waiters_in)
{
    bide_semaphore s = BIDE_SEMAPHORE(1);
    bide_permit *permits[3] = { bide_semaphore_acquire(&s), NULL, NULL };
    static char a[] = "a", b[] = "b", c[] = "c";
    bide_task *unused;
    bide_permit *held = bide_semaphore_acquire(&one);
    BIDE_GROUP(g);
    spawn_notes(g, a, &unused);
    spawn_notes(g, b, &unused);
    spawn_notes(g, c, &unused);
    CHECK_EQ(bide_semaphore_resize(&one, 3), 0);
    CHECK_EQ(bide_semaphore_free(&one), 0);             /* a and b are on their way */
    CHECK_PTR(bide_semaphore_acquire_nowait(&one), NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abc");
    CHECK_EQ(bide_semaphore_free(&one), 2);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_semaphore_resize(&s, 2), 0);
    CHECK_EQ(bide_semaphore_free(&s), 1);
    CHECK((permits[1] = bide_semaphore_acquire_nowait(&s)));
    CHECK_PTR(permits[2] = bide_semaphore_acquire_nowait(&s), NULL);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_permit_release(permits[i]), 0);
}

TASK_TEST(a_smaller_limit_holds_once_permits_have_come_back)
{
    static char a[] = "a";
    bide_permit *permits[3];
    bide_task *unused;
    BIDE_GROUP(g);
    CHECK_EQ(bide_semaphore_resize(&one, 3), 0);
    for (int i = 0; i < 3; i++)
        CHECK((permits[i] = bide_semaphore_acquire(&one)));
    spawn_notes(g, a, &unused);
    CHECK_EQ(bide_semaphore_resize(&one, 1), 0);
    CHECK_EQ(bide_semaphore_free(&one), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_STR(order, "");
        CHECK_EQ(bide_permit_release(permits[i]), 0);
        CHECK_EQ(bide_sleep(0.001), 0);
    }
    CHECK_STR(order, "a");
    CHECK_EQ(bide_semaphore_free(&one), 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_limit_of_zero_is_refused)
{
    CHECK_EQ(bide_semaphore_resize(&two, 0), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "limit of 0");
    CHECK_EQ(bide_semaphore_free(&two), 2);
    CHECK_EQ(bide_semaphore_resize(&two, BIDE_UNLIMITED), 0);
    CHECK_EQ(bide_semaphore_free(&two), BIDE_UNLIMITED);
}
