/* tests/sync/test_barrier.c -- tasks that wait for each other. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_barrier three = BIDE_BARRIER(3);
static int places[3], arrived, gone;

static int arrives(void *unused)
{
    (void)unused;
    arrived++;
    int place = bide_barrier_wait(&three);
    if (place >= 0) {
        CHECK_EQ(arrived, 3);
        places[place]++;
    }
    gone++;
    return place;
}

static void spawn_arriving(bide_group *g, int count, bide_task *tasks[])
{
    for (int i = 0; i < count; i++)
        bide_spawn(g, arrives, NULL, .handle = &tasks[i]);
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(all_go_on_when_the_last_has_come)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_arriving(g, 2, tasks);
    CHECK_EQ(gone, 0);
    CHECK_EQ(bide_barrier_waiting(&three), 2);
    spawn_arriving(g, 1, tasks + 2);
    CHECK_EQ(bide_barrier_waiting(&three), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_task_result(tasks[i]), i);        /* in which place it came */
}

static int goes_round(void *rounds)
{
    for (int i = 1; i <= 100; i++) {
        int place = bide_barrier_wait(&three);
        if (place < 0)
            return place;
        ++*(int *)rounds;
        places[place]++;
    }
    return 0;
}

static int many_rounds(void *rounds)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, goes_round, (int *)rounds + i);
    return bide_group_wait(g);
}

TEST(it_is_as_new_each_time_however_shuffled)
{
    int rounds[3] = { 0 };
    struct bide_run_opts opts = { .abi_ = sizeof opts, .jumping_clock = true, .arg = rounds };
    for (opts.shuffle_seed = 0; opts.shuffle_seed < 10; opts.shuffle_seed++)
        CHECK_EQ(bide_run_opts(many_rounds, &opts), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(rounds[i], 1000);
        CHECK_EQ(places[i], 1000);
    }
}

TASK_TEST(a_barrier_of_one_waits_for_nobody)
{
    bide_barrier one = BIDE_BARRIER(1);
    CHECK_EQ(bide_barrier_wait(&one), 0);
    CHECK_EQ(bide_barrier_wait(&one), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_one_does_not_count)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_barrier_wait(&three), BIDE_ECANCELED);
    CHECK_EQ(bide_barrier_waiting(&three), 0);
}

TASK_TEST(cancelled_while_waiting_one_leaves_and_breaks_nothing)
{
    bide_task *tasks[4];
    BIDE_GROUP(g);
    spawn_arriving(g, 2, tasks);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_barrier_waiting(&three), 1);
    arrived--;
    spawn_arriving(g, 1, tasks + 2);
    CHECK_EQ(gone, 1);
    spawn_arriving(g, 1, tasks + 3);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(tasks[0]), BIDE_ECANCELED);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_task_result(tasks[i + 1]), i);    /* no gap where it was */
}

TASK_TEST(let_go_and_then_cancelled_is_a_success)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_arriving(g, 2, tasks);
    arrived++;
    CHECK_EQ(bide_barrier_wait(&three), 2);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(tasks[0]), 0);
    CHECK_EQ(bide_task_result(tasks[1]), 1);
}

/* Aborting and resetting. */

TASK_TEST(aborting_fails_who_waits_and_who_comes)
{
    bide_task *tasks[2];
    BIDE_KEEP_GOING(g);
    spawn_arriving(g, 2, tasks);
    bide_barrier_abort(&three);
    CHECK_EQ(gone, 0);                          /* never switches */
    CHECK_EQ(bide_barrier_wait(&three), BIDE_ECLOSED);
    CHECK_HAS(bide_errmsg(), "aborted");
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_task_result(tasks[i]), BIDE_ECLOSED);
        CHECK_STR(bide_task_error(tasks[i])->text, "the barrier was aborted");
    }
    bide_barrier_reset(&three);
    CHECK_EQ(bide_barrier_waiting(&three), 0);
    arrived = 0;
    spawn_arriving(g, 2, tasks);
    arrived++;
    CHECK_EQ(bide_barrier_wait(&three), 2);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(resetting_fails_who_waits_and_begins_anew)
{
    bide_task *tasks[4];
    BIDE_KEEP_GOING(g);
    spawn_arriving(g, 2, tasks);
    bide_barrier_reset(&three);
    arrived = 0;
    spawn_arriving(g, 2, tasks + 2);
    CHECK_EQ(bide_task_result(tasks[0]), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(tasks[1])->text, "the barrier was reset");
    CHECK_EQ(bide_barrier_waiting(&three), 2);
    arrived++;
    CHECK_EQ(bide_barrier_wait(&three), 2);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
}

TASK_TEST(who_was_let_go_is_not_failed_by_an_abort)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_arriving(g, 2, tasks);
    arrived++;
    CHECK_EQ(bide_barrier_wait(&three), 2);
    bide_barrier_abort(&three);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Misuse. */

TASK_TEST(a_barrier_of_zero_is_refused)
{
    bide_barrier none = BIDE_BARRIER(0);
    CHECK_EQ(bide_barrier_wait(&none), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "a barrier of zero");
    bide_barrier many = BIDE_BARRIER(SIZE_MAX);
    CHECK_EQ(bide_barrier_wait(&many), BIDE_EINVAL);
}

static void waits_there(void)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_arriving(g, 2, tasks);
    elsewhere_hold();
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
}

TASK_TEST(where_a_task_of_another_loop_waits_one_does_not)
{
    void (*body)(void) = waits_there;
    elsewhere_begin(&body);
    CHECK_EQ(bide_barrier_wait(&three), BIDE_EPERM);
    elsewhere_end();
    CHECK_EQ(bide_barrier_waiting(&three), 0);
}

TASK_TEST(a_barrier_may_go_away_once_nobody_waits)
{
    BIDE_GROUP(g);
    bide_task *tasks[2];
    spawn_arriving(g, 2, tasks);
    arrived++;
    CHECK_EQ(bide_barrier_wait(&three), 2);
    memset(&three, 0x55, sizeof three);         /* who was let go does not look at it again */
    CHECK_EQ(bide_group_wait(g), 0);
}
