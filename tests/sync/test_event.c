/* tests/sync/test_event.c -- a flag that tasks wait for. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static char order[64];
static bide_event event;

struct waiter { const char *name; bide_event *event; };

static int waits(void *arg)
{
    struct waiter *w = arg;
    int rc = bide_event_wait(w->event);
    strcat(order, rc == 0 ? w->name : "-");
    return rc;
}

static void spawn_waiters(bide_group *g)
{
    static const char *const names[] = { "a", "b", "c", "d" };
    for (int i = 0; i < 4; i++)
        bide_spawn_with(g, waits, struct waiter, names[i], &event);
}

TASK_TEST(waiting_for_a_set_event_returns_at_once)
{
    bide_event_set(&event);
    CHECK(bide_event_is_set(&event));
    CHECK_EQ(bide_event_wait(&event), 0);
    bide_event_clear(&event);
    CHECK(!bide_event_is_set(&event));
}

TASK_TEST(setting_lets_all_go_in_the_order_they_came)
{
    BIDE_GROUP(g);
    spawn_waiters(g);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    bide_event_set(&event);
    CHECK_STR(order, "");               /* setting never switches */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abcd");
}

TASK_TEST(who_was_let_go_stays_let_go)
{
    BIDE_GROUP(g);
    spawn_waiters(g);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_event_set(&event);
    bide_event_clear(&event);
    bide_spawn_with(g, waits, struct waiter, "late", &event);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "abcd");
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abcdlate");
}

TASK_TEST(cancelled_before_even_a_set_event_is_not_waited_for)
{
    bide_event_set(&event);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_event_wait(&event), BIDE_ECANCELED);
}

TASK_TEST(cancelled_while_waiting_one_leaves_the_line_at_once)
{
    bide_task *task;
    BIDE_GROUP(g);
    spawn_waiters(g);
    bide_spawn_with(g, waits, struct waiter, "e", &event);
    bide_spawn(g, waits, (&(struct waiter){ "never", &event }), .copy = sizeof(struct waiter),
               .handle = &task);
    bide_spawn_with(g, waits, struct waiter, "f", &event);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(task);
    bide_event_set(&event);             /* before the cancelled one has run */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
    CHECK_STR(order, "-abcdef");
}

TASK_TEST(let_go_and_then_cancelled_is_a_success)
{
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, waits, (&(struct waiter){ "x", &event }), .copy = sizeof(struct waiter),
               .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_event_set(&event);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 0);
    CHECK_STR(order, "x");
}

TASK_TEST(an_event_may_go_away_once_nobody_waits)
{
    BIDE_GROUP(g);
    bide_task *task;
    {
        bide_event mine = { .set_ = 0 };
        bide_spawn(g, waits, (&(struct waiter){ "x", &mine }), .copy = sizeof(struct waiter),
                   .handle = &task);
        CHECK_EQ(bide_sleep(0.001), 0);
        bide_event_set(&mine);
        memset(&mine, 0x55, sizeof mine);       /* who was let go does not look at it again */
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "x");
}

TASK_TEST(a_timeout_while_waiting_leaves_no_waiter)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(t, 0.001);
        CHECK_EQ(bide_event_wait(&event), BIDE_ECANCELED);
    }
    CHECK_PTR(event.waiters_, NULL);
    bide_event_set(&event);
    CHECK_EQ(bide_event_wait(&event), 0);
}

TASK_TEST(setting_twice_and_clearing_twice_do_no_harm)
{
    bide_event_set(&event);
    bide_event_set(&event);
    bide_event_clear(&event);
    bide_event_clear(&event);
    CHECK(!bide_event_is_set(&event));
}
