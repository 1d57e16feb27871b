/* tests/sync/test_queue_items.c -- the orders of a queue, its room, and closing it at once. */
#include "test.h"

#include <bide/group.h>
#include <bide/memory.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <stdlib.h>
#include <string.h>

struct job { int priority, number; char text[24]; };

static bide_queue *queue;
static int dropped;
static char order[64];

static bool is_more_urgent(const void *a, const void *b)
{
    return ((const struct job *)a)->priority < ((const struct job *)b)->priority;
}

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void count_drop(void *item)
{
    (void)item;
    dropped++;
}

static int puts_one(void *item)
{
    return bide_queue_put(queue, (int *)item);
}

static int gets_one(void *item)
{
    return bide_queue_get(queue, (int *)item);
}

TASK_TEST(the_last_item_in_comes_out_first)
{
    static const size_t capacities[] = { 100, BIDE_UNLIMITED };
    for (int n = 0; n < 2; n++) {
        bide_auto(queue) q = bide_queue_new(int, capacities[n], .order = BIDE_LIFO);
        int item;
        for (int i = 0; i < 100; i++)
            CHECK_EQ(bide_queue_put(q, &i), 0);
        for (int i = 99; i >= 50; i--) {
            CHECK_EQ(bide_queue_get(q, &item), 1);
            CHECK_EQ(item, i);
        }
        CHECK_EQ(bide_queue_put(q, &n), 0);
        CHECK_EQ(bide_queue_get(q, &item), 1);
        CHECK_EQ(item, n);
        CHECK_EQ(bide_queue_get(q, &item), 1);
        CHECK_EQ(item, 49);
    }
}

TASK_TEST(the_most_urgent_item_comes_out_first)
{
    bide_auto(queue) q = bide_queue_new(int, BIDE_UNLIMITED, .order = BIDE_PRIORITY,
                                        .before = is_less);
    unsigned random = 1;
    int item, last = -1;
    for (int i = 0; i < 1000; i++) {
        random = random * 1103515245 + 12345;
        item = (int)(random >> 16 & 1023);
        CHECK_EQ(bide_queue_put(q, &item), 0);
    }
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(bide_queue_get(q, &item), 1);
        CHECK(item >= last);
        last = item;
    }
    CHECK_EQ(bide_queue_size(q), 0);
}

/* In and out by turns, against a count of how many there are of each. */
TASK_TEST(puts_and_gets_by_turns_keep_the_order)
{
    enum { KINDS = 20, STEPS = 5000 };
    bide_auto(queue) q = bide_queue_new(int, 64, .order = BIDE_PRIORITY, .before = is_less);
    int there[KINDS] = { 0 }, item;
    unsigned random = 7;
    for (int step = 0; step < STEPS; step++) {
        random = random * 1103515245 + 12345;
        if (random >> 16 & 1 && bide_queue_size(q) < 64) {
            item = (int)(random >> 20) % KINDS;
            there[item]++;
            CHECK_EQ(bide_queue_put(q, &item), 0);
        } else if (bide_queue_size(q)) {
            int least = 0;
            while (!there[least])
                least++;
            CHECK_EQ(bide_queue_get(q, &item), 1);
            CHECK_EQ(item, least);
            there[least]--;
        }
    }
}

TASK_TEST(equally_urgent_items_come_out_in_the_order_they_went_in)
{
    static const size_t capacities[] = { 300, BIDE_UNLIMITED };
    for (int n = 0; n < 2; n++) {
        bide_auto(queue) q = bide_queue_new(struct job, capacities[n], .order = BIDE_PRIORITY,
                                            .before = is_more_urgent);
        struct job job = { 0, 0, "" };
        int next[3] = { 0 };
        for (int i = 0; i < 300; i++) {
            job = (struct job){ .priority = i % 3, .number = i / 3, .text = "kept whole" };
            CHECK_EQ(bide_queue_put(q, &job), 0);
        }
        for (int i = 0; i < 300; i++) {
            CHECK_EQ(bide_queue_get(q, &job), 1);
            CHECK_EQ(job.priority, i / 100);
            CHECK_EQ(job.number, next[job.priority]++);
            CHECK_STR(job.text, "kept whole");
        }
    }
}

TASK_TEST(a_waiting_getter_has_the_next_item_whatever_the_order)
{
    int got = 0, item = 9;
    bide_auto(queue) made = queue = bide_queue_new(int, 3, .order = BIDE_PRIORITY,
                                                   .before = is_less);
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(got, 9);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_waiting_putters_item_takes_its_place_in_the_order)
{
    int items[] = { 5, 6, 1 }, item;
    bide_auto(queue) made = queue = bide_queue_new(int, 2, .order = BIDE_PRIORITY,
                                                   .before = is_less);
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_put(queue, &items[0]), 0);
    CHECK_EQ(bide_queue_put(queue, &items[1]), 0);
    bide_spawn(g, puts_one, &items[2]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(item, 5);                          /* 1 was not in yet */
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(item, 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Misuse. */

TEST(an_order_and_what_it_needs_must_fit)
{
    CHECK_PTR(bide_queue_new(int, 1, .order = BIDE_PRIORITY), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), ".before");
    CHECK_PTR(bide_queue_new(int, 1, .before = is_less), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_queue_new(int, 1, .order = (enum bide_order)3), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "order 3");
    CHECK_PTR(bide_queue_new(char, SIZE_MAX / 4, .order = BIDE_PRIORITY, .before = is_less), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
}

TEST(the_capacity_can_be_asked_for)
{
    bide_auto(queue) one = bide_queue_new(int, 0);
    bide_auto(queue) ten = bide_queue_new(int, 10);
    bide_auto(queue) any = bide_queue_new(int, BIDE_UNLIMITED, .order = BIDE_LIFO);
    CHECK_EQ(bide_queue_capacity(one), 1);
    CHECK_EQ(bide_queue_capacity(ten), 10);
    CHECK(bide_queue_capacity(any) == BIDE_UNLIMITED);
    CHECK_EQ(bide_queue_capacity(NULL), 0);
}

/* Memory. */

static int left;

static void *alloc_some(size_t size)
{
    return left-- > 0 ? malloc(size) : NULL;
}

static void *resize_some(void *memory, size_t size)
{
    return left-- > 0 ? realloc(memory, size) : NULL;
}

static const struct bide_allocator some = { alloc_some, resize_some, free };

TEST(without_memory_no_queue_is_made)
{
    CHECK_EQ(bide_allocator_set(&some), 0);
    for (int n = 0; n < 3; n++) {
        left = n;
        CHECK_PTR(bide_queue_new(int, 4, .order = BIDE_PRIORITY, .before = is_less), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
        left = n;
        bide_auto(queue) q = bide_queue_new(int, 4, .threads = true);
        CHECK(n == 2 ? q != NULL : q == NULL);
    }
}

static int grows(void *order_is)
{
    enum bide_order kind = *(enum bide_order *)order_is;
    bide_auto(queue) q = bide_queue_new(int, BIDE_UNLIMITED, .order = kind,
                                        .before = kind == BIDE_PRIORITY ? is_less : NULL);
    int item, count = 0, rc;
    left = kind == BIDE_PRIORITY ? 1 : 0;       /* the second of two fails */
    for (item = 0; (rc = bide_queue_put_nowait(q, &item)) == 0; item++)
        count++;
    CHECK_EQ(rc, BIDE_ENOMEM);
    CHECK_EQ(bide_queue_size(q), count);
    left = 100;
    CHECK_EQ(bide_queue_put_nowait(q, &item), 0);
    for (int i = 0; i <= count; i++) {
        CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
        CHECK_EQ(item, kind == BIDE_LIFO ? count - i : i);
    }
    return 0;
}

TEST(a_queue_that_cannot_grow_keeps_what_it_has)
{
    CHECK_EQ(bide_allocator_set(&some), 0);
    for (enum bide_order kind = BIDE_FIFO; kind <= BIDE_PRIORITY; kind++) {
        left = 1000;
        CHECK_EQ(bide_run(grows, &kind), 0);
    }
}

/* Closing at once. */

static int notes_get(void *unused)
{
    int item, rc = bide_queue_get(queue, &item);
    (void)unused;
    strcat(order, rc == 0 ? "end " : "? ");
    return 0;
}

static int notes_put(void *unused)
{
    int item = 9, rc = bide_queue_put(queue, &item);
    (void)unused;
    strcat(order, rc == BIDE_ECLOSED ? "refused " : "? ");
    return 0;
}

static int notes_join(void *unused)
{
    int rc = bide_queue_join(queue);
    (void)unused;
    strcat(order, rc == 0 ? "joined " : "? ");
    return 0;
}

TASK_TEST(closed_at_once_it_drops_what_is_left)
{
    for (enum bide_order kind = BIDE_FIFO; kind <= BIDE_PRIORITY; kind++) {
        bide_auto(queue) q = bide_queue_new(int, 10, .drop = count_drop, .order = kind,
                                            .before = kind == BIDE_PRIORITY ? is_less : NULL);
        dropped = 0;
        for (int i = 0; i < 5; i++)
            CHECK_EQ(bide_queue_put(q, &i), 0);
        int item = -1;
        bide_queue_close_now(q);
        CHECK_EQ(dropped, 5);
        CHECK_EQ(bide_queue_size(q), 0);
        CHECK_EQ(bide_queue_get(q, &item), 0);
        CHECK_EQ(item, -1);
        CHECK_EQ(bide_queue_put(q, &item), BIDE_ECLOSED);
        CHECK_EQ(bide_queue_join(q), 0);
        CHECK_EQ(bide_queue_done(q), BIDE_EINVAL);
        bide_queue_close_now(q);
        CHECK_EQ(dropped, 5);
    }
    bide_queue_close_now(NULL);
}

TASK_TEST(closed_at_once_it_lets_all_who_wait_go)
{
    int item = 1;
    BIDE_GROUP(g);
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_spawn(g, notes_get, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_close_now(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_auto(queue) other = queue = bide_queue_new(int, 1);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_spawn(g, notes_put, NULL);
    bide_spawn(g, notes_join, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_close_now(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "end refused joined ");
}

/* What was got before is somebody's to do. */
TASK_TEST(joining_a_queue_closed_at_once_waits_for_what_was_got)
{
    int items[] = { 1, 2, 3 }, item;
    BIDE_GROUP(g);
    bide_auto(queue) made = queue = bide_queue_new(int, 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_queue_put(queue, &items[i]), 0);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    bide_spawn(g, notes_join, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_close_now(queue);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    CHECK_EQ(bide_queue_done(queue), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "joined ");
}

TASK_TEST(closed_at_first_it_can_still_be_closed_at_once)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 3, .drop = count_drop);
    CHECK_EQ(bide_queue_put(q, &item), 0);
    bide_queue_close(q);
    CHECK_EQ(dropped, 0);
    bide_queue_close_now(q);
    CHECK_EQ(dropped, 1);
    CHECK_EQ(bide_queue_get(q, &item), 0);
}

/* ---- growing ---- */

/* All but one have wrapped round when it grows; then as many go as come, or more, or fewer. */
static void grow_wrapped(int room, int gets_each, int puts_each)
{
    bide_auto(queue) q = bide_queue_new(int, BIDE_UNLIMITED);
    int item, put = 0, got = 0;
    for (; put < room; put++)
        CHECK_EQ(bide_queue_put_nowait(q, &put), 0);
    for (; got < room - 1; got++, put++) {
        CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
        CHECK_EQ(item, got);
        CHECK_EQ(bide_queue_put_nowait(q, &put), 0);
    }
    for (int i = 0; i < 2 * room && bide_queue_size(q); i++) {
        for (int n = 0; n < puts_each; n++, put++)
            CHECK_EQ(bide_queue_put_nowait(q, &put), 0);
        for (int n = 0; n < gets_each && bide_queue_size(q); n++, got++) {
            CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
            CHECK_EQ(item, got);
        }
    }
    for (; bide_queue_size(q); got++) {
        CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
        CHECK_EQ(item, got);
    }
    CHECK_EQ(got, put);
}

TEST(the_order_is_kept_while_a_large_ring_that_has_grown_moves)
{
    for (int room = 16; room <= 131072; room *= 8) {
        grow_wrapped(room, 1, 1);
        grow_wrapped(room, 1, 2);
        grow_wrapped(room, 2, 1);
        grow_wrapped(room, 0, 1);
    }
}
