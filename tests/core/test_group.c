/* tests/core/test_group.c -- groups: who owns a task, what a failure does, who hears of it. */
#include "sleepers.h"

#include <bide/log.h>
#include <bide/scope.h>
#include <bide/sync.h>

static int stubborn(void *ms)
{
    BIDE_SHIELD(s, 10);
    return sleeper(ms);
}

static int fails_late(void *ms)
{
    if (bide_sleep(10) < 0)
        return bide_fail(-200 - (int)(intptr_t)ms, "clean-up failed");
    return 0;
}

TASK_TEST(waiting_for_an_empty_group_returns_at_once)
{
    BIDE_GROUP(g);
    double start = bide_now();
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_group_count(g), 0);
    CHECK(bide_now() == start);
}

TASK_TEST(waiting_lasts_until_the_last_task_has_ended)
{
    BIDE_GROUP(g);
    double start = bide_now();
    for (int i = 1; i <= 10; i++)
        bide_spawn(g, sleeper, MS(i));
    CHECK_EQ(bide_group_count(g), 10);
    CHECK_EQ(ended, 0);                 /* spawning never switches */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(ended, 10);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
}

TASK_TEST(leaving_early_cancels_and_joins)
{
    double start = bide_now();
    bide_task *task;
    {
        BIDE_GROUP(g);
        bide_spawn(g, sleeper, MS(1000));
        bide_spawn(g, stubborn, MS(20));
        bide_spawn(g, sleeper, MS(2000), .handle = &task);
        CHECK_EQ(bide_sleep(0.010), 0);
        CHECK(!bide_task_done(task));
    }
    CHECK_EQ(ended, 3);
    CHECK_NEAR(bide_now() - start, 0.020, 1e-9);
}

TASK_TEST(the_first_failure_in_time_is_the_code)
{
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(30));
    bide_spawn(g, failer, MS(10));
    bide_spawn(g, failer, MS(20));
    CHECK_EQ(bide_group_wait(g), -110);
    CHECK_STR(bide_errmsg(), "failed after 10");
    CHECK_EQ(ended, 3);
    CHECK_EQ(bide_group_failures(g, NULL, 0), 1);
}

TASK_TEST(a_named_task_is_named_in_the_sentence)
{
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(10), .name = "job 7");
    CHECK_EQ(bide_group_wait(g), -110);
    CHECK_STR(bide_errmsg(), "job 7: failed after 10");
}

TASK_TEST(failures_are_kept_in_the_order_of_time)
{
    bide_task *list[4] = { NULL };
    BIDE_GROUP(g);
    bide_spawn(g, fails_late, MS(1));
    bide_spawn(g, failer, MS(5));
    bide_spawn(g, fails_late, MS(2));
    CHECK_EQ(bide_group_wait(g), -105);
    CHECK_EQ(bide_group_failures(g, list, 2), 3);
    CHECK_EQ(bide_task_result(list[0]), -105);
    CHECK_EQ(bide_task_result(list[1]), -201);
    CHECK_PTR(list[2], NULL);
    CHECK_STR(bide_task_error(list[1])->text, "clean-up failed");
}

TASK_TEST(sixteen_failures_are_kept_and_the_rest_counted)
{
    bide_task *list[40] = { NULL };
    BIDE_KEEP_GOING(g);
    for (int i = 1; i <= 40; i++)
        bide_spawn(g, failer, MS(i));
    CHECK_EQ(bide_group_wait(g), -101);
    CHECK_EQ(bide_group_failures(g, list, 40), 40);
    CHECK_EQ(bide_task_result(list[15]), -116);
    CHECK_PTR(list[16], NULL);
}

TASK_TEST(a_failure_cancels_the_blocks_own_waits)
{
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(5));
    CHECK_EQ(bide_sleep(10), BIDE_ECANCELED);
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    CHECK(bide_cancelled());
    CHECK_EQ(bide_group_wait(g), -105);
    CHECK(!bide_cancelled());
    CHECK_EQ(bide_sleep(0.001), 0);     /* the mark was lifted once it was told */
}

TASK_TEST(a_group_is_as_new_once_it_has_reported)
{
    BIDE_GROUP(g);
    for (int i = 1; i < 4; i++) {
        bide_spawn(g, failer, MS(i));
        CHECK_EQ(bide_group_wait(g), -100 - i);
        CHECK_EQ(bide_group_failures(g, NULL, 0), 1);
        CHECK_EQ(bide_group_wait(g), 0);
        bide_spawn(g, sleeper, MS(1));
        CHECK_EQ(bide_group_wait(g), 0);
    }
}

TASK_TEST(keep_going_cancels_nobody)
{
    double start = bide_now();
    BIDE_KEEP_GOING(g);
    bide_spawn(g, failer, MS(5));
    bide_spawn(g, sleeper, MS(20));
    CHECK_EQ(bide_sleep(0.010), 0);
    CHECK_EQ(bide_group_wait(g), -105);
    CHECK_NEAR(bide_now() - start, 0.020, 1e-9);
}

TASK_TEST(a_cancelled_group_reports_no_failure)
{
    BIDE_GROUP(g);
    bide_spawn(g, sleeper, MS(1000));
    bide_group_cancel(g);
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(ended, 1);
}

TASK_TEST(a_task_spawned_into_a_cancelled_group_still_starts)
{
    BIDE_GROUP(g);
    bide_task *task;
    bide_group_cancel(g);
    bide_spawn(g, sleeper, MS(1000), .handle = &task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(ended, 1);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
}

static int waits_outside(void *arg)
{
    BIDE_GROUP(g);
    bide_spawn(g, sleeper, MS(1000));
    bide_spawn(g, stubborn, MS(50));
    *(int *)arg = bide_group_wait(g);
    CHECK_EQ(bide_group_count(g), 0);
    CHECK_EQ(bide_sleep(0), BIDE_ECANCELED);
    return *(int *)arg;
}

TASK_TEST(waiting_when_cancelled_from_outside_waits_for_the_tasks)
{
    int rc = 1;
    double start = bide_now();
    CHECK_EQ(bide_timeout(0.010, waits_outside, &rc), BIDE_ETIMEDOUT);
    CHECK_EQ(rc, BIDE_ECANCELED);
    CHECK_EQ(ended, 2);
    CHECK_NEAR(bide_now() - start, 0.050, 1e-9);
}

static int wait_for(void *g)
{
    return bide_group_wait(g);
}

TASK_TEST(waiting_ends_at_once_when_the_waiter_alone_is_cancelled)
{
    double start = bide_now();
    BIDE_GROUP(g);
    bide_spawn(g, sleeper, MS(30));
    CHECK_EQ(bide_timeout(0.010, wait_for, g), BIDE_ETIMEDOUT);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK_EQ(bide_group_count(g), 1);
    CHECK_EQ(bide_timeout(0, wait_for, g), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_NEAR(bide_now() - start, 0.030, 1e-9);
}

static int forgets(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 0.005);
    return bide_sleep(1);
}

TASK_TEST(a_forgotten_timeout_is_a_failure)
{
    BIDE_GROUP(g);
    bide_spawn(g, forgets, NULL);
    CHECK(bide_group_wait(g) < 0);
    CHECK_HAS(bide_errmsg(), "timed out after 0.005 s");
    CHECK_EQ(bide_group_failures(g, NULL, 0), 1);
}

static int leaves_failing(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(5), .name = "five");
    bide_spawn(g, fails_late, MS(1));
    bide_ignore(bide_sleep(1));
    return 0;
}

TEST(a_failure_nobody_waited_for_is_heard_of)
{
    run_hearing(leaves_failing);
    CHECK_STR(heard, "five: failed after 5 (-105)\nfails_late: clean-up failed (-201)\n");
}

static int waits_then_leaves(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(5));
    CHECK_EQ(bide_group_wait(g), -105);
    return 0;
}

TEST(a_failure_that_was_waited_for_is_not_reported_again)
{
    run_hearing(waits_then_leaves);
    CHECK_STR(heard, "");
}

static int leaves_twice(void *unused)
{
    waits_then_leaves(unused);
    BIDE_GROUP(g);
    bide_spawn(g, failer, MS(5));
    CHECK_EQ(bide_group_wait(g), -105);
    bide_spawn(g, failer, MS(7));
    bide_ignore(bide_sleep(1));
    return 0;
}

TEST(a_failure_after_the_report_is_heard_of)
{
    run_hearing(leaves_twice);
    CHECK_STR(heard, "failer: failed after 7 (-107)\n");
}

static int in_root(void *unused)
{
    (void)unused;
    bide_spawn(NULL, failer, MS(5), .name = "background");
    return bide_sleep(0.010);
}

TEST(a_failure_in_the_root_group_is_heard_of)
{
    run_hearing(in_root);
    CHECK_STR(heard, "background: failed after 5 (-105)\n");
}

static void keep_line(void *text, enum bide_log_level level, const char *line)
{
    if (level <= BIDE_LOG_WARNING)
        strcat(strcat(text, line), "\n");
}

TEST(without_a_hook_an_unheard_failure_is_logged)
{
    char text[1024] = "";
    bide_log_to(keep_line, text, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(in_root, NULL, .jumping_clock = true), 0);
    CHECK_HAS(text, "background");
    CHECK_HAS(text, "failed after 5");
}

TASK_TEST(leaving_a_group_keeps_the_held_error)
{
    bide_fail(-77, "mine");
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, failer, MS(1));
        bide_ignore(bide_sleep(0.002));
        bide_fail(-78, "mine %d", 2);
    }
    CHECK_EQ(bide_errcode(), -78);
    CHECK_STR(bide_errmsg(), "mine 2");
}

static int returns_from_within(bide_group **place)
{
    BIDE_GROUP(g);
    *place = g;
    for (int i = 0; i < 10; i++) {
        bide_spawn(g, sleeper, MS(1000));
        if (i == 5)
            return 5;
    }
    return 0;
}

TASK_TEST(returning_out_of_the_block_leaves_the_group)
{
    bide_group *g;
    CHECK_EQ(returns_from_within(&g), 5);
    CHECK_EQ(ended, 6);
}

/* Nesting. */

static int nest(void *depth)
{
    BIDE_GROUP(g);
    if ((intptr_t)depth > 0)
        bide_spawn(g, nest, MS((intptr_t)depth - 1));
    else
        bide_spawn(g, failer, MS(5));
    bide_spawn(g, sleeper, MS(100));
    return bide_group_wait(g);
}

TASK_TEST(a_failure_rises_through_nested_groups)
{
    double start = bide_now();
    CHECK_EQ(nest(MS(20)), -105);
    CHECK_NEAR(bide_now() - start, 0.005, 1e-9);
    CHECK_EQ(ended, 22);
}

static int nest_waiting(void *depth)
{
    if ((intptr_t)depth == 0)
        return sleeper(MS(1000));
    BIDE_GROUP(g);
    bide_spawn(g, nest_waiting, MS((intptr_t)depth - 1));
    return bide_group_wait(g);
}

TASK_TEST(cancelling_reaches_through_hundreds_of_nested_groups)
{
    double start = bide_now();
    {
        BIDE_GROUP(g);
        bide_spawn(g, nest_waiting, MS(500));
        CHECK_EQ(bide_sleep(0.010), 0);
    }
    CHECK_EQ(ended, 1);
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
}

static int cancels_a_group_of_its_own(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    {
        BIDE_GROUP(g);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), BIDE_ECANCELED);
        CHECK(bide_cancelled());
    }
    ended++;
    return BIDE_ECANCELED;
}

TASK_TEST(who_was_reached_stays_cancelled_though_the_mark_is_lifted)
{
    BIDE_GROUP(outer);
    BIDE_GROUP(inner);
    bide_spawn(inner, cancels_a_group_of_its_own, NULL);
    CHECK_EQ(bide_yield(), 0);
    bide_group_cancel(outer);
    CHECK_EQ(bide_group_wait(outer), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(ended, 1);
    CHECK_EQ(bide_group_wait(inner), 0);
}

struct late { bide_group *g; bide_task *last; };

static int spawns_after_the_last(void *arg)
{
    struct late *late = arg;
    CHECK_EQ(bide_join(late->last), 0);
    bide_spawn(late->g, sleeper, MS(5));
    return 0;
}

TASK_TEST(who_comes_after_the_last_has_ended_is_waited_for_too)
{
    BIDE_GROUP(g);
    BIDE_GROUP(others);
    struct late late = { .g = g };
    bide_task *joiner;
    bide_spawn(g, sleeper, MS(1), .handle = &late.last);
    bide_spawn(others, spawns_after_the_last, &late, .handle = &joiner);
    CHECK_EQ(bide_group_wait(g), 0);            /* told after the joiner, so it goes on later */
    CHECK_EQ(ended, 2);
    CHECK(bide_task_done(joiner));
    CHECK_EQ(bide_group_wait(others), 0);
}

static int spawns_sibling(void *g)
{
    if (ended++ < 5)
        bide_spawn(g, spawns_sibling, g);
    return 0;
}

TASK_TEST(a_task_may_spawn_into_its_own_group)
{
    BIDE_GROUP(g);
    bide_spawn(g, spawns_sibling, g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(ended, 6);
}

/* Misuse. */

static int waits_for_a_foreign_group(void *g)
{
    return bide_group_wait(g);
}

TASK_TEST(only_its_owner_may_wait_for_a_group)
{
    BIDE_GROUP(g);
    BIDE_GROUP(other);
    bide_task *task;
    bide_spawn(other, waits_for_a_foreign_group, g, .handle = &task);
    CHECK(bide_group_wait(other) < 0);
    CHECK(bide_task_result(task) < 0 && bide_task_result(task) != BIDE_ECANCELED);
}

static bide_scope *inner;

/* The last task has ended, its owner is ready to go on: now a scope within the block is cancelled,
 * and a new task spawned. */
static int cancels_and_spawns(void *g)
{
    while (bide_group_count(g))
        CHECK_EQ(bide_yield(), 0);
    bide_scope_cancel(inner);
    bide_spawn(g, sleeper, MS(1000));
    return 0;
}

TASK_TEST(the_waiter_cancelled_after_the_last_task_does_not_wait_for_a_new_one)
{
    double start = bide_now();
    BIDE_GROUP(other);
    BIDE_GROUP(g);
    BIDE_SCOPE(s);
    inner = s;
    bide_spawn(g, sleeper, MS(0));
    bide_spawn(other, cancels_and_spawns, g);
    CHECK_EQ(bide_group_wait(g), BIDE_ECANCELED);
    CHECK(bide_now() - start < 0.5);
}
