/* tests/core/test_run.c -- bide_run: results, options, what is left over, nesting, threads. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char logged[4096];
static int ended;

static void keep_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    strncat(strncat(logged, line, 500), "\n", 2);
}

static int returns(void *number)
{
    return *(int *)number;
}

static int fails(void *unused)
{
    (void)unused;
    return bide_fail(-5, "it broke");
}

TEST(the_result_of_the_main_task_is_the_result)
{
    CHECK_EQ(bide_run(returns, &(int){ 42 }), 42);
    CHECK_EQ(bide_run(returns, &(int){ 0 }), 0);
}

TEST(a_failure_of_the_main_task_is_held_outside)
{
    CHECK_EQ(bide_run(fails, NULL), -5);
    CHECK_EQ(bide_errcode(), -5);
    CHECK_STR(bide_errmsg(), "it broke");
}

static int forgets(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 0.005);
    return bide_sleep(1);
}

TEST(a_forgotten_timeout_of_the_main_task_is_no_success)
{
    CHECK(bide_run(forgets, NULL, .jumping_clock = true) < 0);
    CHECK_HAS(bide_errmsg(), "timed out after 0.005 s");
}

TEST(loops_follow_each_other)
{
    for (int i = 0; i < 100; i++)
        CHECK_EQ(bide_run(returns, &i), i);
}

/* Outside a task. */

TEST(what_waits_needs_a_task)
{
    bide_event event = { .set_ = 1 };
    bide_semaphore semaphore = { .limit_ = 1 };
    bide_auto(queue) queue = bide_queue_new(int, 1);
    int item = 0;
    CHECK_EQ(bide_sleep(0.001), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "bide_run()");
    CHECK_EQ(bide_yield(), BIDE_EPERM);
    CHECK_EQ(bide_event_wait(&event), BIDE_EPERM);
    CHECK_PTR(bide_semaphore_acquire(&semaphore), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_EQ(bide_queue_put(queue, &item), BIDE_EPERM);
    CHECK_EQ(bide_queue_get(queue, &item), BIDE_EPERM);
    CHECK_EQ(bide_queue_join(queue), BIDE_EPERM);
    CHECK_EQ(bide_gather(NULL, 0), BIDE_EPERM);
    CHECK_EQ(bide_join(NULL), BIDE_EPERM);
    CHECK_EQ(bide_spawn(NULL, returns, &item), BIDE_EPERM);
    CHECK_PTR(bide_task_current(), NULL);
    CHECK_PTR(bide_poller_name(), NULL);
}

TEST(a_group_outside_a_loop_is_empty)
{
    BIDE_GROUP(g);
    CHECK_EQ(bide_spawn(g, returns, &ended), BIDE_EPERM);
    CHECK_EQ(bide_group_count(g), 0);
    CHECK_EQ(bide_group_wait(g), BIDE_EPERM);
}

static int spawns_into(void *group)
{
    CHECK_EQ(bide_spawn(group, returns, &ended), BIDE_EPERM);
    CHECK_EQ(bide_group_wait(group), BIDE_EINVAL);
    return 0;
}

TEST(a_group_from_outside_takes_no_tasks_inside)
{
    BIDE_GROUP(g);
    CHECK_EQ(bide_run(spawns_into, g), 0);
    CHECK_EQ(bide_group_count(g), 0);
}

TEST(queues_work_outside_as_far_as_they_do_not_wait)
{
    bide_auto(queue) queue = bide_queue_new(int, 2);
    int item = 5;
    CHECK_EQ(bide_queue_put_nowait(queue, &item), 0);
    item = 0;
    CHECK_EQ(bide_queue_get_nowait(queue, &item), 1);
    CHECK_EQ(item, 5);
    CHECK_EQ(bide_queue_get_nowait(queue, &item), BIDE_EAGAIN);
}

/* Options. */

static int poller_is(void *name)
{
    CHECK_STR(bide_poller_name(), name);
    return bide_sleep(0.001);
}

TEST(the_poller_can_be_chosen)
{
    static char epoll[] = "epoll", poll[] = "poll";
    unsetenv("BIDE_POLLER");
    CHECK_EQ(bide_run(poller_is, epoll), 0);
    CHECK_EQ(bide_run(poller_is, poll, .poller = "poll"), 0);
    setenv("BIDE_POLLER", "poll", 1);
    CHECK_EQ(bide_run(poller_is, poll), 0);
    CHECK_EQ(bide_run(poller_is, epoll, .poller = "epoll"), 0);
    CHECK_EQ(bide_run(poller_is, poll, .poller = "carrier pigeon"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "carrier pigeon");
}

static int sleeps_an_hour(void *unused)
{
    (void)unused;
    return bide_sleep(3600);
}

TEST(the_environment_chooses_the_clock)
{
    setenv("BIDE_CLOCK", "jumping", 1);
    CHECK_EQ(bide_run(sleeps_an_hour, NULL), 0);
}

static char order[100];

static int notes(void *letter)
{
    strncat(order, letter, 1);
    return 0;
}

static int spawns_in_order(void *unused)
{
    static char letters[] = "abcdefghijklmnop";
    (void)unused;
    order[0] = '\0';
    BIDE_GROUP(g);
    for (int i = 0; i < 16; i++)
        bide_spawn(g, notes, &letters[i]);
    return bide_group_wait(g);
}

TEST(a_seed_shuffles_the_same_way_each_time)
{
    char first[100];
    CHECK_EQ(bide_run(spawns_in_order, NULL), 0);
    CHECK_STR(order, "abcdefghijklmnop");
    CHECK_EQ(bide_run(spawns_in_order, NULL, .shuffle_seed = 5), 0);
    CHECK(strcmp(order, "abcdefghijklmnop") != 0);
    CHECK_EQ(strlen(order), 16);
    strcpy(first, order);
    CHECK_EQ(bide_run(spawns_in_order, NULL, .shuffle_seed = 5), 0);
    CHECK_STR(order, first);
    CHECK_EQ(bide_run(spawns_in_order, NULL, .shuffle_seed = 6), 0);
    CHECK(strcmp(order, first) != 0);
    setenv("BIDE_SHUFFLE", "5", 1);
    CHECK_EQ(bide_run(spawns_in_order, NULL), 0);
    CHECK_STR(order, first);
}

/* What is left over. */

static int lingers(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_sleep(10), BIDE_ECANCELED);
    BIDE_SHIELD(s, 1);
    CHECK_EQ(bide_sleep(0.010), 0);
    ended++;
    return 0;
}

static int leaves_tasks(void *unused)
{
    bide_spawn(NULL, lingers, unused);
    bide_spawn(NULL, lingers, unused, .name = "lingerer");
    CHECK_EQ(bide_sleep(0.001), 0);
    return 8;
}

TEST(what_is_left_is_cancelled_joined_and_told_of)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_DEBUG);
    CHECK_EQ(bide_run(leaves_tasks, NULL, .jumping_clock = true), 8);
    CHECK_EQ(ended, 2);
    CHECK_HAS(logged, "lingerer");
    CHECK_HAS(logged, "test_run.c:");
}

/* Nesting. */

static int nested(void *number)
{
    double start = bide_now();
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_NEAR(bide_now() - start, 1, 1e-6);
    return *(int *)number;
}

static int nests(void *number)
{
    bide_task *me = bide_task_current();
    int rc = bide_run(nested, number);
    CHECK_PTR(bide_task_current(), me);
    return rc;
}

TASK_TEST(a_run_inside_a_task_uses_the_same_loop)
{
    CHECK_EQ(nests(&(int){ 4 }), 4);
}

static int runs_fails(void *unused)
{
    (void)unused;
    return bide_run(fails, NULL);
}

static int runs_long(void *unused)
{
    (void)unused;
    return bide_run(sleeps_an_hour, NULL);
}

TASK_TEST(a_nested_run_hands_on_failures_and_cancellation)
{
    CHECK_EQ(runs_fails(NULL), -5);
    CHECK_STR(bide_errmsg(), "it broke");
    CHECK_EQ(bide_timeout(0.010, runs_long, NULL), BIDE_ETIMEDOUT);
    BIDE_GROUP(g);
    int seven = 7;
    bide_task *task;
    bide_spawn(g, nests, &seven, .handle = &task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 7);
}

/* Threads. */

static int counts(void *arg)
{
    int *count = arg;
    CHECK_EQ(bide_sleep(0.00001), 0);
    ++*count;
    return 0;
}

static int counts_many(void *count)
{
    for (int i = 0; i < 100; i++) {
        BIDE_GROUP(g);
        for (int n = 0; n < 10; n++)
            bide_spawn(g, counts, count);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    return 0;
}

static void *runs_a_loop(void *count)
{
    CHECK_EQ(bide_run(counts_many, count), 0);
    return NULL;
}

TEST(each_thread_may_have_a_loop)
{
    int counted[4] = { 0 };
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, runs_a_loop, &counted[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(counted[i], 1000);
    }
}

static bide_group *foreign, *foreign_owned;
static bide_task *foreign_task;
static bide_event shared;
static pthread_barrier_t barrier;

static int waits_shared(void *seconds)
{
    BIDE_TIMEOUT(t, *(double *)seconds);
    return bide_scope_result(t, bide_event_wait(&shared));
}

static int waits_a_while(void *unused)
{
    (void)unused;
    bide_task *task;
    BIDE_KEEP_GOING(g);
    foreign = g;
    foreign_owned = bide_group_open("foreign", NULL, NULL);
    foreign_task = bide_task_current();
    bide_spawn(g, waits_shared, &(double){ 10 }, .copy = sizeof(double), .handle = &task);
    CHECK_EQ(bide_yield(), 0);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    bide_event_set(&shared);
    bide_group_close(foreign_owned);
    return bide_group_wait(g);
}

static void *runs_first(void *unused)
{
    CHECK_EQ(bide_run(waits_a_while, unused), 0);
    return NULL;
}

static int reaches_over(void *unused)
{
    BIDE_TIMEOUT(t, 5);
    char large[2000] = "";
    CHECK_EQ(bide_spawn(foreign, waits_shared, unused), BIDE_EPERM);
    CHECK_EQ(bide_spawn(foreign, waits_shared, large, .copy = sizeof large), BIDE_EPERM);
    CHECK_EQ(bide_spawn(foreign_owned, waits_shared, unused), BIDE_EPERM);
    CHECK_EQ(bide_join(foreign_task), BIDE_EPERM);
    CHECK(bide_group_wait(foreign) < 0);
    return bide_event_wait(&shared);
}

TEST(what_belongs_to_another_loop_is_refused)
{
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    CHECK_EQ(pthread_create(&thread, NULL, runs_first, NULL), 0);
    pthread_barrier_wait(&barrier);
    CHECK_EQ(bide_run(reaches_over, NULL), BIDE_EPERM);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
}

/* Names. */

TEST(guards_and_versions_have_names)
{
    const char *guard = bide_stack_guard_name();
    CHECK(strcmp(guard, "madvise") == 0 || strcmp(guard, "mprotect") == 0
          || strcmp(guard, "canary") == 0);
    CHECK_STR(bide_version(), BIDE_VERSION);
}
