/* tests/sync/test_many_let_go.c -- whatever lets many go does so at one time, and has them settled
 * in portions: in their order, with turns of others in between, whoever is cancelled meanwhile and
 * whatever has been freed. */
#include "core/modest.h"

#include <bide/channel.h>
#include <bide/group.h>
#include <bide/promise.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/select.h>
#include <bide/sync.h>
#include <stdlib.h>

enum { MANY = 1000, PORTION = 64 };

static int gone, last, refused;

/* One who was let go, with the result that was to come. */
static void count_gone(intptr_t number)
{
    CHECK((int)number > last);
    last = (int)number;
    gone++;
    count_between();
}

/* Each kind waits in its own memory, made anew, so that it can go. */
struct kind {
    void (*make)(void);
    int (*wait)(intptr_t number);       /* and sees to its result */
    void (*let_go)(void);
    void (*end)(void);
};
static const struct kind *kind;
static bide_group *waiters;

/* ---- the kinds ---- */

static bide_barrier *barrier;

static void make_barrier(void)
{
    barrier = calloc(1, sizeof *barrier);
    CHECK(barrier);
    *barrier = (bide_barrier)BIDE_BARRIER(MANY + 1);
}

static int wait_at_barrier(intptr_t number)
{
    int rc = bide_barrier_wait(barrier);
    if (rc >= 0)
        CHECK_EQ(rc, (int)number);
    return rc;
}

static void pass_barrier(void)
{
    CHECK_EQ(bide_barrier_wait(barrier), MANY);
}

static void free_barrier(void)
{
    free(barrier);
}

static int wait_to_be_turned_away(intptr_t unused)
{
    (void)unused;
    int rc = bide_barrier_wait(barrier);
    if (rc != BIDE_ECLOSED)
        return rc;
    CHECK_STR(bide_errmsg(), "the barrier was aborted");
    return 0;
}

static void abort_barrier(void)
{
    bide_barrier_abort(barrier);
    CHECK_EQ((int)bide_barrier_waiting(barrier), 0);
}

static bide_condition *condition;
static bide_lock lock;

static void make_condition(void)
{
    condition = calloc(1, sizeof *condition);
    CHECK(condition);
}

static int wait_for_condition(intptr_t unused)
{
    (void)unused;
    bide_auto(permit) held = bide_lock_acquire(&lock);
    if (!held)
        return bide_errcode();
    int rc = bide_condition_wait(condition, held);
    CHECK(lock.owner_ == bide_task_current());
    return rc;
}

static void notify_all(void)
{
    bide_condition_notify_all(condition);
}

static void free_condition(void)
{
    free(condition);
}

static bide_once once;
static bide_event once_may_end;

static int do_once(void *unused)
{
    (void)unused;
    int rc = bide_event_wait(&once_may_end);
    return rc < 0 ? rc : 7;
}

static int run_once(void *unused)
{
    (void)unused;
    return bide_once_run(&once, do_once, NULL);
}

static void begin_once(void)
{
    once = (bide_once){ .done_ = 0 };
    once_may_end = (bide_event){ .set_ = 0 };
    bide_spawn(waiters, run_once, NULL);
    while (!once.runner_)
        CHECK_EQ(bide_yield(), 0);
}

static int wait_for_once(intptr_t unused)
{
    (void)unused;
    int rc = bide_once_run(&once, do_once, NULL);
    if (rc >= 0)
        CHECK_EQ(rc, 7);
    return rc;
}

static void end_once(void)
{
    bide_event_set(&once_may_end);
    while (!once.done_)
        CHECK_EQ(bide_yield(), 0);
}

static bide_watch *watch;

static void make_watch(void)
{
    watch = bide_watch_new(int, &(int){ 0 });
}

static int wait_for_change(intptr_t unused)
{
    (void)unused;
    uint64_t seen = 1;
    int value, rc = bide_watch_changed(watch, &seen, &value);
    if (rc < 0)
        return rc;
    CHECK_EQ(rc, 1);
    CHECK_EQ(value, 5);
    CHECK_EQ((int)seen, 2);
    return 0;
}

static void set_watch(void)
{
    int value = 5;
    CHECK_EQ(bide_watch_set(watch, &value), 0);
}

static int select_change(intptr_t unused)
{
    (void)unused;
    uint64_t seen = 1;
    int rc, i = bide_select(BIDE_ON_WATCH(watch, &seen, &rc));
    if (i < 0)
        return i;
    CHECK_EQ(rc, 1);
    CHECK_EQ((int)seen, 2);
    return 0;
}

static void free_watch(void)
{
    bide_watch_free(watch);
}

static int see_watch_freed(intptr_t unused)
{
    (void)unused;
    uint64_t seen = 1;
    int value, rc = bide_watch_changed(watch, &seen, &value);
    return rc == BIDE_ECLOSED ? 0 : rc;
}

static bide_queue *queue;

static void make_queue(void)
{
    queue = bide_queue_new(int, 1);
}

static int get_the_end(intptr_t unused)
{
    (void)unused;
    int item, rc = bide_queue_get(queue, &item);
    CHECK(rc <= 0);
    return rc;
}

static void close_queue(void)
{
    bide_queue_close(queue);
}

static void free_queue(void)
{
    bide_queue_free(queue);
}

static int see_queue_freed(intptr_t unused)
{
    (void)unused;
    int item, rc = bide_queue_get(queue, &item);
    if (rc != BIDE_ECLOSED)
        return rc;
    CHECK_STR(bide_errmsg(), "the queue is closed");
    return 0;
}

static void make_full_queue(void)
{
    int item = 0;
    make_queue();
    CHECK_EQ(bide_queue_put_nowait(queue, &item), 0);
}

static int put_in_vain(intptr_t number)
{
    int item = (int)number, rc = bide_queue_put(queue, &item);
    CHECK(rc < 0);
    return rc == BIDE_ECLOSED ? 0 : rc;
}

static int wait_until_done(intptr_t unused)
{
    (void)unused;
    return bide_queue_join(queue);
}

static void do_last(void)
{
    int item;
    CHECK_EQ(bide_queue_get_nowait(queue, &item), 1);
    CHECK_EQ(bide_queue_done(queue), 0);
}

static bide_promise *promise;

static void make_promise(void)
{
    promise = bide_promise_new(int);
}

static int wait_for_promise(intptr_t unused)
{
    (void)unused;
    int value, rc = bide_promise_wait(promise, &value);
    if (rc == 0)
        CHECK_EQ(value, 9);
    return rc;
}

static void keep_promise(void)
{
    int value = 9;
    CHECK_EQ(bide_promise_set(promise, &value), 0);
}

static void drop_promise(void)
{
    bide_promise_drop(promise);
}

static int see_promise_broken(intptr_t unused)
{
    (void)unused;
    int value, rc = bide_promise_wait(promise, &value);
    if (rc != -ENOENT)
        return rc;
    CHECK_STR(bide_errmsg(), "nothing there");
    return 0;
}

static void break_promise(void)
{
    bide_promise_fail(promise, -ENOENT, "nothing there");
}

static bide_event may_end;
static bide_task *joined;
static bool is_left;

static int ends_when_told(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_event_wait(&may_end), 0);
    return -ENOENT;
}

static int keeps_group(void *unused)
{
    (void)unused;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, ends_when_told, NULL, .handle = &joined);
    CHECK_EQ(bide_group_wait(g), -ENOENT);
    is_left = true;
    return 0;
}

static void make_task(void)
{
    may_end = (bide_event){ .set_ = 0 };
    is_left = false;
    joined = NULL;
    bide_spawn(waiters, keeps_group, NULL);
    while (!joined)
        CHECK_EQ(bide_yield(), 0);
}

static int join_task(intptr_t unused)
{
    (void)unused;
    return bide_join(joined);
}

/* Its group is left at once, so its memory is another task's when the last hear of it. */
static void end_task(void)
{
    bide_event_set(&may_end);
    while (!is_left)
        CHECK_EQ(bide_yield(), 0);
}

static int wait_for_failure(intptr_t unused)
{
    (void)unused;
    bide_task *both[] = { joined, bide_task_current() };
    int rc = bide_wait(both, 1, BIDE_FIRST_FAILED, 1000);
    return rc < 0 ? rc : rc - 1;
}

static void end_nothing(void)
{
}

static const struct kind kinds[] = {
    { make_barrier, wait_at_barrier, pass_barrier, free_barrier },
    { make_barrier, wait_to_be_turned_away, abort_barrier, free_barrier },
    { make_condition, wait_for_condition, notify_all, free_condition },
    { begin_once, wait_for_once, end_once, end_nothing },
    { make_watch, wait_for_change, set_watch, free_watch },
    { make_watch, see_watch_freed, free_watch, end_nothing },
    { make_queue, get_the_end, close_queue, free_queue },
    { make_queue, see_queue_freed, free_queue, end_nothing },
    { make_full_queue, put_in_vain, close_queue, free_queue },
    { make_full_queue, wait_until_done, do_last, free_queue },
    { make_promise, wait_for_promise, keep_promise, drop_promise },
    { make_promise, see_promise_broken, break_promise, drop_promise },
    { make_task, join_task, end_task, end_nothing },
};
/* Among several, who was let go and has not heard of it may still go another way. */
static const struct kind selecting[] = {
    { make_watch, select_change, set_watch, free_watch },
    { make_task, wait_for_failure, end_task, end_nothing },
};
enum {
    KINDS = sizeof kinds / sizeof *kinds, SELECTING = sizeof selecting / sizeof *selecting,
};

/* ---- what holds for all of them ---- */

static int waits(void *number)
{
    int rc = kind->wait((intptr_t)number);
    if (rc < 0) {
        refused++;
        return rc;
    }
    count_gone((intptr_t)number);
    return bide_yield();
}

static void spawn_many(bide_group *g, const struct kind *one)
{
    kind = one;
    waiters = g;
    turns = gone = refused = since_turn = since_turn_max = 0;
    last = -1;
    kind->make();
    for (intptr_t i = 0; i < MANY; i++)
        bide_spawn(g, waits, (void *)i);
    CHECK_EQ(bide_sleep(0.001), 0);
}

static void let_go_beside_a_modest_task(const struct kind *one)
{
    BIDE_GROUP(others);
    BIDE_GROUP(g);
    spawn_many(g, one);
    bide_spawn(others, modest, NULL);
    kind->let_go();
    kind->end();
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
    CHECK(since_turn_max <= 2 * PORTION);
    CHECK(turns >= MANY / 2 / PORTION);
    bide_group_cancel(others);
}

static int let_all_kinds_go(void *unused)
{
    (void)unused;
    for (int i = 0; i < KINDS; i++)
        let_go_beside_a_modest_task(&kinds[i]);
    for (int i = 0; i < SELECTING; i++)
        let_go_beside_a_modest_task(&selecting[i]);
    return 0;
}

TASK_TEST(a_modest_task_has_turns_whatever_lets_many_go)
{
    CHECK_EQ(let_all_kinds_go(NULL), 0);
}

TEST(a_modest_task_has_turns_whatever_lets_many_go_in_a_plain_loop)
{
    CHECK_EQ(bide_run(let_all_kinds_go, NULL, .jumping_clock = true), 0);
}

TASK_TEST(who_was_let_go_by_whatever_cannot_be_cancelled_out_of_it)
{
    for (int i = 0; i < KINDS; i++) {
        BIDE_GROUP(g);
        spawn_many(g, &kinds[i]);
        kind->let_go();
        kind->end();
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(gone, MANY);
        CHECK_EQ(refused, 0);
    }
}

TASK_TEST(who_waits_for_one_of_several_may_be_cancelled_until_it_is_settled)
{
    for (int i = 0; i < SELECTING; i++) {
        BIDE_GROUP(g);
        spawn_many(g, &selecting[i]);
        kind->let_go();
        kind->end();
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK(gone >= PORTION);
        CHECK_EQ(gone + refused, MANY);
    }
}

/* ---- what is particular ---- */

enum { PARTIES = 4 * PORTION, ROUNDS = 3 };
static bide_barrier again = BIDE_BARRIER(PARTIES);
static int places[ROUNDS][PARTIES];

static int passes_again_and_again(void *unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        int place = bide_barrier_wait(&again);
        if (place < 0)
            return place;
        places[round][place]++;
    }
    return 0;
}

TASK_TEST(a_barrier_that_is_still_letting_go_counts_anew)
{
    BIDE_GROUP(g);
    for (int i = 0; i < PARTIES; i++)
        bide_spawn(g, passes_again_and_again, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < ROUNDS * PARTIES; i++)
        CHECK_EQ(places[i / PARTIES][i % PARTIES], 1);
}

static int waits_at_watch(void *unused)
{
    (void)unused;
    uint64_t seen = bide_watch_get(watch, &(int){ 0 });
    int value, rc = bide_watch_changed(watch, &seen, &value);
    refused += rc < 0;
    return rc < 0 ? rc : 0;
}

TASK_TEST(newcomers_to_a_watch_can_be_cancelled_while_others_are_let_go)
{
    BIDE_GROUP(g);
    BIDE_GROUP(late);
    spawn_many(g, &kinds[4]);
    kind->let_go();
    for (int i = 0; i < 2 * PORTION; i++)
        bide_spawn(late, waits_at_watch, NULL);
    bide_spawn(late, modest, NULL);
    while (turns < 2)
        CHECK_EQ(bide_yield(), 0);
    CHECK(gone < MANY);
    bide_group_cancel(late);
    CHECK_EQ(bide_group_wait(late), 0);
    CHECK_EQ(refused, 2 * PORTION);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, MANY);
    kind->end();
}

static int takes_lock(void *order)
{
    bide_auto(permit) held = bide_lock_acquire(&lock);
    *(int *)order = gone;
    return held ? 0 : bide_errcode();
}

/* As in asyncio, where a notified task asks for the lock when it runs. */
TASK_TEST(the_lock_is_free_for_newcomers_while_many_are_notified)
{
    int when = -1;
    BIDE_GROUP(g);
    spawn_many(g, &kinds[2]);
    kind->let_go();
    bide_spawn(g, takes_lock, &when);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(when >= 0 && when < MANY);
    CHECK_EQ(gone, MANY);
    CHECK(!bide_lock_is_held(&lock));
    kind->end();
}
