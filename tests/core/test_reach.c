/* tests/core/test_reach.c -- a cancellation that concerns many: they are told in portions, and
 * nobody can see that they are. */
#include "core/modest.h"

#include <bide/group.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>

enum { MANY = 10000, PORTION = 64 };

/* In the trial's loop each switch comes back to the poller; in a plain one few do. */
#define BOTH_LOOPS(name_) \
    static int name_##_here(void *unused); \
    TASK_TEST(name_) \
    { \
        CHECK_EQ(name_##_here(NULL), 0); \
    } \
    TEST(name_##_in_a_plain_loop) \
    { \
        CHECK_EQ(bide_run(name_##_here, NULL, .jumping_clock = true), 0); \
    } \
    static int name_##_here(void *unused)
#define DONE(unused_) ((void)(unused_), 0)

static int told, next_in_order;

static int is_told(void *number)
{
    CHECK_EQ(bide_sleep(BIDE_FOREVER), BIDE_ECANCELED);
    CHECK_EQ((int)(intptr_t)number, next_in_order++);
    told++;
    count_between();
    return BIDE_ECANCELED;
}

static void spawn_many(bide_group *g)
{
    for (intptr_t i = 0; i < MANY; i++)
        bide_spawn(g, is_told, (void *)i);
    CHECK_EQ(bide_sleep(0.001), 0);
}

BOTH_LOOPS(a_modest_task_has_turns_while_many_are_cancelled)
{
    BIDE_GROUP(others);
    BIDE_GROUP(g);
    spawn_many(g);
    bide_spawn(others, modest, NULL);
    bide_group_cancel(g);
    CHECK_EQ(told, 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(told, MANY);
    CHECK(since_turn_max <= 2 * PORTION);
    CHECK(turns >= MANY / 2 / PORTION);
    bide_group_cancel(others);
    return DONE(unused);
}

BOTH_LOOPS(a_time_limit_reaches_many_at_one_time)
{
    double start = bide_now();
    {
        BIDE_TIMEOUT(limit, 1);
        BIDE_GROUP(g);
        spawn_many(g);
        CHECK_EQ(bide_scope_result(limit, bide_group_wait(g)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(told, MANY);
    CHECK_NEAR(bide_now() - start, 1, 1e-6);
    return DONE(unused);
}

static int yields_on(void *unused)
{
    (void)unused;
    int rc;
    while ((rc = bide_yield()) == 0)
        turns++;
    return rc;
}

BOTH_LOOPS(who_runs_is_told_before)
{
    BIDE_GROUP(g);
    spawn_many(g);
    bide_spawn(g, yields_on, NULL);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_yield(), 0);
    CHECK(turns > 0);
    bide_group_cancel(g);
    turns = 0;
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(turns, 1);         /* the call that was under way */
    return DONE(unused);
}

static int cancels_its_group(void *g)
{
    bide_group_cancel(g);
    CHECK(bide_cancelled());
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    return BIDE_ECANCELED;
}

BOTH_LOOPS(who_cancels_its_own_group_knows_it_at_once)
{
    BIDE_GROUP(g);
    spawn_many(g);
    bide_spawn(g, cancels_its_group, g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(told, MANY);
    return DONE(unused);
}

struct last { bide_scope *scope; bide_event *event; bide_group *inner; int inside; };

static int waits_inside(void *arg)
{
    struct last *last = arg;
    CHECK_EQ(bide_event_wait(last->event), 0);          /* it was set before this one was told */
    CHECK(told < MANY);
    CHECK(bide_cancelled());
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    last->inside++;
    return BIDE_ECANCELED;
}

static int has_a_group(void *arg)
{
    struct last *last = arg;
    BIDE_SCOPE(s);
    BIDE_GROUP(inner);
    last->scope = s;
    last->inner = inner;
    bide_spawn(inner, waits_inside, last);
    CHECK_EQ(bide_group_wait(inner), BIDE_ECANCELED);
    return BIDE_ECANCELED;
}

BOTH_LOOPS(a_member_of_a_members_group_is_told_before_it_runs)
{
    bide_event event = { 0 };
    struct last last = { .event = &event };
    BIDE_GROUP(g);
    spawn_many(g);
    bide_spawn(g, has_a_group, &last);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_group_cancel(g);
    bide_event_set(&event);
    CHECK_EQ(last.inside, 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(last.inside, 1);
    CHECK_EQ(told, MANY);
    return DONE(unused);
}

static int is_refused(void *arg)
{
    struct last *last = arg;
    CHECK_EQ(bide_yield(), BIDE_ECANCELED);
    last->inside++;
    return BIDE_ECANCELED;
}

static int waits_for_ever(void *unused)
{
    (void)unused;
    return bide_sleep(BIDE_FOREVER);
}

static int owns_a_scope(void *arg)
{
    struct last *last = arg;
    BIDE_SCOPE(s);
    BIDE_GROUP(inner);
    last->scope = s;
    last->inner = inner;
    bide_spawn(inner, waits_for_ever, NULL);
    CHECK_EQ(bide_sleep(BIDE_FOREVER), BIDE_ECANCELED);
    return bide_group_wait(inner);
}

BOTH_LOOPS(others_see_at_once_who_is_cancelled)
{
    struct last last = { .scope = NULL };
    BIDE_GROUP(g);
    spawn_many(g);
    bide_spawn(g, owns_a_scope, &last);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(!bide_scope_cancelled(last.scope));
    bide_group_cancel(g);
    CHECK(bide_scope_cancelled(last.scope));
    bide_spawn(last.inner, is_refused, &last);
    bide_spawn(g, is_refused, &last);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(last.inside, 2);
    CHECK_EQ(told, MANY);
    return DONE(unused);
}

static bide_queue *queue;

static int gets(void *unused)
{
    (void)unused;
    int item = 0, rc = bide_queue_get(queue, &item);
    if (rc == 1) {
        CHECK_EQ(item, 7);
        CHECK(bide_cancelled());
        CHECK_EQ(bide_yield(), BIDE_ECANCELED);
        turns++;
    } else {
        CHECK_EQ(rc, BIDE_ECANCELED);
        told++;
    }
    return BIDE_ECANCELED;
}

BOTH_LOOPS(who_has_not_been_told_may_still_be_given_what_it_waits_for)
{
    int item = 7;
    BIDE_GROUP(g);
    queue = bide_queue_new(int, 1);
    for (int i = 0; i < MANY; i++)
        bide_spawn(g, gets, NULL);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_queue_put_nowait(queue, &item), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(turns, 1);
    CHECK_EQ(told, MANY - 1);
    bide_queue_free(queue);
    return DONE(unused);
}

static int shielded(void *unused)
{
    (void)unused;
    BIDE_SHIELD(s, 10);
    CHECK_EQ(bide_sleep(0.5), 0);
    told++;
    return 0;
}

BOTH_LOOPS(shields_hold_and_ends_are_counted_while_others_are_told)
{
    double start = bide_now();
    BIDE_GROUP(g);
    for (int i = 0; i < MANY / 10; i++) {
        bide_spawn(g, shielded, NULL);
        bide_spawn(g, waits_for_ever, NULL);
        bide_spawn(g, yields_on, NULL);
    }
    CHECK_EQ(bide_sleep(0), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(told, MANY / 10);
    CHECK_NEAR(bide_now() - start, 0.5, 1e-6);
    return DONE(unused);
}

/* ---- a forest, at random ---- */

static uint32_t seed = 1;
static int alive;

static unsigned draw(unsigned below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static int grows(void *depth);

static int grow(int depth)
{
    BIDE_GROUP(g);
    unsigned branches = draw(depth == 0 ? 2 : 12);
    for (unsigned i = 0; i < branches; i++)
        bide_spawn(g, grows, (void *)(intptr_t)(depth - 1));
    int rc = draw(3) ? bide_sleep((double)draw(100) / 1000) : bide_yield();
    if (draw(8) == 0)
        bide_group_cancel(g);
    if (draw(16) == 0)
        return rc;
    return bide_group_wait(g);
}

static int grows(void *depth)
{
    if ((intptr_t)depth < 0)
        return bide_sleep((double)draw(1000) / 1000);
    alive++;
    int rc = 0;
    if (draw(10) == 0) {
        BIDE_TIMEOUT(limit, (double)draw(50) / 1000);
        rc = bide_scope_result(limit, grow((int)(intptr_t)depth));
    } else {
        rc = grow((int)(intptr_t)depth);
    }
    alive--;
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

BOTH_LOOPS(whatever_is_cancelled_ends_and_nothing_is_left)
{
    for (int round = 0; round < 20; round++) {
        BIDE_KEEP_GOING(g);
        for (int i = 0; i < 3 * PORTION; i++)
            bide_spawn(g, grows, (void *)1);
        CHECK_EQ(bide_sleep((double)draw(40) / 1000), 0);
        bide_group_cancel(g);
        bide_spawn(g, grows, (void *)1);
        bide_ignore(bide_group_wait(g));
        CHECK_EQ(bide_group_count(g), 0);
        CHECK_EQ(alive, 0);
    }
    return DONE(unused);
}
