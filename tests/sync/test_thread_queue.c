/* tests/sync/test_thread_queue.c -- queues between loops and threads. */
#include "threads.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/task.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static bide_queue *queue, *back;
static char order[64];

static int gets_one(void *item)
{
    return bide_queue_get(queue, (int *)item);
}

static int puts_one(void *item)
{
    return bide_queue_put(queue, (int *)item);
}

/* Within one loop it is a queue like any other. */

TASK_TEST(tasks_of_one_loop_may_use_it_too)
{
    int items[] = { 1, 2, 3 }, got[2] = { 0 }, item;
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .threads = true);
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got[0]);
    bide_spawn(g, gets_one, &got[1]);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_queue_put(queue, &items[0]), 0);
    CHECK_EQ(got[0], 1);                        /* first come, first served, directly */
    CHECK_EQ(bide_queue_put(queue, &items[1]), 0);
    CHECK_EQ(got[1], 2);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(bide_queue_put(queue, &items[i]), 0);
    CHECK_EQ(bide_queue_put_nowait(queue, &items[2]), BIDE_EAGAIN);
    bide_spawn(g, puts_one, &items[2]);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        CHECK_EQ(item, i + 1);
    }
    CHECK_EQ(bide_queue_get_nowait(queue, &item), BIDE_EAGAIN);
    CHECK_EQ(bide_queue_size(queue), 0);
    CHECK_EQ(bide_queue_capacity(queue), 2);
    CHECK_EQ(bide_group_wait(g), 0);
}

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

TASK_TEST(it_has_all_orders)
{
    bide_auto(queue) first = bide_queue_new(int, BIDE_UNLIMITED, .threads = true);
    bide_auto(queue) last = bide_queue_new(int, BIDE_UNLIMITED, .threads = true,
                                           .order = BIDE_LIFO);
    bide_auto(queue) least = bide_queue_new(int, BIDE_UNLIMITED, .threads = true,
                                            .order = BIDE_PRIORITY, .before = is_less);
    int item;
    for (int i = 0; i < 100; i++) {
        int mixed = i * 37 % 100;
        CHECK_EQ(bide_queue_put(first, &i), 0);
        CHECK_EQ(bide_queue_put(last, &i), 0);
        CHECK_EQ(bide_queue_put(least, &mixed), 0);
    }
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(bide_queue_get(first, &item), 1);
        CHECK_EQ(item, i);
        CHECK_EQ(bide_queue_get(last, &item), 1);
        CHECK_EQ(item, 99 - i);
        CHECK_EQ(bide_queue_get(least, &item), 1);
        CHECK_EQ(item, i);
    }
}

static int joins(void *unused)
{
    int rc = bide_queue_join(queue);
    (void)unused;
    strcat(order, rc == 0 ? "joined " : rc == BIDE_ECLOSED ? "unjoined " : "? ");
    return 0;
}

TASK_TEST(joining_waits_until_all_is_done)
{
    int item = 1;
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .threads = true);
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_join(queue), 0);
    CHECK_EQ(bide_queue_done(queue), BIDE_EINVAL);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_queue_done(queue), BIDE_EINVAL);
    bide_spawn(g, joins, NULL);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(bide_yield(), 0);
    CHECK_STR(order, "");
    CHECK_EQ(bide_queue_done(queue), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "joined ");
}

static int puts_late(void *item)
{
    int rc = bide_sleep(3600);
    return rc < 0 ? rc : bide_queue_put(queue, (int *)item);
}

TASK_TEST(the_jumping_clock_jumps_while_a_task_waits_for_it)
{
    int late = 5, got = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got);
    bide_spawn(g, puts_late, &late);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(got, 5);
}

static int waits_for_nothing(void *unused)
{
    static bide_event never;
    int got[2] = { 0 }, item = 3;
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    bide_task *task;
    {
        BIDE_GROUP(g);
        bide_spawn(g, gets_one, &got[0]);
        bide_spawn(g, gets_one, &got[1], .handle = &task);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_queue_put(queue, &item), 0);
        bide_cancel(task);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(got[0], 3);
    return bide_event_wait(&never);
}

static void hear_nothing(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

TEST(when_no_task_waits_for_it_any_more_a_deadlock_is_found)
{
    bide_log_to(hear_nothing, NULL, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(waits_for_nothing, NULL), BIDE_EDEADLK);
}

/* Threads. */

static void *echoes(void *unused)
{
    int item;
    (void)unused;
    while (bide_queue_get(queue, &item) == 1)
        CHECK_EQ(bide_queue_put(back, &item), 0);
    bide_queue_close(back);
    return NULL;
}

TASK_TEST(a_thread_outside_of_all_loops_blocks)
{
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    bide_auto(queue) also = back = bide_queue_new(int, 1, .threads = true);
    pthread_t thread = start(echoes, NULL);
    int item;
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(bide_queue_put(queue, &i), 0);
        CHECK_EQ(bide_queue_get(back, &item), 1);
        CHECK_EQ(item, i);
    }
    bide_queue_close(queue);
    CHECK_EQ(bide_queue_get(back, &item), 0);
    pthread_join(thread, NULL);
}

static void *puts_some(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++)
        CHECK_EQ(bide_queue_put(queue, &i), 0);     /* room for one: blocks */
    CHECK_EQ(bide_queue_join(queue), 0);
    bide_queue_close(queue);
    return NULL;
}

TEST(threads_alone_may_use_it)
{
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    pthread_t thread = start(puts_some, NULL);
    int item, rc;
    for (int i = 0; (rc = bide_queue_get(queue, &item)) == 1; i++) {
        CHECK_EQ(item, i);
        CHECK_EQ(bide_queue_done(queue), 0);
    }
    CHECK_EQ(rc, 0);
    pthread_join(thread, NULL);
}

/* Many: loops and threads, all items exactly once. */

enum { SIDES = 2, PER_TASK = 10, TASKS = 5 };

static atomic_long put_sum, got_sum;
static atomic_int numbers, items_left;

static void put_all(void)
{
    int number;
    while ((number = atomic_fetch_add(&numbers, 1)) < atomic_load(&items_left)) {
        CHECK_EQ(bide_queue_put(queue, &number), 0);
        atomic_fetch_add(&put_sum, number);
    }
}

static void get_all(void)
{
    int number, rc;
    while ((rc = bide_queue_get(queue, &number)) == 1)
        atomic_fetch_add(&got_sum, number);
    CHECK_EQ(rc, 0);
}

static int puts_all(void *unused)
{
    (void)unused;
    put_all();
    return 0;
}

static int gets_all(void *unused)
{
    (void)unused;
    get_all();
    return 0;
}

static int many(void *fn)
{
    BIDE_GROUP(g);
    for (int i = 0; i < TASKS; i++)
        bide_spawn(g, *(bide_fn **)fn, NULL);
    return bide_group_wait(g);
}

static void *puts_from_a_thread(void *unused)
{
    (void)unused;
    put_all();
    return NULL;
}

static void *gets_in_a_thread(void *unused)
{
    (void)unused;
    get_all();
    return NULL;
}

static void hand_round(size_t capacity, int count)
{
    static bide_fn *puts_fn = puts_all, *gets_fn = gets_all;
    struct elsewhere putters[SIDES], getters[SIDES];
    atomic_store(&numbers, 0);
    atomic_store(&items_left, count);
    atomic_store(&put_sum, 0);
    atomic_store(&got_sum, 0);
    bide_auto(queue) made = queue = bide_queue_new(int, capacity, .threads = true);
    for (int i = 0; i < SIDES; i++) {
        begin(&getters[i], many, &gets_fn);
        begin(&putters[i], many, &puts_fn);
    }
    pthread_t getter = start(gets_in_a_thread, NULL), putter = start(puts_from_a_thread, NULL);
    for (int i = 0; i < SIDES; i++)
        CHECK_EQ(end(&putters[i]), 0);
    pthread_join(putter, NULL);
    bide_queue_close(queue);
    for (int i = 0; i < SIDES; i++)
        CHECK_EQ(end(&getters[i]), 0);
    pthread_join(getter, NULL);
    CHECK_EQ(put_sum, (long)count * (count - 1) / 2);
    CHECK_EQ(got_sum, put_sum);
}

TEST(among_four_loops_and_two_threads_every_item_is_got_once)
{
    int count = test_is_slow() ? 5000 : 100000;
    hand_round(1, count / 10);
    hand_round(100, count);
    hand_round(BIDE_UNLIMITED, count);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_put_or_got)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 2, .threads = true);
    CHECK_EQ(bide_queue_put(q, &item), 0);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        item = 7;
        CHECK_EQ(bide_queue_put(q, &item), BIDE_ECANCELED);
        CHECK_EQ(bide_queue_get(q, &item), BIDE_ECANCELED);
        CHECK_EQ(bide_queue_join(q), BIDE_ECANCELED);
    }
    CHECK_EQ(item, 7);
    CHECK_EQ(bide_queue_size(q), 1);
}

TASK_TEST(a_cancelled_getter_takes_nothing_with_it)
{
    int first = 0, second = 0, item = 5;
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .threads = true);
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &first, .handle = &task);
    bide_spawn(g, gets_one, &second);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(task);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
    CHECK_EQ(first, 0);
    CHECK_EQ(second, 5);
}

TASK_TEST(a_cancelled_putter_leaves_nothing_behind)
{
    int items[] = { 1, 2, 3 }, item;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    bide_task *task;
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_put(queue, &items[0]), 0);
    bide_spawn(g, puts_one, &items[1], .handle = &task);
    bide_spawn(g, puts_one, &items[2]);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(task);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(item, 3);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
}

static void *puts_a_seven(void *unused)
{
    int seven = 7;
    (void)unused;
    CHECK_EQ(bide_queue_put(queue, &seven), 0);
    return NULL;
}

/* The item is given by the other thread; this loop hears of it after it has cancelled. */
TASK_TEST(handed_over_and_then_cancelled_the_item_is_got)
{
    int got = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    pthread_join(start(puts_a_seven, NULL), NULL);
    CHECK(!bide_task_done(task));
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 1);
    CHECK_EQ(got, 7);
}

static int gets_in_a_hurry(void *unused)
{
    int number, rc;
    (void)unused;
    do {
        BIDE_TIMEOUT(t, 20e-6);
        rc = bide_scope_result(t, bide_queue_get(queue, &number));
        if (rc == 1)
            atomic_fetch_add(&got_sum, number);
    } while (rc == 1 || rc == BIDE_ETIMEDOUT);
    return rc;
}

static int puts_in_a_hurry(void *unused)
{
    int number, rc;
    (void)unused;
    while ((number = atomic_fetch_add(&numbers, 1)) < atomic_load(&items_left)) {
        do {
            BIDE_TIMEOUT(t, 20e-6);
            rc = bide_scope_result(t, bide_queue_put(queue, &number));
        } while (rc == BIDE_ETIMEDOUT);
        CHECK_EQ(rc, 0);
    }
    return 0;
}

TEST(cancelled_again_and_again_nothing_is_lost_or_doubled)
{
    static bide_fn *puts_fn = puts_in_a_hurry, *gets_fn = gets_in_a_hurry;
    struct elsewhere putters, getters;
    int count = test_is_slow() ? 1000 : 10000;
    atomic_store(&items_left, count);
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .threads = true);
    begin(&getters, many, &gets_fn);
    begin(&putters, many, &puts_fn);
    CHECK_EQ(end(&putters), 0);
    bide_queue_close(queue);
    CHECK_EQ(end(&getters), 0);
    CHECK_EQ(got_sum, (long)count * (count - 1) / 2);
}

/* A loop that ends. */

static int waits_in_the_background(void *item)
{
    bide_spawn(bide_group_root(), gets_one, item);
    return bide_yield();
}

TEST(a_loop_that_waits_for_it_can_end)
{
    int item = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    CHECK_EQ(bide_run(waits_in_the_background, &item), 0);
    CHECK_EQ(item, 0);
}

static int waits_in_an_owned_group(void *item)
{
    bide_group *owned = bide_group_open("an owner's", NULL, NULL);
    bide_spawn(owned, gets_one, item);
    return bide_yield();
}

TEST(a_loop_ends_though_an_object_left_open_waits_for_it)
{
    int item = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    bide_log_to(hear_nothing, NULL, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(waits_in_an_owned_group, &item), 0);
    CHECK_EQ(item, 0);
}

static int keeps_one(void *arg)
{
    int item, rc = bide_queue_get(queue, &item);
    if (rc == 1)
        atomic_fetch_add(&got_sum, item);
    (void)arg;
    return rc == BIDE_ECANCELED ? 0 : rc;
}

static int leaves_getters(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++)
        bide_spawn(bide_group_root(), keeps_one, NULL);
    return bide_yield();
}

/* Each item is either got before the loop has ended, or still in the queue. */
TEST(a_loop_that_ends_loses_no_item)
{
    for (int round = 0; round < 100; round++) {
        int item, sum = 0;
        bide_auto(queue) made = queue = bide_queue_new(int, BIDE_UNLIMITED, .threads = true);
        struct elsewhere loop;
        atomic_store(&got_sum, 0);
        begin(&loop, leaves_getters, NULL);
        for (int i = 1; i <= 20; i++) {
            CHECK_EQ(bide_queue_put(queue, &i), 0);
            sum += i;
        }
        CHECK_EQ(end(&loop), 0);
        while (bide_queue_get_nowait(queue, &item) == 1)
            sum -= item;
        CHECK_EQ(got_sum, sum);
    }
}

/* Misuse. */

TASK_TEST(a_pointer_to_another_size_is_refused)
{
    char byte = 0;
    bide_auto(queue) q = bide_queue_new(int, 3, .threads = true);
    CHECK_EQ(bide_queue_put(q, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_queue_get(q, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_queue_put_nowait(q, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_queue_get_nowait(q, &byte), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "1 bytes; the items have 4");
}

TEST(a_plain_queue_is_for_tasks_alone)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 3);
    CHECK_EQ(bide_queue_put(q, &item), BIDE_EPERM);
    CHECK_EQ(bide_queue_get(q, &item), BIDE_EPERM);
}

static bool scarce;

static void *alloc_some(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static int waits_without_memory(void *unused)
{
    int got[3] = { 0 };
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, gets_one, &got[i]);
    CHECK_EQ(bide_yield(), 0);
    scarce = true;
    for (int i = 1; i <= 3; i++)
        CHECK_EQ(bide_queue_put(queue, &i), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    scarce = false;
    CHECK_EQ(got[2], 3);
    return 0;
}

TEST(waiting_and_handing_over_need_no_memory)
{
    static const struct bide_allocator some = { alloc_some, realloc, free };
    CHECK_EQ(bide_allocator_set(&some), 0);
    CHECK_EQ(bide_run(waits_without_memory, NULL, .jumping_clock = true), 0);
}

static int hands_round(void *unused)
{
    int range = 0, sum = 0, item;
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .threads = true);
    int items[10];
    BIDE_GROUP(g);
    for (int i = 0; i < 10; i++) {
        items[i] = i;
        range += i;
        bide_spawn(g, puts_one, &items[i]);
    }
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        sum += item;
    }
    CHECK_EQ(sum, range);
    return bide_group_wait(g);
}

TEST(in_whatever_order_the_tasks_run_every_item_is_got_once)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        CHECK_EQ(bide_run(hands_round, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}
