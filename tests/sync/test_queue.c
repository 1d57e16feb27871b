/* tests/sync/test_queue.c -- a bounded queue: order, room, handing over, closing, joining. */
#include "test.h"

#include <bide/group.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <stdlib.h>
#include <string.h>

static bide_queue *queue;
static char order[256];
static int dropped[100];

struct pair { int number; char text[20]; };

static void count_drop(void *item)
{
    dropped[*(int *)item]++;
}

static int puts_range(void *range)
{
    const int *r = range;
    for (int i = r[0]; i < r[1]; i++) {
        int rc = bide_queue_put(queue, &i);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int gets_one(void *item)
{
    return bide_queue_get(queue, (int *)item);
}

static int puts_one(void *item)
{
    return bide_queue_put(queue, (int *)item);
}

TASK_TEST(items_come_out_in_the_order_they_went_in)
{
    static int range[] = { 0, 1000 };
    static const size_t capacities[] = { 1, 2, 7, BIDE_UNLIMITED };
    for (int n = 0; n < 4; n++) {
        bide_auto(queue) made = queue = bide_queue_new(int, capacities[n]);
        BIDE_GROUP(g);
        bide_spawn(g, puts_range, range);
        for (int i = 0, item; i < 1000; i++) {
            CHECK_EQ(bide_queue_get(queue, &item), 1);
            CHECK_EQ(item, i);
        }
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(bide_queue_size(queue), 0);
    }
}

TASK_TEST(items_of_any_size_are_copied)
{
    bide_auto(queue) q = bide_queue_new(struct pair, 3);
    bide_auto(queue) bytes = bide_queue_new(char, 3);
    for (int i = 0; i < 20; i++) {
        struct pair in = { i, "text" }, out;
        CHECK_EQ(bide_queue_put(q, &in), 0);
        in = (struct pair){ -1, "gone" };
        CHECK_EQ(bide_queue_get(q, &out), 1);
        CHECK_EQ(out.number, i);
        CHECK_STR(out.text, "text");
        char byte = (char)i;
        CHECK_EQ(bide_queue_put(bytes, &byte), 0);
        byte = 0;
        CHECK_EQ(bide_queue_get(bytes, &byte), 1);
        CHECK_EQ(byte, i);
    }
}

TASK_TEST(a_full_queue_makes_putters_wait_in_line)
{
    int items[] = { 0, 1, 2, 3 };
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_task *putters[3];
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_put(queue, &items[0]), 0);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, puts_one, &items[i + 1], .handle = &putters[i]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_size(queue), 1);
    for (int i = 0, item; i < 4; i++) {
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        CHECK_EQ(item, i);
        CHECK_EQ(bide_queue_size(queue), i < 3);        /* the next one is in already */
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(an_empty_queue_makes_getters_wait_in_line)
{
    int items[] = { 10, 20, 30 }, got[3] = { 0 };
    bide_auto(queue) made = queue = bide_queue_new(int, 5);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, gets_one, &got[i]);
    CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_queue_put(queue, &items[i]), 0);
        CHECK_EQ(got[i], items[i]);                     /* handed over directly */
        CHECK_EQ(bide_queue_size(queue), 0);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(the_instant_forms_never_wait)
{
    int one = 1, item = 0;
    bide_auto(queue) q = bide_queue_new(int, 1);
    CHECK_EQ(bide_queue_get_nowait(q, &item), BIDE_EAGAIN);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    CHECK_EQ(bide_queue_put_nowait(q, &one), 0);
    CHECK_EQ(bide_queue_put_nowait(q, &one), BIDE_EAGAIN);
    CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
    CHECK_EQ(item, 1);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);                               /* they do not care */
    CHECK_EQ(bide_queue_put_nowait(q, &one), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_put_or_got)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 2);
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
    bide_auto(queue) made = queue = bide_queue_new(int, 2);
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &first, .handle = &task);
    bide_spawn(g, gets_one, &second);
    CHECK_EQ(bide_sleep(0.001), 0);
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
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_task *task;
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_put(queue, &items[0]), 0);
    bide_spawn(g, puts_one, &items[1], .handle = &task);
    bide_spawn(g, puts_one, &items[2]);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(task);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(item, 3);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
}

TASK_TEST(handed_over_and_then_cancelled_the_item_is_got)
{
    int got = 0, item = 5;
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 1);
    CHECK_EQ(got, 5);
}

/* Closing and freeing. */

TASK_TEST(a_closed_queue_is_drained_and_takes_nothing)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 3);
    CHECK_EQ(bide_queue_put(q, &item), 0);
    CHECK_EQ(bide_queue_put(q, &item), 0);
    bide_queue_close(q);
    bide_queue_close(q);
    CHECK_EQ(bide_queue_put(q, &item), BIDE_ECLOSED);
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
    CHECK_EQ(bide_queue_put_nowait(q, &item), BIDE_ECLOSED);
    CHECK_EQ(bide_queue_get(q, &item), 1);
    CHECK_EQ(bide_queue_get_nowait(q, &item), 1);
    CHECK_EQ(bide_queue_get(q, &item), 0);
    CHECK_EQ(bide_queue_get_nowait(q, &item), 0);
}

static int notes_get(void *unused)
{
    int item, rc = bide_queue_get(queue, &item);
    (void)unused;
    strcat(order, rc == 0 ? "end " : rc == BIDE_ECLOSED ? "closed " : "? ");
    return 0;
}

static int notes_put(void *unused)
{
    int item = 9, rc = bide_queue_put(queue, &item);
    (void)unused;
    strcat(order, rc == BIDE_ECLOSED ? "refused " : "? ");
    if (rc < 0)
        CHECK_EQ(bide_errcode(), rc);
    return 0;
}

static int notes_join(void *unused)
{
    (void)unused;
    strcat(order, bide_queue_join(queue) == BIDE_ECLOSED ? "unjoined " : "? ");
    return 0;
}

TASK_TEST(closing_lets_all_who_wait_go)
{
    int item = 1;
    BIDE_GROUP(g);
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_spawn(g, notes_get, NULL);
    bide_spawn(g, notes_get, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_close(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "end end ");
    bide_auto(queue) other = queue = bide_queue_new(int, 1);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_spawn(g, notes_put, NULL);
    bide_spawn(g, notes_put, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_close(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "end end refused refused ");
    CHECK_EQ(bide_queue_size(queue), 1);
}

TASK_TEST(freeing_ends_every_wait)
{
    int item = 1;
    BIDE_GROUP(g);
    queue = bide_queue_new(int, 1, .drop = count_drop);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_spawn(g, notes_put, NULL);
    bide_spawn(g, notes_join, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_free(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(strstr(order, "refused ") && strstr(order, "unjoined "));
    queue = bide_queue_new(int, 1);
    bide_spawn(g, notes_get, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_queue_free(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_HAS(order, "closed ");
    bide_queue_free(NULL);
}

struct busy { bide_queue *q; int got, rc; };

static int gets_for_ever(void *arg)
{
    struct busy *busy = arg;
    int item;
    while ((busy->rc = bide_queue_get(busy->q, &item)) > 0)
        busy->got++;
    return 0;
}

/* A call that could succeed at once yields now and then all the same. */
TASK_TEST(freeing_ends_who_yields_on_the_way_in)
{
    struct busy busy[3];
    bide_queue *q = bide_queue_new(int, 1000);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_queue_put_nowait(q, &i), 0);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++) {
        busy[i] = (struct busy){ .q = q };
        bide_spawn(g, gets_for_ever, &busy[i]);
    }
    CHECK_EQ(bide_yield(), 0);
    bide_queue_free(q);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(busy[i].rc, BIDE_ECLOSED);
        CHECK(busy[i].got > 0 && busy[i].got < 1000);
    }
}

TASK_TEST(what_is_left_is_dropped_once)
{
    bide_queue *q = bide_queue_new(int, 10, .drop = count_drop);
    int item;
    for (int i = 0; i < 8; i++)
        CHECK_EQ(bide_queue_put(q, &i), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_queue_get(q, &item), 1);
    for (int i = 8; i < 12; i++)
        CHECK_EQ(bide_queue_put(q, &i), 0);     /* goes round the ring */
    bide_queue_free(q);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(dropped[i], i >= 3);
}

TASK_TEST(pointees_can_be_dropped)
{
    bide_auto(queue) q = bide_queue_new(char *, 10, .drop_pointee = free);
    for (int i = 0; i < 5; i++) {
        char *text = strdup("owned by the queue");
        CHECK_EQ(bide_queue_put(q, &text), 0);
    }
    char *text;
    CHECK_EQ(bide_queue_get(q, &text), 1);
    CHECK_STR(text, "owned by the queue");
    free(text);
}

/* Joining. */

static int joins(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_queue_join(queue), 0);
    strcat(order, "joined ");
    return 0;
}

TASK_TEST(joining_waits_until_all_is_done)
{
    int item = 1;
    bide_auto(queue) made = queue = bide_queue_new(int, 5);
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_join(queue), 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_spawn(g, joins, NULL);
    bide_spawn(g, joins, NULL);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_done(queue), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    CHECK_EQ(bide_queue_done(queue), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "joined joined ");
}

TASK_TEST(more_done_than_got_is_refused)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 5);
    CHECK_EQ(bide_queue_done(q), BIDE_EINVAL);
    CHECK_EQ(bide_queue_put(q, &item), 0);
    CHECK_EQ(bide_queue_done(q), BIDE_EINVAL);
    CHECK_EQ(bide_queue_get(q, &item), 1);
    CHECK_EQ(bide_queue_done(q), 0);
    CHECK_EQ(bide_queue_done(q), BIDE_EINVAL);
}

TASK_TEST(what_is_handed_over_has_to_be_done_as_well)
{
    int got = 0, item = 5;
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &got);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    bide_spawn(g, joins, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    CHECK_EQ(bide_queue_done(queue), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Misuse. */

TASK_TEST(a_pointer_to_another_size_is_refused)
{
    bide_auto(queue) q = bide_queue_new(struct pair, 3);
    int item = 0;
    CHECK_EQ(bide_queue_put(q, &item), BIDE_EINVAL);
    CHECK_EQ(bide_queue_get(q, &item), BIDE_EINVAL);
    CHECK_EQ(bide_queue_put_nowait(q, &item), BIDE_EINVAL);
    CHECK_EQ(bide_queue_get_nowait(q, &item), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "4 bytes");
}

TEST(impossible_queues_are_refused)
{
    struct bide_queue_opts opts = { .abi_ = sizeof opts };
    CHECK_PTR(bide_queue_new_opts(&opts), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    opts.item_size = 65537;
    CHECK_PTR(bide_queue_new_opts(&opts), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_queue_new(int, 5, .drop_pointee = free), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_queue_new(char *, 5, .drop_pointee = free, .drop = count_drop), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_queue_new(struct pair, SIZE_MAX / 4), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
}

TASK_TEST(a_missing_queue_gives_the_held_error)
{
    int item = 0;
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_queue_put(NULL, &item), BIDE_ENOMEM);
    CHECK_EQ(bide_queue_get(NULL, &item), BIDE_ENOMEM);
    CHECK_EQ(bide_queue_join(NULL), BIDE_ENOMEM);
    CHECK_EQ(bide_queue_done(NULL), BIDE_ENOMEM);
    CHECK_EQ(bide_queue_size(NULL), 0);
    bide_queue_close(NULL);
}

static int bursts(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3000; i++) {
        int rc = bide_queue_put(queue, &i);
        if (rc < 0)
            return rc;
    }
    bide_queue_close(queue);
    return 0;
}

TASK_TEST(a_queue_without_limit_grows)
{
    bide_auto(queue) made = queue = bide_queue_new(int, BIDE_UNLIMITED);
    int item, next = 0;
    BIDE_GROUP(g);
    bide_spawn(g, bursts, NULL);
    while (bide_queue_get(queue, &item) == 1)
        CHECK_EQ(item, next++);
    CHECK_EQ(next, 3000);
    CHECK_EQ(bide_group_wait(g), 0);
}
