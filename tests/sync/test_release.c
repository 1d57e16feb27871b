/* tests/sync/test_release.c -- an event that lets go many: all at one time, though they are settled
 * in portions. */
#include "core/modest.h"

#include <bide/group.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/select.h>
#include <bide/sync.h>
#include <stdlib.h>

enum { MANY = 5000, PORTION = 64 };

static bide_event event;
static int gone, refused;

static int waits(void *number)
{
    int rc = bide_event_wait(&event);
    if (rc < 0) {
        refused++;
        return rc;
    }
    CHECK_EQ((int)(intptr_t)number, gone++);
    count_between();
    return bide_yield();
}

static void spawn_many(bide_group *g, bide_fn *fn)
{
    for (intptr_t i = 0; i < MANY; i++)
        bide_spawn(g, fn, (void *)i);
    CHECK_EQ(bide_sleep(0.001), 0);
}

static int let_many_go(void *unused)
{
    (void)unused;
    BIDE_GROUP(others);
    BIDE_GROUP(g);
    spawn_many(g, waits);
    bide_spawn(others, modest, NULL);
    bide_event_set(&event);
    CHECK_EQ(gone, 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
    CHECK(since_turn_max <= 2 * PORTION);
    CHECK(turns >= MANY / 2 / PORTION);
    bide_group_cancel(others);
    return 0;
}

TASK_TEST(a_modest_task_has_turns_while_many_are_let_go)
{
    CHECK_EQ(let_many_go(NULL), 0);
}

TEST(a_modest_task_has_turns_while_many_are_let_go_in_a_plain_loop)
{
    CHECK_EQ(bide_run(let_many_go, NULL, .jumping_clock = true), 0);
}

TASK_TEST(clearing_at_once_keeps_only_newcomers)
{
    BIDE_GROUP(g);
    BIDE_GROUP(late);
    spawn_many(g, waits);
    bide_event_set(&event);
    bide_event_clear(&event);
    bide_spawn(late, waits, (void *)(intptr_t)MANY);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(late), 0);
    CHECK_EQ(gone, MANY + 1);
}

TASK_TEST(who_was_let_go_cannot_be_cancelled_out_of_it)
{
    BIDE_GROUP(g);
    spawn_many(g, waits);
    bide_event_set(&event);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
    CHECK_EQ(refused, 0);
}

TASK_TEST(newcomers_to_the_same_event_can_be_cancelled_meanwhile)
{
    BIDE_GROUP(g);
    BIDE_GROUP(late);
    spawn_many(g, waits);
    bide_event_set(&event);
    bide_event_clear(&event);
    for (int i = 0; i < 2 * PORTION; i++)
        bide_spawn(late, waits, NULL);
    bide_spawn(late, modest, NULL);
    while (turns < 2)
        CHECK_EQ(bide_yield(), 0);
    CHECK(gone < MANY);
    bide_group_cancel(late);
    CHECK_EQ(bide_group_wait(late), 0);
    CHECK_EQ(refused, 2 * PORTION);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
}

static int waits_a_second(void *number)
{
    BIDE_TIMEOUT(limit, 1);
    return bide_scope_result(limit, waits(number));
}

static int takes_time(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_sleep(0.998), 0);
    bide_event_set(&event);
    return 0;
}

TASK_TEST(time_stands_still_until_all_are_settled)
{
    BIDE_GROUP(g);
    bide_spawn(g, takes_time, NULL);
    for (intptr_t i = 0; i < MANY; i++)
        bide_spawn(g, waits_a_second, (void *)i);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
}

static bide_event *rented;

static int waits_for_rented(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_event_wait(rented), 0);
    gone++;
    return 0;
}

TASK_TEST(the_event_may_go_away_once_it_is_set)
{
    BIDE_GROUP(g);
    rented = calloc(1, sizeof *rented);
    CHECK(rented);
    spawn_many(g, waits_for_rented);
    bide_event_set(rented);
    free(rented);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
}

static int waits_for(void *one)
{
    CHECK_EQ(bide_event_wait(one), 0);
    gone++;
    return 0;
}

TASK_TEST(many_events_may_let_go_many_at_a_time)
{
    enum { EVENTS = 20, EACH = 3 * PORTION };
    static bide_event events[EVENTS];
    BIDE_GROUP(g);
    for (int i = 0; i < EVENTS * EACH; i++)
        bide_spawn(g, waits_for, &events[i % EVENTS]);
    CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 0; i < EVENTS; i++)
        bide_event_set(&events[i]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, EVENTS * EACH);
}

/* ---- among several cases ---- */

static bide_queue *queue;
static int by_event, by_item;

static int selects(void *unused)
{
    (void)unused;
    int item, rc, i = bide_select(BIDE_ON_GET(queue, &item, &rc), BIDE_ON_EVENT(&event));
    if (i < 0)
        return i;
    if (i == 0)
        by_item++;
    else
        by_event++;
    return 0;
}

TASK_TEST(something_else_may_be_chosen_before_the_event_is_heard_of)
{
    BIDE_GROUP(g);
    queue = bide_queue_new(int, BIDE_UNLIMITED);
    spawn_many(g, selects);
    bide_event_set(&event);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(bide_queue_put_nowait(queue, &i), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(by_item, 10);
    CHECK_EQ(by_event, MANY - 10);
    bide_queue_free(queue);
}

TASK_TEST(who_selects_may_be_cancelled_until_it_is_settled)
{
    BIDE_GROUP(g);
    queue = bide_queue_new(int, 1);
    spawn_many(g, selects);
    bide_event_set(&event);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(by_event >= PORTION);
    bide_queue_free(queue);
}
