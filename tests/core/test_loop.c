/* tests/core/test_loop.c -- a loop seen from other threads: posts, calls, visits. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/loop.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/thread.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bide_loop *loop;
static bide_event event;
static atomic_int dropped;
static int got[1000], count;

static void drops(void *unused)
{
    (void)unused;
    atomic_fetch_add(&dropped, 1);
}

static int sets(void *unused)
{
    (void)unused;
    bide_event_set(&event);
    return 0;
}

/* Posting. */

static int keeps(void *number)
{
    got[count++] = (int)(intptr_t)number;
    return count == 1000 ? sets(NULL) : 0;
}

static void *posts_many(void *unused)
{
    for (intptr_t i = 0; i < 1000; i++)
        CHECK_EQ(bide_loop_post(loop, keeps, (void *)i), 0);
    return unused;
}

TASK_TEST(posts_of_a_thread_run_in_their_order)
{
    pthread_t thread;
    bide_auto(loop) held = loop = bide_loop_hold();
    CHECK_EQ(pthread_create(&thread, NULL, posts_many, NULL), 0);
    CHECK_EQ(bide_event_wait(&event), 0);       /* nothing else is here: no deadlock */
    CHECK_EQ(pthread_join(thread, NULL), 0);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(got[i], i);
}

/* A line of posts that got long, as behind a step that took long. */

enum { LINE = 20000 };
static intptr_t begun, begun_max;

static int begins_in_order(void *number)
{
    CHECK_EQ((intptr_t)number, begun);
    begun++;
    return 0;
}

static int counts_what_began(void *unused)
{
    (void)unused;
    int rc = 0;
    while (rc == 0) {
        intptr_t before = begun;
        rc = bide_yield();
        begun_max = begun - before > begun_max ? begun - before : begun_max;
    }
    return rc;
}

TASK_TEST(a_long_line_of_posts_keeps_its_order_and_lets_others_in_between)
{
    loop = bide_loop_hold();
    BIDE_GROUP(g);
    bide_spawn(g, counts_what_began, NULL);
    for (intptr_t i = 0; i < LINE; i++)
        CHECK_EQ(bide_loop_post(loop, begins_in_order, (void *)i), 0);
    while (begun < LINE)
        CHECK_EQ(bide_yield(), 0);
    CHECK(begun_max > 0);
    CHECK(begun_max <= LINE / 10);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_loop_drop(loop);
}

TASK_TEST(a_loop_may_post_to_itself)
{
    bide_auto(loop) held = bide_loop_hold();
    CHECK_EQ(bide_loop_post(held, sets, NULL, .drop = drops), 0);
    CHECK(!bide_event_is_set(&event));
    CHECK_EQ(bide_event_wait(&event), 0);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(atomic_load(&dropped), 1);
}

static int hands_out(void *unused)
{
    (void)unused;
    loop = bide_loop_hold();
    return 0;
}

TEST(a_dead_loop_takes_no_posts)
{
    CHECK_EQ(bide_run(hands_out, NULL), 0);
    CHECK_EQ(bide_loop_post(loop, sets, NULL, .drop = drops), BIDE_ECLOSED);
    CHECK_STR(bide_errmsg(), "post sets: the loop has ended");
    CHECK_EQ(atomic_load(&dropped), 1);
    CHECK_EQ(bide_loop_call(loop, sets, NULL), BIDE_ECLOSED);
    CHECK_STR(bide_errmsg(), "sets: the loop has ended");
    bide_loop_drop(loop);
    bide_loop_drop(NULL);
}

TEST(only_a_loop_can_be_held)
{
    CHECK(!bide_loop_hold());
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_EQ(bide_loop_post(NULL, sets, NULL, .drop = drops), BIDE_EPERM);
    CHECK_EQ(bide_loop_call(NULL, sets, NULL), BIDE_EPERM);
    CHECK_EQ(atomic_load(&dropped), 1);
}

static void count_deadlocks(void *count_, enum bide_log_level level, const char *text)
{
    (void)level;
    if (strstr(text, "deadlock: every task waits"))
        ++*(int *)count_;
}

static void *drops_later(void *unused)
{
    struct timespec moment = { .tv_nsec = 10000000 };
    nanosleep(&moment, NULL);
    bide_loop_drop(loop);
    return unused;
}

static int waits_for_nobody(void *unused)
{
    pthread_t thread;
    (void)unused;
    loop = bide_loop_hold();
    CHECK_EQ(pthread_create(&thread, NULL, drops_later, NULL), 0);
    CHECK_EQ(bide_event_wait(&event), BIDE_ECANCELED);
    return pthread_join(thread, NULL);
}

TEST(once_nobody_holds_it_a_deadlock_is_one)
{
    int told = 0;
    bide_log_to(count_deadlocks, &told, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(waits_for_nobody, NULL), BIDE_EDEADLK);
    CHECK_EQ(told, 1);
}

TASK_TEST(a_held_loops_jumping_clock_jumps)
{
    bide_auto(loop) held = bide_loop_hold();
    double begin = bide_now();
    CHECK_EQ(bide_sleep(3600), 0);
    CHECK(bide_now() - begin >= 3600);
}

static void quiet(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    (void)text;
}

/* A thread posts until it is refused: each post has run or was dropped, none is lost. */

static atomic_int ran, posted;

static int runs(void *unused)
{
    (void)unused;
    atomic_fetch_add(&ran, 1);
    return 0;
}

static void *posts_until_refused(void *unused)
{
    while (bide_loop_post(loop, runs, NULL, .drop = drops) == 0) {
        atomic_fetch_add(&posted, 1);
        while (atomic_load(&posted) > atomic_load(&dropped) + 10)
            sched_yield();
    }
    return unused;
}

static int ends_soon(void *thread)
{
    loop = bide_loop_hold();
    CHECK_EQ(pthread_create(thread, NULL, posts_until_refused, NULL), 0);
    while (atomic_load(&ran) < 10)
        CHECK_EQ(bide_yield(), 0);
    return 0;
}

TEST(posts_to_a_loop_that_ends_run_or_are_dropped)
{
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        atomic_store(&ran, 0);
        atomic_store(&posted, 0);
        atomic_store(&dropped, 0);
        CHECK_EQ(bide_run(ends_soon, &thread), 0);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        CHECK_EQ(atomic_load(&dropped), atomic_load(&posted) + 1);
        CHECK(atomic_load(&ran) <= atomic_load(&posted));
        bide_loop_drop(loop);
    }
}

/* Calling, from a thread. */

static int doubles(void *number)
{
    int rc = bide_sleep(0.001);
    *(int *)number *= 2;
    return rc < 0 ? rc : *(int *)number;
}

static int fails(void *unused)
{
    (void)unused;
    return bide_fail(-ENOENT, "no such thing over there");
}

static void *calls(void *unused)
{
    int number = 21;
    CHECK_EQ(bide_loop_call(loop, doubles, &number), 42);
    CHECK_EQ(bide_loop_call(loop, fails, NULL), -ENOENT);
    CHECK_STR(bide_errmsg(), "no such thing over there");
    CHECK_EQ(bide_loop_post(loop, sets, NULL), 0);
    return unused;
}

static int is_called(void *unused)
{
    pthread_t thread;
    (void)unused;
    bide_auto(loop) held = loop = bide_loop_hold();
    CHECK_EQ(pthread_create(&thread, NULL, calls, NULL), 0);
    CHECK_EQ(bide_event_wait(&event), 0);
    return pthread_join(thread, NULL);
}

static void no_failure(const bide_task *task, const struct bide_error *why)
{
    CHECK(!task && why);        /* the caller was told */
}

TEST(a_thread_can_call_into_a_loop)
{
    CHECK_EQ(bide_run(is_called, NULL, .on_failure = no_failure), 0);
}

static int calls_from_thread(void *unused)
{
    int number = 4;
    (void)unused;
    return bide_loop_call(loop, doubles, &number);
}

TASK_TEST(a_job_on_a_thread_can_call_back_into_its_loop)
{
    bide_auto(loop) held = loop = bide_loop_hold();
    CHECK_EQ(bide_to_thread(calls_from_thread, NULL), 8);
}

TASK_TEST(a_call_that_would_block_a_loop_is_refused)
{
    bide_auto(loop) held = bide_loop_hold();
    CHECK_EQ(bide_loop_call(held, sets, NULL), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "bide_loop_run() waits");
}

static int sleeps_long(void *unused)
{
    (void)unused;
    bide_event_set(&event);
    return bide_sleep(3600);
}

static void *calls_long(void *rc)
{
    *(int *)rc = bide_loop_call(loop, sleeps_long, NULL);
    bide_loop_drop(loop);
    return NULL;
}

struct caller { pthread_t thread; int rc; };

static int leaves_a_caller(void *arg)
{
    struct caller *c = arg;
    loop = bide_loop_hold();
    CHECK_EQ(pthread_create(&c->thread, NULL, calls_long, &c->rc), 0);
    return bide_event_wait(&event);
}

TEST(a_caller_hears_that_the_loop_ends)
{
    struct caller c = { .rc = 1 };
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(leaves_a_caller, &c), 0);
    CHECK_EQ(pthread_join(c.thread, NULL), 0);
    CHECK_EQ(c.rc, BIDE_ECANCELED);
}

/* Running in another loop, from a task. */

static atomic_int ready;
static bide_event stop_event;

static int serves(void *unused)
{
    (void)unused;
    loop = bide_loop_hold();            /* the test's; it drops it */
    atomic_store(&ready, 1);
    return bide_event_wait(&stop_event);
}

static int stops(void *unused)
{
    (void)unused;
    bide_event_set(&stop_event);
    return 0;
}

static void *other_loop(void *unused)
{
    CHECK_EQ(bide_run(serves, NULL), 0);
    return unused;
}

static bide_loop *open_other(pthread_t *thread)
{
    atomic_store(&ready, 0);
    CHECK_EQ(pthread_create(thread, NULL, other_loop, NULL), 0);
    while (!atomic_load(&ready))
        sched_yield();
    return loop;
}

static void close_other(pthread_t thread)
{
    CHECK_EQ(bide_loop_post(loop, stops, NULL), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    bide_loop_drop(loop);
}

static int where(void *at)
{
    *(pthread_t *)at = pthread_self();
    return 5;
}

TASK_TEST(a_task_can_run_a_function_in_another_loop)
{
    pthread_t thread, at;
    bide_loop *other = open_other(&thread);
    CHECK_EQ(bide_loop_run(other, where, &at), 5);
    CHECK(pthread_equal(at, thread));
    CHECK_EQ(bide_loop_run(other, fails, NULL), -ENOENT);
    CHECK_STR(bide_errmsg(), "no such thing over there");
    close_other(thread);
}

TASK_TEST(in_its_own_loop_as_well)
{
    int number = 3;
    bide_auto(loop) own = bide_loop_hold();
    CHECK_EQ(bide_loop_run(own, doubles, &number), 6);
}

static atomic_int there;

static int stays(void *rc)
{
    atomic_store(&there, 1);
    *(int *)rc = bide_sleep(3600);
    return *(int *)rc;
}

struct trip { bide_fn *fn; int rc, inner, next; };

static int travels(void *arg)
{
    struct trip *t = arg;
    t->rc = bide_loop_run(loop, t->fn, &t->inner);
    t->next = bide_yield();
    return 0;
}

TASK_TEST(cancelled_here_it_is_cancelled_there)
{
    pthread_t thread;
    open_other(&thread);
    for (int i = 0; i < 2; i++) {       /* before it is there, and after */
        struct trip t = { .fn = stays, .rc = 1, .inner = 1 };
        atomic_store(&there, 0);
        BIDE_GROUP(g);
        bide_spawn(g, travels, &t);
        CHECK_EQ(bide_yield(), 0);
        while (i && !atomic_load(&there))
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(t.rc, BIDE_ECANCELED);
        CHECK(i == 0 || t.inner == BIDE_ECANCELED);
    }
    close_other(thread);
}

static int ignores_cancelling(void *rc)
{
    atomic_store(&there, 1);
    BIDE_SHIELD(s, 10);
    *(int *)rc = bide_sleep(0.02);
    return 9;
}

TASK_TEST(what_succeeded_there_all_the_same_is_reported)
{
    pthread_t thread;
    struct trip t = { .fn = ignores_cancelling, .rc = 1 };
    open_other(&thread);
    {
        BIDE_GROUP(g);
        bide_spawn(g, travels, &t);
        while (!atomic_load(&there))
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(t.rc, 9);
    CHECK_EQ(t.next, BIDE_ECANCELED);
    close_other(thread);
}

TASK_TEST(cancelled_before_nothing_is_sent)
{
    int rc = 1;
    bide_auto(loop) own = bide_loop_hold();
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_loop_run(own, stays, &rc), BIDE_ECANCELED);
    CHECK_EQ(rc, 1);
}

static int hops(void *unused)
{
    int rc = 0, moment = 0;
    (void)unused;
    while (rc >= 0)
        rc = bide_loop_run(loop, doubles, &moment);
    return rc;
}

TASK_TEST(cancelled_at_any_moment_all_come_home)
{
    pthread_t thread;
    open_other(&thread);
    for (int i = 0; i < (test_is_slow() ? 20 : 200); i++) {
        BIDE_GROUP(g);
        for (int j = 0; j < 5; j++)
            bide_spawn(g, hops, NULL);
        for (int j = 0; j < i % 20; j++)
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    close_other(thread);
}

static int hops_until_it_ends(void *unused)
{
    (void)unused;
    for (;;) {
        int rc = bide_loop_run(loop, where, &(pthread_t){ 0 });
        if (rc < 0)
            return rc;
    }
}

TASK_TEST(the_other_loop_may_end_meanwhile)
{
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        bide_task *task;
        BIDE_KEEP_GOING(g);
        open_other(&thread);
        bide_spawn(g, hops_until_it_ends, NULL, .handle = &task);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_loop_post(loop, stops, NULL), 0);
        CHECK_EQ(bide_join(task), 0);
        CHECK(bide_task_result(task) == BIDE_ECLOSED || bide_task_result(task) == BIDE_ECANCELED);
        CHECK(bide_group_wait(g) < 0);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        bide_loop_drop(loop);
        stop_event = (bide_event){ .set_ = 0 };
    }
}
