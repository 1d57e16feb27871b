/* tests/sync/test_broadcast.c -- everything to everybody, in order, and what becomes of the
 * slow. */
#include "test.h"

#include <bide/channel.h>
#include <bide/group.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <stdlib.h>
#include <string.h>

static bide_broadcast *broadcast;

struct listener { bide_subscriber *s; int count, last, sum, rc; };

static int listens(void *arg)
{
    struct listener *l = arg;
    int item;
    while ((l->rc = bide_subscriber_get(l->s, &item)) == 1) {
        l->count++;
        l->last = item;
        l->sum += item;
    }
    return l->rc;
}

static int gets_one(void *arg)
{
    struct listener *l = arg;
    return l->rc = bide_subscriber_get(l->s, &l->last);
}

static int sends_one(void *item)
{
    return bide_broadcast_send(broadcast, (int *)item);
}

TASK_TEST(every_subscriber_gets_every_item_in_order)
{
    struct listener listeners[20] = { 0 };
    bide_auto(broadcast) b = bide_broadcast_new(int, 4, .slow = BIDE_SLOW_WAIT);
    BIDE_GROUP(g);
    for (int i = 0; i < 20; i++) {
        listeners[i].s = bide_broadcast_subscribe(b);
        bide_spawn(g, listens, &listeners[i]);
    }
    CHECK_EQ(bide_broadcast_count(b), 20);
    for (int i = 1; i <= 1000; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    bide_broadcast_close(b);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(listeners[i].count, 1000);
        CHECK_EQ(listeners[i].last, 1000);
        CHECK_EQ(listeners[i].sum, 500500);
        CHECK_EQ(bide_subscriber_missed(listeners[i].s), 0);
        bide_subscriber_close(listeners[i].s);
    }
}

TASK_TEST(who_subscribes_hears_what_is_sent_from_then_on)
{
    int item = 1;
    bide_auto(broadcast) b = bide_broadcast_new(int, 4);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);         /* to nobody */
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    CHECK_EQ(bide_subscriber_get_nowait(s, &item), BIDE_EAGAIN);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    item = 2;
    CHECK_EQ(bide_broadcast_send_nowait(b, &item), 0);
    item = 0;
    CHECK_EQ(bide_subscriber_get_nowait(s, &item), 1);
    CHECK_EQ(item, 2);
}

TASK_TEST(an_item_goes_straight_to_all_who_wait)
{
    struct listener listeners[3] = { 0 };
    int item = 7;
    bide_auto(broadcast) b = bide_broadcast_new(int, 1);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++) {
        listeners[i].s = bide_broadcast_subscribe(b);
        bide_spawn(g, gets_one, &listeners[i]);
    }
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(listeners[i].last, 7);
    item = 8;
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(listeners[i].last, 7);
        CHECK_EQ(bide_subscriber_get(listeners[i].s, &item), 1);
        CHECK_EQ(item, 8);
        bide_subscriber_close(listeners[i].s);
    }
}

TASK_TEST(tasks_that_share_a_subscriber_share_its_items)
{
    struct listener pair[2] = { 0 };
    bide_auto(broadcast) b = bide_broadcast_new(int, 4);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    for (int i = 0; i < 2; i++) {
        pair[i].s = s;
        bide_spawn(g, gets_one, &pair[i]);
    }
    CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 1; i <= 2; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(pair[0].last, 1);                  /* first come, first served */
    CHECK_EQ(pair[1].last, 2);
}

/* The slow. */

TASK_TEST(the_slow_miss_the_oldest_and_are_told_once)
{
    bide_auto(broadcast) b = bide_broadcast_new(int, 4);
    bide_auto(subscriber) slow = bide_broadcast_subscribe(b);
    bide_auto(subscriber) quick = bide_broadcast_subscribe(b);
    int item;
    for (int i = 1; i <= 7; i++) {
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
        CHECK_EQ(bide_subscriber_get(quick, &item), 1);
        CHECK_EQ(item, i);
    }
    CHECK_EQ(bide_subscriber_missed(slow), 3);
    CHECK_EQ(bide_subscriber_get(slow, &item), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "missed 3 items");
    for (int i = 4; i <= 7; i++) {
        CHECK_EQ(bide_subscriber_get(slow, &item), 1);
        CHECK_EQ(item, i);
    }
    CHECK_EQ(bide_subscriber_get_nowait(slow, &item), BIDE_EAGAIN);
    for (int i = 8; i <= 12; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    CHECK_EQ(bide_subscriber_get_nowait(slow, &item), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "missed 1 item");
    CHECK_EQ(bide_subscriber_missed(slow), 4);
}

TASK_TEST(a_subscriber_just_as_far_behind_as_the_ring_is_long_misses_nothing)
{
    bide_auto(broadcast) b = bide_broadcast_new(int, 4);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    int item;
    for (int i = 1; i <= 4; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    CHECK_EQ(bide_subscriber_missed(s), 0);
    CHECK_EQ(bide_subscriber_get(s, &item), 1);
    CHECK_EQ(item, 1);
}

TASK_TEST(senders_wait_for_the_slowest_in_line)
{
    int items[] = { 1, 2, 3, 4 }, item;
    bide_auto(broadcast) b = broadcast = bide_broadcast_new(int, 2, .slow = BIDE_SLOW_WAIT);
    bide_auto(subscriber) slow = bide_broadcast_subscribe(b);
    bide_auto(subscriber) quick = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    CHECK_EQ(bide_broadcast_send(b, &items[0]), 0);
    CHECK_EQ(bide_broadcast_send(b, &items[1]), 0);
    CHECK_EQ(bide_broadcast_send_nowait(b, &items[2]), BIDE_EAGAIN);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    bide_spawn(g, sends_one, &items[2]);
    bide_spawn(g, sends_one, &items[3]);
    CHECK_EQ(bide_subscriber_get(quick, &item), 1);
    CHECK_EQ(bide_subscriber_get(quick, &item), 1);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_subscriber_get_nowait(quick, &item), BIDE_EAGAIN);
    for (int i = 1; i <= 4; i++) {
        CHECK_EQ(bide_subscriber_get(slow, &item), 1);
        CHECK_EQ(item, i);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_subscriber_get(quick, &item), 1);
    CHECK_EQ(item, 3);
}

TASK_TEST(who_listens_no_more_holds_no_sender_up)
{
    int items[] = { 1, 2 }, item;
    bide_auto(broadcast) b = broadcast = bide_broadcast_new(int, 1, .slow = BIDE_SLOW_WAIT);
    bide_subscriber *slow = bide_broadcast_subscribe(b);
    bide_auto(subscriber) other = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    CHECK_EQ(bide_broadcast_send(b, &items[0]), 0);
    CHECK_EQ(bide_subscriber_get(other, &item), 1);
    bide_spawn(g, sends_one, &items[1]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_subscriber_get_nowait(other, &item), BIDE_EAGAIN);
    bide_subscriber_close(slow);
    CHECK_EQ(bide_subscriber_get_nowait(other, &item), 1);
    CHECK_EQ(item, 2);
    CHECK_EQ(bide_broadcast_count(b), 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_sent_or_got)
{
    int item = 1;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    {
        BIDE_SCOPE(scope);
        bide_scope_cancel(scope);
        CHECK_EQ(bide_broadcast_send(b, &item), BIDE_ECANCELED);
        CHECK_EQ(bide_subscriber_get(s, &item), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_subscriber_get_nowait(s, &item), BIDE_EAGAIN);
}

TASK_TEST(a_cancelled_getter_takes_nothing_with_it)
{
    struct listener first = { 0 }, second = { 0 };
    int item = 5;
    bide_task *task;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    first.s = second.s = s;
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &first, .handle = &task);
    bide_spawn(g, gets_one, &second);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(task);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, BIDE_ECANCELED);
    CHECK_EQ(second.last, 5);
}

TASK_TEST(a_cancelled_sender_leaves_nothing_behind)
{
    int items[] = { 1, 2, 3 }, item;
    bide_task *task;
    bide_auto(broadcast) b = broadcast = bide_broadcast_new(int, 1, .slow = BIDE_SLOW_WAIT);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    CHECK_EQ(bide_broadcast_send(b, &items[0]), 0);
    bide_spawn(g, sends_one, &items[1], .handle = &task);
    bide_spawn(g, sends_one, &items[2]);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(task);
    CHECK_EQ(bide_subscriber_get(s, &item), 1);
    CHECK_EQ(bide_subscriber_get(s, &item), 1);
    CHECK_EQ(item, 3);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
}

TASK_TEST(handed_over_and_then_cancelled_the_item_is_got)
{
    struct listener l = { 0 };
    int item = 5;
    bide_task *task;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) s = l.s = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    bide_spawn(g, gets_one, &l, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(l.rc, 1);
    CHECK_EQ(l.last, 5);
    CHECK_EQ(bide_subscriber_get_nowait(s, &item), BIDE_EAGAIN);
}

/* Closing and freeing. */

TASK_TEST(closed_it_tells_what_is_left_and_then_the_end)
{
    struct listener waiting = { 0 };
    int item = 1;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) behind = bide_broadcast_subscribe(b);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    bide_auto(subscriber) s = waiting.s = bide_broadcast_subscribe(b);
    BIDE_GROUP(g);
    bide_spawn(g, listens, &waiting);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_broadcast_close(b);
    bide_broadcast_close(b);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(waiting.rc, 0);
    CHECK_EQ(bide_broadcast_send(b, &item), BIDE_ECLOSED);
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
    CHECK_PTR(bide_broadcast_subscribe(b), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
    CHECK_EQ(bide_subscriber_get(behind, &item), 1);
    CHECK_EQ(bide_subscriber_get(behind, &item), 0);
}

TASK_TEST(closing_refuses_the_senders_who_wait)
{
    int item = 1;
    bide_task *task;
    bide_auto(broadcast) b = broadcast = bide_broadcast_new(int, 1, .slow = BIDE_SLOW_WAIT);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    BIDE_KEEP_GOING(g);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    bide_spawn(g, sends_one, &item, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_broadcast_close(b);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(task)->text, "the broadcast is closed");
}

TASK_TEST(freed_it_still_tells_its_subscribers_what_was_sent)
{
    int item = 1;
    bide_broadcast *b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) one = bide_broadcast_subscribe(b);
    bide_auto(subscriber) two = bide_broadcast_subscribe(b);
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    bide_broadcast_free(b);
    CHECK_EQ(bide_subscriber_get(one, &item), 1);
    CHECK_EQ(bide_subscriber_get(one, &item), 0);
    CHECK_EQ(bide_subscriber_get(two, &item), 1);
    bide_broadcast_free(NULL);
}

TASK_TEST(freed_with_senders_waiting_they_fail)
{
    int item = 1;
    bide_task *task;
    broadcast = bide_broadcast_new(int, 1, .slow = BIDE_SLOW_WAIT);
    bide_subscriber *s = bide_broadcast_subscribe(broadcast);
    BIDE_KEEP_GOING(g);
    CHECK_EQ(bide_broadcast_send(broadcast, &item), 0);
    bide_spawn(g, sends_one, &item, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_broadcast_free(broadcast);
    bide_subscriber_close(s);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
}

TASK_TEST(a_subscriber_closed_while_waited_on_ends_the_wait)
{
    struct listener l = { 0 };
    bide_task *task;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    l.s = bide_broadcast_subscribe(b);
    BIDE_KEEP_GOING(g);
    bide_spawn(g, gets_one, &l, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_subscriber_close(l.s);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(task)->text, "the subscriber is closed");
    int item = 1;
    CHECK_EQ(bide_broadcast_send(b, &item), 0);
    bide_subscriber_close(NULL);
}

TASK_TEST(closing_ends_who_yields_on_the_way_in)
{
    struct listener l = { 0 };
    bide_broadcast *b = bide_broadcast_new(int, 1000);
    l.s = bide_broadcast_subscribe(b);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_broadcast_send_nowait(b, &i), 0);
    BIDE_KEEP_GOING(g);
    bide_spawn(g, listens, &l);
    CHECK_EQ(bide_yield(), 0);
    bide_subscriber_close(l.s);
    bide_broadcast_free(b);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK(l.count > 0 && l.count < 1000);
}

static int sends_for_ever(void *count)
{
    int rc;
    while ((rc = bide_broadcast_send(broadcast, (int *)count)) == 0)
        ++*(int *)count;
    return rc == BIDE_ECLOSED ? 0 : rc;
}

TASK_TEST(freeing_ends_who_yields_on_the_way_to_send)
{
    int count = 0;
    broadcast = bide_broadcast_new(int, 2);
    BIDE_GROUP(g);
    bide_spawn(g, sends_for_ever, &count);
    CHECK_EQ(bide_yield(), 0);
    bide_broadcast_free(broadcast);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(count > 0);
}

/* Misuse. */

TASK_TEST(items_of_another_size_are_refused)
{
    char byte = 1;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    bide_auto(subscriber) s = bide_broadcast_subscribe(b);
    CHECK_EQ(bide_broadcast_send(b, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_broadcast_send_nowait(b, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_subscriber_get(s, &byte), BIDE_EINVAL);
    CHECK_EQ(bide_subscriber_get_nowait(s, &byte), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "1 bytes; the items have 4");
}

TASK_TEST(impossible_broadcasts_are_refused)
{
    struct bide_broadcast_opts opts = { .abi_ = sizeof opts };
    CHECK_PTR(bide_broadcast_new_opts(&opts), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_broadcast_new(int, 1, .slow = (enum bide_slow)2), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_broadcast_new(int, SIZE_MAX / 4), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
}

TASK_TEST(a_missing_broadcast_gives_the_held_error)
{
    int item = 0;
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_broadcast_send(NULL, &item), BIDE_ENOMEM);
    CHECK_EQ(bide_broadcast_send_nowait(NULL, &item), BIDE_ENOMEM);
    CHECK_PTR(bide_broadcast_subscribe(NULL), NULL);
    CHECK_EQ(bide_subscriber_get(NULL, &item), BIDE_ENOMEM);
    CHECK_EQ(bide_subscriber_get_nowait(NULL, &item), BIDE_ENOMEM);
    CHECK_EQ(bide_subscriber_missed(NULL), 0);
    CHECK_EQ(bide_broadcast_count(NULL), 0);
    bide_broadcast_close(NULL);
}

static int left;

static void *alloc_some(size_t size)
{
    return left-- > 0 ? malloc(size) : NULL;
}

TEST(without_memory_there_is_no_broadcast_and_no_subscriber)
{
    static const struct bide_allocator some = { alloc_some, realloc, free };
    CHECK_EQ(bide_allocator_set(&some), 0);
    for (int n = 0; n < 3; n++) {
        left = n;
        CHECK_PTR(bide_broadcast_new(int, 2, .slow = BIDE_SLOW_WAIT), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    }
    left = 2;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2);
    CHECK(b);
    CHECK_PTR(bide_broadcast_subscribe(b), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    CHECK_EQ(bide_broadcast_count(b), 0);
}

static int sends_to_many(void *unused)
{
    struct listener listeners[10] = { 0 };
    (void)unused;
    bide_auto(broadcast) b = bide_broadcast_new(int, 3, .slow = BIDE_SLOW_WAIT);
    BIDE_GROUP(g);
    for (int i = 0; i < 10; i++) {
        listeners[i].s = bide_broadcast_subscribe(b);
        bide_spawn(g, listens, &listeners[i]);
    }
    for (int i = 1; i <= 50; i++)
        CHECK_EQ(bide_broadcast_send(b, &i), 0);
    bide_broadcast_close(b);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(listeners[i].sum, 1275);
        bide_subscriber_close(listeners[i].s);
    }
    return 0;
}

TEST(in_whatever_order_the_tasks_run_all_get_everything)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        CHECK_EQ(bide_run(sends_to_many, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}
