/* tests/core/test_loops.c -- a loop on each of several threads: joined, stopped, signalled. */
#include "test.h"

#include <bide/group.h>
#include <bide/loop.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/task.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 5 };
static atomic_int seen[MANY], began, cancelled;

static int notes_index(void *unused)
{
    (void)unused;
    CHECK(bide_loops_index() >= 0 && bide_loops_index() < MANY);
    atomic_fetch_add(&seen[bide_loops_index()], 1);
    return bide_yield();
}

TEST(each_loop_has_a_thread_and_a_number)
{
    CHECK_EQ(bide_loops(notes_index, NULL, .count = MANY), 0);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(atomic_load(&seen[i]), 1);
    CHECK_EQ(bide_loops_index(), -1);
}

static int counts(void *unused)
{
    (void)unused;
    atomic_fetch_add(&began, 1);
    return 0;
}

TEST(by_default_there_are_as_many_as_processors)
{
    CHECK_EQ(bide_loops(counts, NULL), 0);
    CHECK(atomic_load(&began) >= 1);
}

static int third_fails(void *unused)
{
    (void)unused;
    atomic_fetch_add(&began, 1);
    int rc = 0;
    while (atomic_load(&began) < MANY && rc == 0)
        rc = bide_sleep(0.0001);
    if (bide_loops_index() == 3)
        return bide_fail(-EPROTO, "the peer talks nonsense");
    if (rc == 0)
        rc = bide_sleep(BIDE_FOREVER);
    atomic_fetch_add(&cancelled, rc == BIDE_ECANCELED);
    return rc;
}

TEST(the_first_failure_stops_the_others_and_is_returned)
{
    CHECK_EQ(bide_loops(third_fails, NULL, .count = MANY), -EPROTO);
    CHECK_STR(bide_errmsg(), "loop 3: the peer talks nonsense");
    CHECK_EQ(atomic_load(&cancelled), MANY - 1);
}

static int all_fail(void *unused)
{
    (void)unused;
    atomic_fetch_add(&began, 1);
    while (atomic_load(&began) < MANY)
        sched_yield();
    return bide_fail(-EPROTO, "nonsense");
}

TEST(further_failures_are_counted)
{
    CHECK_EQ(bide_loops(all_fail, NULL, .count = MANY), -EPROTO);
    CHECK_HAS(bide_errmsg(), "(and 4 more failed): nonsense");
}

static int raises(void *unused)
{
    (void)unused;
    if (atomic_fetch_add(&began, 1) == MANY - 1)
        kill(getpid(), SIGTERM);
    int rc = bide_sleep(BIDE_FOREVER);
    atomic_fetch_add(&cancelled, rc == BIDE_ECANCELED);
    return bide_loops_index() == 0 ? 0 : rc;
}

TEST(a_signal_stops_all_of_them)
{
    CHECK_EQ(bide_loops(raises, NULL, .count = MANY, .stop_on_signal = true), BIDE_ECANCELED);
    CHECK_EQ(atomic_load(&cancelled), MANY);
    CHECK_HAS(bide_errmsg(), "cancelled");
}

static int waits(void *unused)
{
    (void)unused;
    atomic_fetch_add(&began, 1);
    int rc = bide_sleep(BIDE_FOREVER);
    atomic_fetch_add(&cancelled, rc == BIDE_ECANCELED);
    return rc;
}

static int supervises(void *unused)
{
    (void)unused;
    return bide_loops(waits, NULL, .count = MANY);
}

TASK_TEST(in_a_task_they_are_waited_for_and_cancelled_with_it)
{
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, supervises, NULL, .handle = &task);
    while (atomic_load(&began) < MANY)
        CHECK_EQ(bide_yield(), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
    CHECK_EQ(atomic_load(&cancelled), MANY);
}

static int an_hour(void *unused)
{
    (void)unused;
    return bide_sleep(3600);
}

TEST(each_loop_can_be_given_options)
{
    static const struct bide_run_opts run = { .abi_ = sizeof run, .jumping_clock = true };
    CHECK_EQ(bide_loops(an_hour, NULL, .count = 2, .run = &run), 0);
}

TEST(a_loop_that_cannot_be_made_is_a_failure)
{
    static const struct bide_run_opts run = { .abi_ = sizeof run, .poller = "none such" };
    CHECK_EQ(bide_loops(an_hour, NULL, .count = 2, .run = &run), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "loop ");
    CHECK_EQ(bide_loops(an_hour, NULL, .count = 100000), BIDE_EINVAL);
}
