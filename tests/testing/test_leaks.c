/* tests/testing/test_leaks.c -- each kind of leak is found, told of with its origin, and nothing
 * else is. */
#include "testing/said.h"

#include "base/memory.h"
#include "base/heap.h"
#include "core/loop.h"
#include <arpa/inet.h>
#include <bide/group.h>
#include <bide/memory.h>
#include <bide/net.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static int well(void *unused)
{
    (void)unused;
    return 7;
}

TEST(a_test_that_leaves_nothing_behind_succeeds)
{
    CHECK_EQ(bide_test(well, NULL), 0);
    CHECK_EQ(bide_test(well, NULL, .real_clock = true), 0);
    CHECK_EQ(bide_test(well, NULL, .poller = "poll", .seed = 5), 0);
}

static int badly(void *unused)
{
    (void)unused;
    return bide_fail(-EIO, "so it goes");
}

TEST(a_failure_is_the_functions_own)
{
    CHECK_EQ(bide_test(badly, NULL), -EIO);
    CHECK_STR(bide_errmsg(), "so it goes");
}

/* --- tasks --- */

static bide_queue *queue;

static int pump(void *unused)
{
    (void)unused;
    int *item;
    return bide_queue_get(queue, &item);
}

static int forgets_a_task(void *unused)
{
    (void)unused;
    bide_spawn(NULL, pump, NULL);
    return 0;
}

static int with_a_queue(void *fn)
{
    queue = bide_queue_new(int *, 1);
    int rc = ((bide_fn *)(uintptr_t)fn)(NULL);
    return rc;
}

TEST(a_task_is_found_with_what_it_waits_for)
{
    listen_to_log();
    CHECK_EQ(bide_test(with_a_queue, (void *)(uintptr_t)forgets_a_task, .allow = BIDE_TEST_BYTES),
             BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "leaked: task 'pump' (spawned at ");
    CHECK_HAS(bide_errmsg(), "test_leaks.c:");
    CHECK_HAS(bide_errmsg(), ") waits for ");
    CHECK_HAS(said, "leaked: task 'pump'");
}

static int sleeps(void *unused)
{
    (void)unused;
    return bide_sleep(100);
}

static int forgets_two(void *unused)
{
    bide_spawn(NULL, sleeps, unused);
    bide_spawn(NULL, sleeps, unused, .name = "another");
    return 0;
}

TEST(all_tasks_are_told_of_and_counted)
{
    listen_to_log();
    CHECK_EQ(bide_test(forgets_two, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "leaked: task 'sleeps'");
    CHECK_HAS(bide_errmsg(), "waits for sleep, and 1 more");
    CHECK_HAS(said, "leaked: task 'another'");
    CHECK_EQ(bide_test(forgets_two, NULL, .allow = BIDE_TEST_TASKS), 0);
}

static int goes_at_once(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++)
        if (bide_yield() < 0)
            return bide_errcode();
    return 0;
}

static int leaves_one_that_ends(void *unused)
{
    bide_spawn(NULL, goes_at_once, unused);
    return 0;
}

TEST(a_task_that_ends_by_itself_without_time_is_no_leak)
{
    CHECK_EQ(bide_test(leaves_one_that_ends, NULL), 0);
}

static int cancels_what_it_leaves(void *unused)
{
    bide_task *t;
    bide_spawn(NULL, sleeps, unused, .handle = &t);
    bide_cancel(t);
    bide_group *g = bide_group_open("closed", NULL, NULL);
    bide_spawn(g, sleeps, unused);
    bide_group_close(g);
    return 0;
}

TEST(what_is_cancelled_or_closed_is_no_leak)
{
    CHECK_EQ(bide_test(cancels_what_it_leaves, NULL), 0);
}

static int forgets_a_group(void *unused)
{
    bide_spawn(bide_group_open("service", NULL, NULL), sleeps, unused);
    return 0;
}

TEST(an_open_group_is_found)
{
    listen_to_log();
    CHECK_EQ(bide_test(forgets_a_group, NULL), BIDE_ETEST);
    CHECK_STR(bide_errmsg(), "leaked: group 'service', open, with 1 task");
}

/* --- timers --- */

static int forgets_a_timer(void *timer)
{
    *(struct timer *)timer = (struct timer){ .due_ns = INT64_MAX / 4, .kind = TIMER_SLEEP };
    CHECK(bide__heap_put(&bide__loop()->timers, timer));
    return 0;
}

TEST(a_timer_is_found)
{
    struct timer timer;
    listen_to_log();
    CHECK_EQ(bide_test(forgets_a_timer, &timer), BIDE_ETEST);
    CHECK_STR(bide_errmsg(), "leaked: 1 timer");
    CHECK_EQ(bide_test(forgets_a_timer, &timer, .allow = BIDE_TEST_TIMERS), 0);
}

static int uses_timers(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 10);
    return bide_sleep(1);
}

TEST(timers_that_were_used_are_none)
{
    CHECK_EQ(bide_test(uses_timers, NULL), 0);
}

/* --- descriptors --- */

static int forgets_a_pipe(void *unused)
{
    (void)unused;
    int ends[2];
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    close(ends[1]);
    return ends[0] < 0 ? -EIO : 0;
}

TEST(a_descriptor_is_found)
{
    char wanted[100];
    int next = dup(0);
    close(next);
    listen_to_log();
    CHECK_EQ(bide_test(forgets_a_pipe, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "leaked: descriptor ");
    CHECK_HAS(bide_errmsg(), " (pipe)");
    snprintf(wanted, sizeof wanted, "descriptor %d", next);
    CHECK_EQ(bide_test(forgets_a_pipe, NULL, .allow = BIDE_TEST_DESCRIPTORS), 0);
}

static int forgets_a_connection(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    CHECK(l);
    snprintf(said + 3000, 64, "%s", bide_listener_address(l));
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    bide_auto(stream) peer = bide_accept(l);
    CHECK(s && peer);
    CHECK(dup(bide_stream_fd(s)) >= 0 && dup(bide_stream_fd(peer)) >= 0);
    return 0;
}

TEST(a_socket_is_told_of_with_its_address)
{
    char wanted[100];
    listen_to_log();
    CHECK_EQ(bide_test(forgets_a_connection, NULL), BIDE_ETEST);
    snprintf(wanted, sizeof wanted, "(socket to %s)", said + 3000);
    CHECK_HAS(bide_errmsg(), wanted);
}

static int before;
static int closes_what_was_there(void *unused)
{
    (void)unused;
    close(before);
    return 0;
}

TEST(descriptors_from_before_are_the_callers)
{
    before = dup(0);
    CHECK_EQ(bide_test(well, NULL), 0);
    CHECK_EQ(bide_test(closes_what_was_there, NULL), 0);
}

static int puts_another_in_its_place(void *unused)
{
    int ends[2];
    (void)unused;
    close(before);
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    close(ends[1] == before ? ends[0] : ends[1]);
    CHECK(ends[0] == before || ends[1] == before);
    return 0;
}

TEST(a_number_that_was_there_before_may_be_another_descriptor)
{
    before = dup(0);
    listen_to_log();
    CHECK_EQ(bide_test(puts_another_in_its_place, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "(pipe)");
}

/* --- memory --- */

static void *kept;
static int forgets_memory(void *unused)
{
    (void)unused;
    kept = bide__alloc(48);
    return kept ? 0 : -ENOMEM;
}

TEST(memory_is_found_to_the_byte)
{
    listen_to_log();
    CHECK_EQ(bide_test(forgets_memory, NULL), BIDE_ETEST);
    CHECK_STR(bide_errmsg(), "leaked: 48 bytes in 1 block");
    CHECK_HAS(said, "  48 bytes: allocation ");
    CHECK_HAS(said, "in the task spawned at bide_run()");
    bide__free(kept);
    CHECK_EQ(bide_test(forgets_memory, NULL, .allow = BIDE_TEST_BYTES), 0);
    bide__free(kept);
}

static int frees_what_was_there(void *unused)
{
    (void)unused;
    bide__free(kept);
    kept = NULL;
    return 0;
}

TEST(memory_from_before_is_the_callers)
{
    kept = bide__alloc(10);
    CHECK_EQ(bide_test(well, NULL), 0);
    CHECK_EQ(bide_test(frees_what_was_there, NULL), 0);
}

/* A table that has to grow, and loses its entries in another order. */
static int allocates_much(void *unused)
{
    enum { COUNT = 20000 };
    (void)unused;
    static void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++)
        CHECK((blocks[i] = bide__alloc((size_t)i % 50)));
    for (int i = 0; i < COUNT; i += 3)
        CHECK((blocks[i] = bide__resize(blocks[i], 100)));
    for (int i = 0; i < COUNT; i++)
        bide__free(blocks[i * 7919 % COUNT]);
    return 0;
}

TEST(twenty_thousand_blocks_are_kept_apart)
{
    CHECK_EQ(bide_test(allocates_much, NULL), 0);
}

static int sets_its_own(void *unused)
{
    (void)unused;
    return bide_allocator_set(NULL);
}

TEST(a_test_may_set_an_allocator_of_its_own)
{
    CHECK_EQ(bide_test(sets_its_own, NULL), 0);
}

static int uses_everything(void *unused)
{
    bide_stream *ends[2];
    char c;
    CHECK_EQ(bide_stream_pair(ends), 0);
    bide_auto(queue) q = bide_queue_new(int, 3);
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        bide_spawn(g, goes_at_once, unused);
    CHECK_EQ(bide_write(ends[0], "x", 1), 0);
    CHECK_EQ(bide_read(ends[1], &c, 1), 1);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return bide_group_wait(g);
}

TEST(ordinary_use_leaks_nothing)
{
    CHECK_EQ(bide_test(uses_everything, NULL), 0);
}

/* --- the limit, and misuse --- */

static int ticks_for_ever(void *unused)
{
    (void)unused;
    while (bide_sleep(0.5) == 0)
        ;
    return bide_errcode();
}

static int waits_in_vain(void *unused)
{
    static bide_event never;
    BIDE_GROUP(g);
    bide_spawn(g, ticks_for_ever, unused);
    int rc = bide_event_wait(&never);
    return rc;
}

TEST(time_is_limited_on_the_tests_clock)
{
    listen_to_log();
    CHECK_EQ(bide_test(waits_in_vain, NULL), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "the test's time is up: task 'main'");
    CHECK_HAS(bide_errmsg(), "and 1 more");
    CHECK_HAS(said, "timed out: task 'ticks_for_ever'");
    CHECK_EQ(bide_test(waits_in_vain, NULL, .seconds = 0.05, .real_clock = true), BIDE_ETIMEDOUT);
}

static int deadlocks(void *unused)
{
    static bide_event never;
    (void)unused;
    return bide_event_wait(&never);
}

TEST(a_deadlock_is_still_seen)
{
    listen_to_log();
    CHECK_EQ(bide_test(deadlocks, NULL), BIDE_EDEADLK);
    CHECK_EQ(bide_test(deadlocks, NULL, .real_clock = true), BIDE_EDEADLK);
}

static int tests_inside(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_test(well, NULL), BIDE_EPERM);
    CHECK_STR(bide_errmsg(), "a test runs a loop of its own, so not inside of one");
    return 0;
}

TEST(a_test_inside_a_loop_is_refused)
{
    CHECK_EQ(bide_run(tests_inside, NULL), 0);
}

static void *test_elsewhere(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_test(well, NULL), BIDE_EBUSY);
    return NULL;
}

static int tests_on_another_thread(void *unused)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, test_elsewhere, unused), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    return 0;
}

TEST(a_second_test_at_once_is_refused)
{
    CHECK_EQ(bide_test(tests_on_another_thread, NULL, .allow = BIDE_TEST_BYTES), 0);
}
