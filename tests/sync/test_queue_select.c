/* tests/sync/test_queue_select.c -- queues between threads, broadcasts, watches and promises as
 * cases of a select. */
#include "threads.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/select.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static bide_queue *queue, *other;
static bide_event event;

struct chosen { int index, item, rc; };

static int selects_get(void *arg)
{
    struct chosen *c = arg;
    c->index = bide_select(BIDE_ON_EVENT(&event), BIDE_ON_GET(queue, &c->item, &c->rc));
    return c->index < 0 ? c->index : 0;
}

static int selects_put(void *arg)
{
    struct chosen *c = arg;
    c->index = bide_select(BIDE_ON_EVENT(&event), BIDE_ON_PUT(queue, &c->item, &c->rc));
    return c->index < 0 ? c->index : 0;
}

static void *puts_a_seven(void *unused)
{
    int seven = 7;
    (void)unused;
    CHECK_EQ(bide_queue_put(queue, &seven), 0);
    return NULL;
}

static void *gets_one(void *item)
{
    CHECK_EQ(bide_queue_get(queue, (int *)item), 1);
    return NULL;
}

/* Queues between threads. */

TASK_TEST(what_is_there_is_got_at_once)
{
    struct chosen c = { .item = 5, .rc = -1 };
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    CHECK_EQ(selects_put(&c), 0);
    CHECK_EQ(c.index, 1);
    CHECK_EQ(c.rc, 0);
    c.item = 0;
    CHECK_EQ(selects_get(&c), 0);
    CHECK_EQ(c.index, 1);
    CHECK_EQ(c.rc, 1);
    CHECK_EQ(c.item, 5);
}

TASK_TEST(an_item_from_another_thread_reaches_a_select)
{
    struct chosen c = { .item = 0 };
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    BIDE_GROUP(g);
    bide_spawn(g, selects_get, &c);
    CHECK_EQ(bide_yield(), 0);
    pthread_t thread = start(puts_a_seven, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    pthread_join(thread, NULL);
    CHECK_EQ(c.index, 1);
    CHECK_EQ(c.rc, 1);
    CHECK_EQ(c.item, 7);
    CHECK_EQ(bide_queue_size(queue), 0);
}

TASK_TEST(room_made_by_another_thread_reaches_a_select)
{
    struct chosen c = { .item = 8 };
    int first = 4, got = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 1, .threads = true);
    CHECK_EQ(bide_queue_put(queue, &first), 0);
    BIDE_GROUP(g);
    bide_spawn(g, selects_put, &c);
    CHECK_EQ(bide_yield(), 0);
    pthread_t thread = start(gets_one, &got);
    CHECK_EQ(bide_group_wait(g), 0);
    pthread_join(thread, NULL);
    CHECK_EQ(got, 4);
    CHECK_EQ(c.index, 1);
    CHECK_EQ(c.rc, 0);
    CHECK_EQ(bide_queue_get_nowait(queue, &got), 1);
    CHECK_EQ(got, 8);
}

TASK_TEST(selects_are_served_in_line)
{
    struct chosen c[3] = { { .item = 0 } };
    bide_auto(queue) made = queue = bide_queue_new(int, 3, .threads = true);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, selects_get, &c[i]);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 1; i <= 3; i++)
        CHECK_EQ(bide_queue_put(queue, &i), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(c[i].item, i + 1);
}

/* The note is on its way when the select goes on by another case: the next one gets the item. */
TASK_TEST(a_note_whose_select_has_gone_sends_the_next)
{
    struct chosen first = { .item = 0 }, second = { .item = 0 };
    bide_auto(queue) made = queue = bide_queue_new(int, 3, .threads = true);
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, selects_get, &first, .handle = &task);
    bide_spawn(g, selects_get, &second);
    CHECK_EQ(bide_yield(), 0);
    pthread_join(start(puts_a_seven, NULL), NULL);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.index, BIDE_ECANCELED);
    CHECK_EQ(first.item, 0);
    CHECK_EQ(second.index, 1);
    CHECK_EQ(second.item, 7);
}

TASK_TEST(where_another_was_quicker_a_select_waits_on)
{
    struct chosen c = { .item = 0 };
    int item = 0;
    bide_auto(queue) made = queue = bide_queue_new(int, 3, .threads = true);
    BIDE_GROUP(g);
    bide_spawn(g, selects_get, &c);
    CHECK_EQ(bide_yield(), 0);
    pthread_join(start(puts_a_seven, NULL), NULL);
    CHECK_EQ(bide_queue_get_nowait(queue, &item), 1);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(c.item, 0);
    item = 9;
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(c.item, 9);
}

TASK_TEST(another_case_leaves_no_trace)
{
    struct chosen c = { .item = 0 };
    int item = 3;
    bide_auto(queue) made = queue = bide_queue_new(int, 3, .threads = true);
    BIDE_GROUP(g);
    bide_spawn(g, selects_get, &c);
    CHECK_EQ(bide_yield(), 0);
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(c.index, 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_queue_size(queue), 1);
}

TASK_TEST(closed_or_freed_while_selects_wait_their_cases_end)
{
    for (int way = 0; way < 3; way++) {
        struct chosen get = { .rc = 9 }, put = { .rc = 9 };
        int item = 1;
        queue = bide_queue_new(int, 1, .threads = true);
        BIDE_GROUP(g);
        bide_spawn(g, selects_get, &get);
        CHECK_EQ(bide_yield(), 0);
        bide_queue *empty = queue;
        queue = bide_queue_new(int, 1, .threads = true);
        CHECK_EQ(bide_queue_put(queue, &item), 0);
        bide_spawn(g, selects_put, &put);
        CHECK_EQ(bide_yield(), 0);
        void (*const ways[])(bide_queue *) = { bide_queue_close, bide_queue_close_now,
                                               bide_queue_free };
        ways[way](empty);
        ways[way](queue);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(get.index, 1);
        CHECK_EQ(get.rc, way < 2 ? 0 : BIDE_ECLOSED);
        CHECK_EQ(put.index, 1);
        CHECK_EQ(put.rc, BIDE_ECLOSED);
        if (way < 2) {
            bide_queue_free(empty);
            bide_queue_free(queue);
        }
    }
}

static int waits_for_nothing(void *unused)
{
    static bide_event never;
    int item = 4, rc;
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, 1, .threads = true);
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_select(BIDE_ON_GET(q, &item, &rc), BIDE_ON_PROMISE(p, &item, &rc),
                         BIDE_AFTER(0.001)), 2);
    return bide_event_wait(&never);
}

static void hear_nothing(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

TEST(when_no_select_waits_for_it_any_more_a_deadlock_is_found)
{
    bide_log_to(hear_nothing, NULL, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(waits_for_nothing, NULL), BIDE_EDEADLK);
}

static bool scarce;

static void *alloc_some(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static int selects_without_memory(void *unused)
{
    int item, rc;
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, 1, .threads = true);
    scarce = true;
    CHECK_EQ(bide_select(BIDE_AFTER(1), BIDE_ON_GET(q, &item, &rc)), BIDE_ENOMEM);
    CHECK_HAS(bide_errmsg(), "select: case 1: no memory");
    scarce = false;
    return 0;
}

TEST(without_memory_for_its_note_select_fails)
{
    static const struct bide_allocator some = { alloc_some, realloc, free };
    CHECK_EQ(bide_allocator_set(&some), 0);
    CHECK_EQ(bide_run(selects_without_memory, NULL, .jumping_clock = true), 0);
}

/* Two loops select from two queues and to two, with time limits that often come first. */

enum { ITEMS = 20000, ITEMS_SLOW = 1000 };
static atomic_int numbers;
static atomic_long put_sum, got_sum;

static int item_count(void)
{
    return test_is_slow() ? ITEMS_SLOW : ITEMS;
}

static int puts_all(void *unused)
{
    int number, rc = 0;
    (void)unused;
    while ((number = atomic_fetch_add(&numbers, 1)) < item_count()) {
        int which = 2;
        while (which == 2)
            which = bide_select(BIDE_ON_PUT(queue, &number, &rc), BIDE_ON_PUT(other, &number, &rc),
                                BIDE_AFTER(20e-6));
        if (which < 0 || rc < 0)
            return which < 0 ? which : rc;
        atomic_fetch_add(&put_sum, number);
    }
    return 0;
}

static int gets_all(void *unused)
{
    int number, rc = 1, which;
    (void)unused;
    while ((which = bide_select(BIDE_ON_GET(queue, &number, &rc), BIDE_ON_GET(other, &number, &rc),
                                BIDE_AFTER(20e-6))) >= 0) {
        if (which < 2 && rc == 0)
            break;
        if (which < 2)
            atomic_fetch_add(&got_sum, number);
    }
    while (which >= 0 && bide_queue_get_nowait(which == 0 ? other : queue, &number) == 1)
        atomic_fetch_add(&got_sum, number);
    return which < 0 ? which : 0;
}

static int many(void *fn)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++)
        bide_spawn(g, *(bide_fn **)fn, NULL);
    return bide_group_wait(g);
}

static void *runs_many(void *fn)
{
    CHECK_EQ(bide_run(many, fn), 0);
    return NULL;
}

TEST(between_loops_no_item_is_lost_or_doubled)
{
    static bide_fn *puts_fn = puts_all, *gets_fn = gets_all;
    long count = item_count();
    pthread_t threads[4];
    bide_auto(queue) one = queue = bide_queue_new(int, 1, .threads = true);
    bide_auto(queue) two = other = bide_queue_new(int, 10, .threads = true);
    for (int i = 0; i < 4; i++)
        threads[i] = start(runs_many, i % 2 ? &puts_fn : &gets_fn);
    pthread_join(threads[1], NULL);
    pthread_join(threads[3], NULL);
    bide_queue_close(queue);
    bide_queue_close(other);
    pthread_join(threads[0], NULL);
    pthread_join(threads[2], NULL);
    CHECK_EQ(put_sum, count * (count - 1) / 2);
    CHECK_EQ(got_sum, put_sum);
}

/* The others. */

static bide_subscriber *subscriber;
static bide_watch *watch;
static bide_promise *promise;
static uint64_t seen;

static int selects_one(void *arg)
{
    struct chosen *c = arg;
    c->index = bide_select(BIDE_ON_SUBSCRIBER(subscriber, &c->item, &c->rc),
                           BIDE_ON_WATCH(watch, &seen, &c->rc),
                           BIDE_ON_PROMISE(promise, &c->item, &c->rc));
    return c->index < 0 ? c->index : 0;
}

TASK_TEST(whichever_comes_first_of_an_item_a_change_and_a_promise)
{
    for (int way = 0; way < 3; way++) {
        struct chosen c = { .item = 0 };
        int value = 5;
        bide_auto(broadcast) b = bide_broadcast_new(int, 4);
        bide_auto(subscriber) s = subscriber = bide_broadcast_subscribe(b);
        bide_auto(watch) w = watch = bide_watch_new(int, &value);
        bide_auto(promise) p = promise = bide_promise_new(int);
        BIDE_GROUP(g);
        seen = 1;
        bide_spawn(g, selects_one, &c);
        CHECK_EQ(bide_yield(), 0);
        for (int i = way; i < way + 3; i++)
            if (i % 3 == 0)
                CHECK_EQ(bide_broadcast_send(b, &value), 0);
            else if (i % 3 == 1)
                CHECK_EQ(bide_watch_set(w, &value), 0);
            else
                CHECK_EQ(bide_promise_set(p, &value), 0);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(c.index, way);
        CHECK_EQ(c.rc, way < 2);
        CHECK_EQ(c.item, way == 1 ? 0 : 5);
        CHECK_EQ(seen, way == 1 ? 2 : 1);
        CHECK_EQ(bide_subscriber_get_nowait(s, &value), way == 0 ? BIDE_EAGAIN : 1);
    }
}

static bide_broadcast *broadcast;

static int selects_in_vain(void *arg)
{
    struct chosen *c = arg;
    bide_auto(subscriber) one = bide_broadcast_subscribe(broadcast);
    c->index = bide_select(BIDE_ON_SUBSCRIBER(one, &c->item, &c->rc), BIDE_AFTER(5));
    return c->index < 0 ? c->index : 0;
}

TASK_TEST(a_select_that_left_a_subscriber_is_counted_no_more)
{
    struct chosen c = { .item = 0 };
    int value = 3;
    bide_auto(broadcast) b = broadcast = bide_broadcast_new(int, 4);
    BIDE_GROUP(g);
    bide_spawn(g, selects_in_vain, &c);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(c.index, 1);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    CHECK_EQ(bide_broadcast_send(b, &value), 0);
    CHECK_EQ(bide_subscriber_get_nowait(s, &value), 1);
}

TASK_TEST(a_failed_promise_ends_its_case_with_its_failure)
{
    int value, rc = 0;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_promise_fail(p, BIDE_EAGAIN, "not today"), 0);
    CHECK_EQ(bide_select(BIDE_AFTER(1), BIDE_ON_PROMISE(p, &value, &rc)), 1);
    CHECK_EQ(rc, BIDE_EAGAIN);
    CHECK_STR(bide_errmsg(), "not today");
}

TASK_TEST(what_was_missed_is_told_by_the_case)
{
    int item = 0, rc = 0;
    bide_auto(broadcast) b = bide_broadcast_new(int, 1);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    CHECK_EQ(bide_select(BIDE_ON_SUBSCRIBER(s, &item, &rc), BIDE_READY), 0);
    CHECK_EQ(rc, BIDE_ELIMIT);
    CHECK_EQ(bide_select(BIDE_ON_SUBSCRIBER(s, &item, &rc), BIDE_READY), 0);
    CHECK_EQ(rc, 1);
    CHECK_EQ(item, 2);
}

TASK_TEST(misuse_is_told_with_the_case)
{
    char byte;
    int rc, value = 1;
    uint32_t narrow = 0;
    bide_auto(queue) q = bide_queue_new(int, 1, .threads = true);
    bide_auto(broadcast) b = bide_broadcast_new(int, 1);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    bide_auto(watch) w = bide_watch_new(int, &value);
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_select(BIDE_ON_GET(q, &byte, &rc)), BIDE_EINVAL);
    CHECK_EQ(bide_select(BIDE_AFTER(1), BIDE_ON_SUBSCRIBER(s, &byte, &rc)), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "select: case 1: subscriber");
    CHECK_EQ(bide_select(BIDE_ON_WATCH(w, &narrow, &rc)), BIDE_EINVAL);
    CHECK_EQ(bide_select(BIDE_ON_PROMISE(p, &byte, &rc)), BIDE_EINVAL);
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_select(BIDE_ON_PROMISE((bide_promise *)NULL, &value, &rc)), BIDE_ENOMEM);
}
