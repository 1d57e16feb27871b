/* tests/sync/test_thread.c -- a job on a thread: its result, what it sees, and cancelling it. */
#include "gate.h"

#include <bide/group.h>
#include <bide/local.h>
#include <bide/scope.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static int fails_silently(void *unused)
{
    (void)unused;
    return -EPIPE;
}

TASK_TEST(a_thread_returns_what_the_function_did)
{
    CHECK_EQ(bide_to_thread(seven, NULL), 7);
    CHECK_EQ(bide_to_thread(seven, NULL), 7);
}

TASK_TEST(a_failure_comes_back_with_its_sentence)
{
    CHECK_EQ(bide_to_thread(fails, (void *)(uintptr_t)"cellar"), -ENOENT);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_STR(bide_errmsg(), "cellar: nothing there");
    CHECK_EQ(bide_to_thread(fails_silently, NULL), -EPIPE);     /* not the one before */
    CHECK_STR(bide_errmsg(), bide_strerror(-EPIPE));
}

static int note_thread(void *thread)
{
    sigset_t blocked;
    *(pthread_t *)thread = pthread_self();
    CHECK_EQ(bide_sleep(1), BIDE_EPERM);
    CHECK(!bide_task_current());
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    CHECK(sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGINT));
    CHECK(!sigismember(&blocked, SIGSEGV));
    return 0;
}

TASK_TEST(one_after_another_they_run_on_one_thread)
{
    pthread_t first, second;
    CHECK_EQ(bide_to_thread(note_thread, &first), 0);
    CHECK(!pthread_equal(first, pthread_self()));
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(bide_to_thread(note_thread, &second), 0);
        CHECK(pthread_equal(first, second));
    }
}

static int counts_up(void *count)
{
    for (int i = 0; i < 10; i++) {
        int rc = bide_sleep(0.001);
        if (rc < 0)
            return rc;
        ++*(int *)count;
    }
    open_gate(1);
    return 0;
}

static int beside(void *unused)
{
    int count = 0;
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, counts_up, &count);
    CHECK_EQ(bide_to_thread(gated, NULL), 0);
    CHECK_EQ(count, 10);
    return bide_group_wait(g);
}

TEST(the_loop_goes_on_while_a_thread_blocks)
{
    CHECK_EQ(bide_run(beside, NULL), 0);
}

static int sleeps_far(void *at)
{
    int rc = bide_sleep(3600);
    *(double *)at = bide_now();
    return rc;
}

static int opens_later(void *unused)
{
    struct timespec moment = { .tv_nsec = 20000000 };
    (void)unused;
    nanosleep(&moment, NULL);
    return 0;
}

/* Else an hour would be over before the thread has done anything. */
TASK_TEST(the_jumping_clock_waits_for_threads)
{
    double begin = bide_now(), at = 0;
    BIDE_GROUP(g);
    bide_spawn(g, sleeps_far, &at);
    CHECK_EQ(bide_to_thread(opens_later, NULL), 0);
    CHECK(bide_now() - begin < 1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(at - begin >= 3600);
}

static int runs_loop(void *unused)
{
    (void)unused;
    return bide_run(seven, NULL);
}

TASK_TEST(a_job_may_run_a_loop_of_its_own)
{
    CHECK_EQ(bide_to_thread(runs_loop, NULL), 7);
}

static const bide_local colour;

static int sees(void *unused)
{
    (void)unused;
    return strcmp(bide_local_get(&colour), "green") == 0;
}

static int sees_nothing(void *unused)
{
    (void)unused;
    return bide_local_get(&colour) == NULL;
}

TASK_TEST(task_locals_can_be_read_in_a_job)
{
    {
        BIDE_LOCAL(here, &colour, (void *)(uintptr_t)"green");
        CHECK_EQ(bide_to_thread(sees, NULL), 1);
    }
    CHECK_EQ(bide_to_thread(sees_nothing, NULL), 1);
}

TEST(outside_of_a_task_it_is_refused)
{
    CHECK_EQ(bide_to_thread(seven, NULL), BIDE_EPERM);
    CHECK(!bide_thread_cancelled());
}

/* Cancelling. */

TASK_TEST(cancelled_before_no_thread_is_asked)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_to_thread(gated, NULL), BIDE_ECANCELED);
    CHECK_EQ(atomic_load(&begun), 0);
}

static int told(void *rc)
{
    *(int *)rc = bide_to_thread(until_told, NULL);
    return *(int *)rc;
}

TASK_TEST(cancelled_while_it_runs_the_job_is_told)
{
    int rc = 1;
    BIDE_GROUP(g);
    bide_spawn(g, told, &rc);
    await_begun(1);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(rc, BIDE_ECANCELED);
}

struct outcome { int first, second; };

static int succeeds_late(void *arg)
{
    struct outcome *o = arg;
    o->first = bide_to_thread(gated, NULL);
    o->second = bide_yield();
    return o->second;
}

TASK_TEST(what_succeeded_all_the_same_is_reported)
{
    struct outcome o = { 1, 1 };
    BIDE_GROUP(g);
    bide_spawn(g, succeeds_late, &o);
    await_begun(1);
    bide_group_cancel(g);
    CHECK_EQ(o.first, 1);               /* it waits, for the job uses what is the task's */
    open_gate(1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(o.first, 0);
    CHECK_EQ(o.second, BIDE_ECANCELED);
}
