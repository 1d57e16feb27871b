/* tests/core/test_scope.c -- scopes: cancellation as a state, deadlines, shields. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <math.h>

TASK_TEST(a_scope_that_nobody_cancels_changes_nothing)
{
    BIDE_SCOPE(s);
    CHECK_EQ(bide_sleep(0.010), 0);
    CHECK(!bide_scope_cancelled(s));
    CHECK(!bide_scope_expired(s));
    CHECK_EQ(bide_scope_result(s, 5), 5);
    CHECK_EQ(bide_scope_result(s, BIDE_ECANCELED), BIDE_ECANCELED);
    CHECK(bide_time_left() == BIDE_FOREVER);
}

TASK_TEST(in_a_cancelled_scope_every_call_fails)
{
    bide_event set = { .set_ = 0 };
    bide_event_set(&set);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        for (int i = 0; i < 1000; i++) {
            CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
            CHECK_EQ(bide_sleep(0), BIDE_ECANCELED);
            CHECK_EQ(bide_yield(), BIDE_ECANCELED);
            CHECK_EQ(bide_event_wait(&set), BIDE_ECANCELED);  /* it could have finished */
        }
        CHECK(bide_cancelled());
        CHECK_STR(bide_errmsg(), "cancelled");
    }
    CHECK(!bide_cancelled());
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(a_deadline_cancels_inside_and_times_out_outside)
{
    double start = bide_now();
    BIDE_TIMEOUT(t, 0.010);
    int rc = bide_sleep(1);
    CHECK_EQ(rc, BIDE_ECANCELED);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK(bide_scope_cancelled(t) && bide_scope_expired(t));
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(t, rc), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "timed out after 0.01 s");
    CHECK_EQ(bide_scope_result(t, -7), -7);
    CHECK_EQ(bide_scope_result(t, 3), 3);
}

TASK_TEST(zero_and_less_have_expired_already)
{
    static const double seconds[] = { 0, -1, -INFINITY };
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(t, seconds[i]);
        CHECK(bide_scope_expired(t));
        CHECK_EQ(bide_yield(), BIDE_ECANCELED);
        CHECK_EQ(bide_scope_result(t, BIDE_ECANCELED), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_yield(), 0);
}

static int two_deadlines(double outer, double inner, int *inside)
{
    BIDE_TIMEOUT(first, outer);
    {
        BIDE_TIMEOUT(second, inner);
        *inside = bide_scope_result(second, bide_sleep(1));
    }
    return bide_scope_result(first, *inside);
}

TASK_TEST(of_nested_deadlines_the_first_to_pass_counts)
{
    int inside;
    CHECK_EQ(two_deadlines(0.020, 0.010, &inside), BIDE_ETIMEDOUT);
    CHECK_EQ(inside, BIDE_ETIMEDOUT);
    CHECK_EQ(two_deadlines(0.010, 0.020, &inside), BIDE_ETIMEDOUT);
    CHECK_EQ(inside, BIDE_ECANCELED);
    CHECK_EQ(two_deadlines(0.010, 0.010, &inside), BIDE_ETIMEDOUT);
    CHECK_EQ(inside, BIDE_ECANCELED);           /* both at once: the outer one's */
}

static int cancelled_as_well(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 0.005);
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    BIDE_SHIELD(s, 1);
    CHECK_EQ(bide_sleep(0.010), 0);             /* the outer deadline passes meanwhile */
    CHECK(bide_scope_expired(t));
    return bide_scope_result(t, BIDE_ECANCELED);
}

TASK_TEST(a_timeout_is_not_told_when_the_outside_is_cancelled_too)
{
    BIDE_TIMEOUT(outer, 0.010);
    CHECK_EQ(cancelled_as_well(NULL), BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(outer, BIDE_ECANCELED), BIDE_ETIMEDOUT);
}

TASK_TEST(what_was_cancelled_does_not_expire)
{
    BIDE_TIMEOUT(t, 0.010);
    bide_scope_cancel(t);
    {
        BIDE_SHIELD(s, 1);
        CHECK_EQ(bide_sleep(0.020), 0);
    }
    CHECK(bide_scope_cancelled(t));
    CHECK(!bide_scope_expired(t));
    CHECK_EQ(bide_scope_result(t, BIDE_ECANCELED), BIDE_ECANCELED);
}

static int canceller(void *scope)
{
    bide_scope_cancel(scope);
    return 0;
}

TASK_TEST(another_task_may_cancel_a_scope)
{
    BIDE_GROUP(g);
    double start = bide_now();
    {
        BIDE_SCOPE(s);
        BIDE_TIMEOUT(inner, 1);
        bide_spawn(g, canceller, s);
        CHECK_EQ(bide_sleep(0.5), BIDE_ECANCELED);
        CHECK(bide_scope_cancelled(inner));
        CHECK(!bide_scope_expired(inner));
    }
    CHECK(bide_now() == start);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Shields. */

TASK_TEST(a_shield_keeps_cancellation_out)
{
    BIDE_SCOPE(outer);
    bide_scope_cancel(outer);
    {
        BIDE_SHIELD(s, 1);
        CHECK(!bide_cancelled());
        CHECK(!bide_scope_cancelled(s));
        CHECK_EQ(bide_sleep(0.010), 0);
        CHECK_EQ(bide_yield(), 0);
    }
    CHECK(bide_cancelled());
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
}

TASK_TEST(a_shields_own_limit_reaches_inside)
{
    double start = bide_now();
    BIDE_SHIELD(s, 0.010);
    CHECK_NEAR(bide_time_left(), 0.010, 1e-9);
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK_EQ(bide_scope_result(s, BIDE_ECANCELED), BIDE_ETIMEDOUT);
}

TASK_TEST(a_shield_in_a_cancelled_scope_can_still_expire)
{
    BIDE_TIMEOUT(outer, 0);
    {
        BIDE_SHIELD(s, 0.010);
        CHECK_EQ(bide_sleep(0.005), 0);
        CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
        BIDE_SHIELD(inner, BIDE_FOREVER);
        CHECK_EQ(bide_sleep(1), 0);
    }
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
}

TASK_TEST(a_cancellation_that_comes_while_shielded_is_met_outside)
{
    BIDE_TIMEOUT(t, 0.010);
    {
        BIDE_SHIELD(s, 1);
        CHECK_EQ(bide_sleep(0.050), 0);
        BIDE_TIMEOUT(inner, 1);
        CHECK_EQ(bide_sleep(0.050), 0);
        CHECK_NEAR(bide_time_left(), 0.9, 1e-6);
    }
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(t, BIDE_ECANCELED), BIDE_ETIMEDOUT);
}

static int shielded_child(void *arg)
{
    int *slept = arg;
    *slept = bide_sleep(0.020);
    return 0;
}

TASK_TEST(a_shield_covers_the_groups_inside_it)
{
    int inside = 1, outside = 1;
    BIDE_TIMEOUT(t, 0.010);
    BIDE_GROUP(bare);
    bide_spawn(bare, shielded_child, &outside);
    {
        BIDE_SHIELD(s, 1);
        BIDE_GROUP(covered);
        bide_spawn(covered, shielded_child, &inside);
        CHECK_EQ(bide_group_wait(covered), 0);
    }
    CHECK_EQ(inside, 0);
    CHECK_EQ(outside, BIDE_ECANCELED);
}

/* Deadlines. */

TASK_TEST(a_deadline_can_be_moved)
{
    double start = bide_now();
    BIDE_TIMEOUT(t, 0.010);
    CHECK_EQ(bide_sleep(0.008), 0);
    bide_scope_extend(t, 0.010);
    CHECK_EQ(bide_sleep(0.008), 0);
    bide_scope_extend(t, BIDE_FOREVER);
    CHECK(bide_time_left() == BIDE_FOREVER);
    CHECK_EQ(bide_sleep(0.100), 0);
    bide_scope_extend(t, 0.004);
    CHECK_EQ(bide_sleep(0.100), BIDE_ECANCELED);
    CHECK_NEAR(bide_now() - start, 0.120, 1e-9);
    bide_scope_extend(t, 1);                    /* too late */
    CHECK_EQ(bide_sleep(0.100), BIDE_ECANCELED);
    CHECK(bide_scope_expired(t));
    CHECK_EQ(bide_scope_result(t, BIDE_ECANCELED), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "timed out after 0.004 s");
}

TASK_TEST(moving_a_deadline_to_now_expires)
{
    BIDE_SCOPE(s);
    bide_scope_extend(s, 0);
    CHECK(bide_scope_expired(s));
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
}

TASK_TEST(time_left_is_that_of_the_nearest_deadline)
{
    CHECK(bide_time_left() == BIDE_FOREVER);
    BIDE_TIMEOUT(outer, 0.050);
    CHECK_NEAR(bide_time_left(), 0.050, 1e-9);
    {
        BIDE_TIMEOUT(inner, 1);
        CHECK_NEAR(bide_time_left(), 0.050, 1e-9);
        BIDE_TIMEOUT(innermost, 0.010);
        CHECK_NEAR(bide_time_left(), 0.010, 1e-9);
        CHECK_EQ(bide_sleep(0.003), 0);
        CHECK_NEAR(bide_time_left(), 0.007, 1e-9);
    }
    CHECK_NEAR(bide_time_left(), 0.047, 1e-9);
}

static int left_in_child(void *arg)
{
    *(double *)arg = bide_time_left();
    return 0;
}

TASK_TEST(a_task_inherits_its_groups_deadline_not_its_spawners)
{
    double left = 0;
    BIDE_TIMEOUT(outer, 0.050);
    BIDE_GROUP(g);
    {
        BIDE_TIMEOUT(inner, 0.010);
        bide_spawn(g, left_in_child, &left);
        CHECK_EQ(bide_sleep(0.002), 0);
    }
    CHECK_NEAR(left, 0.050, 1e-9);
}

static int sleeps_in_a_child(void *unused)
{
    (void)unused;
    return bide_sleep(1) == BIDE_ECANCELED ? 42 : 0;
}

static int spawns_and_waits(void *unused)
{
    BIDE_GROUP(g);
    bide_task *task;
    bide_spawn(g, sleeps_in_a_child, unused, .handle = &task);
    int rc = bide_group_wait(g);
    CHECK_EQ(bide_task_result(task), 42);
    return rc;
}

TASK_TEST(a_deadline_reaches_the_tasks_of_groups_inside)
{
    CHECK_EQ(bide_timeout(0.010, spawns_and_waits, NULL), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_timeout(BIDE_FOREVER, left_in_child, &(double){ 0 }), 0);
}

TASK_TEST(an_expired_scope_that_was_swallowed_does_no_harm)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(t, 0.001);
        bide_ignore(bide_sleep(1));
    }
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(a_scope_left_in_time_leaves_no_timer)
{
    double start = bide_now();
    for (int i = 0; i < 1000; i++) {
        BIDE_TIMEOUT(t, 0.005);
        CHECK_EQ(bide_sleep(0.001), 0);
    }
    CHECK_NEAR(bide_now() - start, 1.0, 1e-6);
}

struct giver { bide_permit *permit; bide_scope *scope; };

static int gives_then_cancels(void *arg)
{
    struct giver *giver = arg;
    bide_permit_release(giver->permit);
    bide_scope_cancel(giver->scope);
    return 0;
}

TASK_TEST(what_took_effect_reports_success_though_cancelled)
{
    bide_semaphore s = { .taken_ = 0 };
    BIDE_GROUP(g);
    BIDE_SCOPE(scope);
    bide_permit *held = bide_semaphore_acquire(&s);
    bide_spawn_with(g, gives_then_cancels, struct giver, held, scope);
    held = bide_semaphore_acquire(&s);
    CHECK(held);
    CHECK(bide_cancelled());
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    bide_permit_release(held);
    CHECK_EQ(bide_semaphore_free(&s), 1);
}

TEST(scopes_outside_a_loop_do_nothing)
{
    BIDE_TIMEOUT(t, 0.010);
    CHECK(!bide_cancelled());
    CHECK(bide_time_left() == BIDE_FOREVER);
    bide_scope_cancel(t);
    CHECK_EQ(bide_scope_result(t, 4), 4);
}
