/* tests/sync/test_lock.c -- one task at a time, in line, and only its owner releases. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_lock lock;
static char order[64];
static int inside;

static int passes(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_lock_acquire(&lock);
    if (!held)
        return bide_errcode();
    CHECK_EQ(inside++, 0);
    int rc = bide_sleep(0.001);
    CHECK_EQ(--inside, 0);
    return rc;
}

TASK_TEST(one_task_is_inside_at_a_time)
{
    BIDE_GROUP(g);
    double start = bide_now();
    for (int i = 0; i < 50; i++)
        bide_spawn(g, passes, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_NEAR(bide_now() - start, 0.050, 1e-9);
    CHECK(!bide_lock_is_held(&lock));
}

static int many_pass(void *unused)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 50; i++)
        bide_spawn(g, passes, unused);
    return bide_group_wait(g);
}

TEST(shuffled_one_task_is_inside_at_a_time)
{
    struct bide_run_opts opts = { .abi_ = sizeof opts, .jumping_clock = true };
    for (opts.shuffle_seed = 1; opts.shuffle_seed < 20; opts.shuffle_seed++) {
        CHECK_EQ(bide_run_opts(many_pass, &opts), 0);
        CHECK(!bide_lock_is_held(&lock));
    }
}

TASK_TEST(all_zero_is_free)
{
    CHECK(!bide_lock_is_held(&lock));
    bide_permit *held = bide_lock_acquire(&lock);
    CHECK(held);
    CHECK(bide_lock_is_held(&lock));
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK(!bide_lock_is_held(&lock));
    held = bide_lock_acquire_nowait(&lock);
    CHECK(held);
    CHECK_EQ(bide_permit_release(held), 0);
}

static int notes(void *name)
{
    bide_permit *held = bide_lock_acquire(&lock);
    strcat(order, held ? name : "-");
    CHECK_EQ(bide_permit_release(held), 0);
    return held ? 0 : bide_errcode();
}

static void spawn_notes(bide_group *g, char *name, bide_task **handle)
{
    bide_spawn(g, notes, name, .handle = handle);
    CHECK_EQ(bide_sleep(0.001), 0);
}

static char a[] = "a", b[] = "b", c[] = "c";

TASK_TEST(the_longest_waiter_is_next)
{
    bide_permit *held = bide_lock_acquire(&lock);
    bide_task *unused;
    BIDE_GROUP(g);
    spawn_notes(g, b, &unused);
    spawn_notes(g, a, &unused);
    spawn_notes(g, c, &unused);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "bac");
}

TASK_TEST(nobody_overtakes_who_waits)
{
    bide_permit *held = bide_lock_acquire(&lock);
    bide_task *unused;
    BIDE_GROUP(g);
    spawn_notes(g, a, &unused);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK(bide_lock_is_held(&lock));            /* handed over, though a has not run yet */
    CHECK_PTR(bide_lock_acquire_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    held = bide_lock_acquire(&lock);
    CHECK_STR(order, "a");
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int holds_for_ever(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_lock_acquire(&lock);
    return bide_sleep(BIDE_FOREVER);
}

TASK_TEST(a_guard_releases_it_when_the_task_is_cancelled)
{
    {
        BIDE_GROUP(g);
        bide_spawn(g, holds_for_ever, NULL);
        CHECK_EQ(bide_yield(), 0);
        CHECK_PTR(bide_lock_acquire_nowait(&lock), NULL);
        CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    }
    CHECK(!bide_lock_is_held(&lock));
}

/* Cancelling. */

TASK_TEST(cancelled_before_it_is_not_taken)
{
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_PTR(bide_lock_acquire(&lock), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK(!bide_lock_is_held(&lock));
}

TASK_TEST(cancelled_while_waiting_one_leaves_the_line)
{
    bide_permit *held = bide_lock_acquire(&lock);
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_notes(g, a, &tasks[0]);
    spawn_notes(g, b, &tasks[1]);
    spawn_notes(g, c, &tasks[2]);
    bide_cancel(tasks[0]);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "--c");
    CHECK(!bide_lock_is_held(&lock));
    CHECK_PTR(lock.waiters_, NULL);
}

TASK_TEST(handed_over_and_then_cancelled_it_is_held)
{
    bide_permit *held = bide_lock_acquire(&lock);
    bide_task *task;
    BIDE_GROUP(g);
    spawn_notes(g, a, &task);
    CHECK_EQ(bide_permit_release(held), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "a");
    CHECK(!bide_lock_is_held(&lock));
}

TASK_TEST(a_timeout_leaves_no_waiter)
{
    BIDE_GROUP(g);
    bide_spawn(g, holds_for_ever, NULL);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(t, 0.001);
        CHECK_PTR(bide_lock_acquire(&lock), NULL);
        CHECK_EQ(bide_scope_result(t, bide_errcode()), BIDE_ETIMEDOUT);
    }
    CHECK_PTR(lock.waiters_, NULL);
}

/* Misuse. */

TASK_TEST(acquiring_what_one_holds_is_no_hang)
{
    bide_permit *held = bide_lock_acquire(&lock);
    CHECK_PTR(bide_lock_acquire(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK_HAS(bide_errmsg(), "this very task");
    CHECK_PTR(bide_lock_acquire_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(releasing_twice_is_an_error)
{
    bide_permit *held = bide_lock_acquire(&lock);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_permit_release(held), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "nobody holds it");
    CHECK_EQ(bide_permit_release(NULL), 0);
}

static int releases(void *held)
{
    CHECK_EQ(bide_permit_release(held), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "does not hold it");
    return 0;
}

TASK_TEST(another_task_may_not_release)
{
    bide_permit *held = bide_lock_acquire(&lock);
    BIDE_GROUP(g);
    bide_spawn(g, releases, held);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(bide_lock_is_held(&lock));
    CHECK_EQ(bide_permit_release(held), 0);
}

TEST(outside_of_a_task_nothing_is_held)
{
    CHECK_PTR(bide_lock_acquire_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_PTR(bide_lock_acquire(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

static int takes_and_ends(void *unused)
{
    (void)unused;
    return bide_lock_acquire(&lock) ? 0 : bide_errcode();
}

static int tries(void *unused)
{
    (void)unused;
    return bide_lock_acquire(&lock) ? 0 : bide_errcode();
}

TEST(a_lock_that_was_left_held_stays_so)
{
    CHECK_EQ(bide_run(takes_and_ends, NULL), 0);
    CHECK(bide_lock_is_held(&lock));
    CHECK(bide_run(tries, NULL) < 0);           /* it says so, or the loop finds the deadlock */
}

static void holds_it(void)
{
    bide_permit *held = bide_lock_acquire(&lock);
    elsewhere_hold();
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(what_a_task_of_another_loop_holds_is_not_waited_for)
{
    void (*body)(void) = holds_it;
    elsewhere_begin(&body);
    CHECK_PTR(bide_lock_acquire(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "another loop");
    CHECK_PTR(bide_lock_acquire_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    elsewhere_end();
    CHECK_EQ(bide_permit_release(bide_lock_acquire(&lock)), 0);
}

TASK_TEST(a_lock_may_go_away_once_nobody_waits)
{
    for (int i = 0; i < 100; i++) {
        bide_lock mine = { .owner_ = NULL };
        CHECK_EQ(bide_permit_release(bide_lock_acquire(&mine)), 0);
        memset(&mine, 0x55, sizeof mine);
    }
}
