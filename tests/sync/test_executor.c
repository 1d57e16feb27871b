/* tests/sync/test_executor.c -- threads of one's own: the line, posted jobs, ending. */
#include "gate.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int dropped;
static char order[64];
static char said[1000];
static bide_executor *x;

static int runs_gated(void *rc)
{
    int ignored;
    *(rc ? (int *)rc : &ignored) = bide_executor_run(x, gated, NULL);
    return 0;
}

TASK_TEST(cancelled_in_the_line_a_job_never_begins)
{
    int rc[3] = { 1, 1, 1 };
    bide_task *tasks[3];
    bide_auto(executor) one = x = bide_executor_new(1);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, runs_gated, &rc[i], .handle = &tasks[i]);
    await_begun(1);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_join(tasks[1]), 0);
    CHECK_EQ(rc[1], BIDE_ECANCELED);
    open_gate(2);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(rc[0], 0);
    CHECK_EQ(rc[2], 0);
    CHECK_EQ(atomic_load(&begun), 2);
}

/* The line. */

static int notes(void *letter)
{
    strcat(order, letter);
    return 0;
}

static int runs_notes(void *letter)
{
    return bide_executor_run(x, notes, letter);
}

TASK_TEST(who_comes_first_is_served_first)
{
    static char letters[8][2] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    bide_auto(executor) one = x = bide_executor_new(1);
    BIDE_GROUP(g);
    bide_spawn(g, runs_gated, NULL);
    await_begun(1);
    for (int i = 0; i < 8; i++)
        bide_spawn(g, runs_notes, letters[i]);
    CHECK_EQ(bide_yield(), 0);
    open_gate(1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abcdefgh");
}

static atomic_int inside, most;

static int crowds(void *unused)
{
    struct timespec moment = { .tv_nsec = 50000 };
    (void)unused;
    int now = atomic_fetch_add(&inside, 1) + 1, before = atomic_load(&most);
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        ;
    nanosleep(&moment, NULL);
    atomic_fetch_sub(&inside, 1);
    return 0;
}

static int runs_crowds(void *unused)
{
    (void)unused;
    return bide_executor_run(x, crowds, NULL);
}

TASK_TEST(no_more_threads_than_asked_for)
{
    bide_auto(executor) three = x = bide_executor_new(3);
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        bide_spawn(g, runs_crowds, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(atomic_load(&most) <= 3);
}

enum { LOOPS = 4, JOBS = 200 };

static int adds_one(void *sum)
{
    atomic_fetch_add((atomic_int *)sum, 1);
    return 0;
}

static int runs_adds_one(void *sum)
{
    return bide_executor_run(x, adds_one, sum);
}

static int many(void *sum)
{
    BIDE_GROUP(g);
    for (int i = 0; i < JOBS; i++)
        bide_spawn(g, runs_adds_one, sum);
    return bide_group_wait(g);
}

static void *loop_thread(void *sum)
{
    CHECK_EQ(bide_run(many, sum), 0);
    return NULL;
}

TEST(several_loops_share_an_executor)
{
    pthread_t threads[LOOPS];
    atomic_int sum = 0;
    bide_auto(executor) two = x = bide_executor_new(2);
    for (int i = 0; i < LOOPS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, loop_thread, &sum), 0);
    for (int i = 0; i < LOOPS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(atomic_load(&sum), LOOPS * JOBS);
}

/* Jobs that nobody waits for. */

static void drops(void *unused)
{
    (void)unused;
    atomic_fetch_add(&dropped, 1);
}

TASK_TEST(posted_jobs_are_done_and_what_they_were_given_is_dropped)
{
    bide_auto(executor) two = bide_executor_new(2);
    open_gate(50);
    for (int i = 0; i < 50; i++)
        CHECK_EQ(bide_executor_post(two, gated, &gate, .drop = drops), 0);
    CHECK_EQ(bide_executor_shutdown(two, 10), 0);
    CHECK_EQ(atomic_load(&ended), 50);
    CHECK_EQ(atomic_load(&dropped), 50);
}

TASK_TEST(more_posts_than_may_wait_are_refused)
{
    bide_auto(executor) one = x = bide_executor_new(1, .queue_max = 2, .name = "narrow");
    BIDE_GROUP(g);
    CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), 0);
    await_begun(1);
    CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), 0);
    CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), 0);
    CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), BIDE_EAGAIN);
    CHECK_STR(bide_errmsg(), "executor 'narrow': 2 jobs are waiting already");
    CHECK_EQ(atomic_load(&dropped), 1);
    bide_spawn(g, runs_gated, NULL);    /* who waits is not counted */
    open_gate(4);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), 0);
    open_gate(1);
}

TASK_TEST(while_a_thread_is_starting_its_job_is_not_counted_as_waiting)
{
    for (int i = 0; i < 50; i++) {
        bide_auto(executor) one = x = bide_executor_new(1, .queue_max = 2, .name = "narrow");
        for (int job = 0; job < 3; job++)
            CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), 0);
        CHECK_EQ(bide_executor_post(one, gated, NULL, .drop = drops), BIDE_EAGAIN);
        CHECK_STR(bide_errmsg(), "executor 'narrow': 2 jobs are waiting already");
        open_gate(3);
        CHECK_EQ(bide_executor_shutdown(one, 10), 0);
    }
}

static void keep_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    snprintf(said, sizeof said, "%s", text);
}

TASK_TEST(a_posted_job_that_fails_is_heard_of)
{
    bide_log_to(keep_log, NULL, BIDE_LOG_WARNING);
    bide_auto(executor) one = bide_executor_new(1, .name = "disk");
    CHECK_EQ(bide_executor_post(one, fails, (void *)(uintptr_t)"attic"), 0);
    CHECK_EQ(bide_executor_shutdown(one, 10), 0);
    CHECK_STR(said, "executor 'disk': job 'fails' failed and nobody waits for it: attic: nothing "
                    "there");
}

/* Ending. */

TASK_TEST(shut_down_it_takes_no_more)
{
    bide_auto(executor) one = bide_executor_new(1, .name = "disk");
    CHECK_EQ(bide_executor_run(one, seven, NULL), 7);
    CHECK_EQ(bide_executor_shutdown(one, 0), 0);
    CHECK_EQ(bide_executor_run(one, seven, NULL), BIDE_ECLOSED);
    CHECK_STR(bide_errmsg(), "executor 'disk': it has been shut down");
    CHECK_EQ(bide_executor_post(one, seven, NULL, .drop = drops), BIDE_ECLOSED);
    CHECK_EQ(atomic_load(&dropped), 1);
    CHECK_EQ(bide_executor_shutdown(one, 0), 0);
}

static int runs_until_told(void *rc)
{
    *(int *)rc = bide_executor_run(x, until_told, NULL);
    return 0;
}

TASK_TEST(shutting_down_tells_the_jobs_and_waits_for_them)
{
    int rc = 1;
    bide_auto(executor) one = x = bide_executor_new(1);
    BIDE_GROUP(g);
    bide_spawn(g, runs_until_told, &rc);
    await_begun(1);
    CHECK_EQ(bide_executor_shutdown(one, 10), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(rc, BIDE_ECANCELED);
}

static int shuts_down_late(void *unused)
{
    int rc[3] = { 1, 1, 1 };
    (void)unused;
    bide_auto(executor) two = x = bide_executor_new(2, .name = "disk");
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, runs_gated, &rc[i]);
    await_begun(2);
    CHECK_EQ(bide_executor_shutdown(two, 0.02), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "executor 'disk': after 0.02 s there still runs: gated, gated");
    while (rc[2] == 1)
        CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(rc[2], BIDE_ECLOSED);      /* it never began */
    CHECK_EQ(bide_executor_shutdown(two, 0), BIDE_ETIMEDOUT);
    open_gate(2);
    CHECK_EQ(bide_executor_shutdown(two, 10), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(rc[0] + rc[1], 0);
    return 0;
}

TEST(a_shut_down_that_takes_too_long_names_who_still_runs)
{
    CHECK_EQ(bide_run(shuts_down_late, NULL), 0);
}

static int shuts_down(void *rc)
{
    *(int *)rc = bide_executor_shutdown(x, BIDE_FOREVER);
    return 0;
}

TASK_TEST(a_shut_down_can_be_cancelled)
{
    int rc = 1, other = 1;
    bide_task *task;
    bide_auto(executor) one = x = bide_executor_new(1);
    BIDE_GROUP(g);
    bide_spawn(g, runs_gated, NULL);
    await_begun(1);
    bide_spawn(g, shuts_down, &rc, .handle = &task);
    bide_spawn(g, shuts_down, &other);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(task);
    CHECK_EQ(bide_join(task), 0);
    CHECK_EQ(rc, BIDE_ECANCELED);
    open_gate(1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(other, 0);
}

TASK_TEST(freed_while_it_is_used_who_waits_in_line_is_refused)
{
    int rc[2] = { 1, 1 };
    x = bide_executor_new(1, .name = "disk");
    BIDE_GROUP(g);
    bide_spawn(g, runs_gated, &rc[0]);
    await_begun(1);
    bide_spawn(g, runs_gated, &rc[1]);
    CHECK_EQ(bide_executor_post(x, seven, NULL, .drop = drops), 0);
    CHECK_EQ(bide_yield(), 0);
    bide_executor_free(x);
    CHECK_EQ(atomic_load(&dropped), 1);
    open_gate(1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(rc[0], 0);                 /* it had begun */
    CHECK_EQ(rc[1], BIDE_ECLOSED);
}

TASK_TEST(freed_while_idle_its_threads_go)
{
    for (int i = 0; i < 50; i++) {
        bide_auto(executor) two = bide_executor_new(2);
        CHECK_EQ(bide_executor_run(two, seven, NULL), 7);
    }
    bide_executor_free(NULL);
}

struct busy { int how, rc; };

static int uses_for_ever(void *arg)
{
    struct busy *busy = arg;
    bide_event set = { .set_ = 1 };
    for (int i = 0; i < 127; i++)
        CHECK_EQ(bide_event_wait(&set), 0);
    busy->rc = busy->how ? bide_executor_shutdown(x, 1) : bide_executor_run(x, seven, NULL);
    return 0;
}

TASK_TEST(freed_while_a_task_yields_on_its_way_in_it_refuses)
{
    struct busy busy[2] = { { 0, 1 }, { 1, 1 } };
    x = bide_executor_new(1);
    BIDE_GROUP(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, uses_for_ever, &busy[i]);
    CHECK_EQ(bide_yield(), 0);
    bide_executor_free(x);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(busy[0].rc, BIDE_ECLOSED);
    CHECK_EQ(busy[1].rc, 0);
}

/* Misuse, and too little memory. */

TEST(impossible_executors_are_refused)
{
    CHECK(!bide_executor_new(0));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "executor: 0 threads; 1 to 65535");
    CHECK(!bide_executor_new(70000));
}

TASK_TEST(a_missing_executor_gives_the_held_error)
{
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_executor_run(NULL, seven, NULL), BIDE_ENOMEM);
    CHECK_EQ(bide_executor_post(NULL, seven, NULL, .drop = drops), BIDE_ENOMEM);
    CHECK_EQ(bide_executor_shutdown(NULL, 1), BIDE_ENOMEM);
    CHECK_EQ(atomic_load(&dropped), 1);
}

static bool empty;

static void *scarce(size_t size)
{
    return empty ? NULL : malloc(size);
}

TEST(out_of_memory_is_an_error)
{
    static const struct bide_allocator allocator = { scarce, realloc, free };
    CHECK_EQ(bide_allocator_set(&allocator), 0);
    bide_executor *one = bide_executor_new(1);
    empty = true;
    CHECK(!bide_executor_new(1));
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    CHECK_EQ(bide_executor_post(one, seven, NULL, .drop = drops), BIDE_ENOMEM);
    CHECK_EQ(atomic_load(&dropped), 1);
    empty = false;
    bide_executor_free(one);
}

static int shuffled(void *unused)
{
    int rc[12];
    (void)unused;
    bide_auto(executor) two = x = bide_executor_new(2);
    open_gate(12);
    BIDE_GROUP(g);
    for (int i = 0; i < 12; i++)
        bide_spawn(g, runs_gated, &rc[i]);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(rc[i], 0);
    return 0;
}

TEST(whatever_the_order_all_are_done)
{
    for (uint64_t seed = 1; seed < 20; seed++)
        CHECK_EQ(bide_run(shuffled, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}

/* Cancelled at any moment, a job is either never begun or waited for. */

static int runs_for_a_while(void *unused)
{
    (void)unused;
    for (;;) {
        int rc = bide_executor_run(x, adds_one, &ended);
        if (rc < 0)
            return rc;
        atomic_fetch_add(&begun, 1);
    }
}

static int cancelled_anywhere(void *unused)
{
    (void)unused;
    bide_auto(executor) two = x = bide_executor_new(2);
    for (int i = 0; i < 100; i++) {
        BIDE_GROUP(g);
        for (int j = 0; j < 4; j++)
            bide_spawn(g, runs_for_a_while, NULL);
        CHECK_EQ(bide_sleep(0.0001), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(atomic_load(&begun), atomic_load(&ended));
    }
    return 0;
}

TEST(cancelled_at_any_moment_no_job_is_lost_or_left)
{
    CHECK_EQ(bide_run(cancelled_anywhere, NULL), 0);
}
