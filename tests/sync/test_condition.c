/* tests/sync/test_condition.c -- a lock given up and had again, whatever happens meanwhile. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_lock lock, other_lock;
static bide_condition changed;
static char order[64];
static int ready;

struct waiter { const char *name; int rc; };

static int waits(void *arg)
{
    struct waiter *w = arg;
    bide_permit *held = bide_lock_acquire(&lock);
    w->rc = bide_condition_wait(&changed, held);
    CHECK(bide_lock_is_held(&lock));
    strcat(order, w->rc == 0 ? w->name : "-");
    CHECK_EQ(bide_permit_release(held), 0);     /* its own, or it would be BIDE_EPERM */
    return w->rc;
}

static struct waiter a = { "a", 1 }, b = { "b", 1 }, c = { "c", 1 };

static void spawn_waiters(bide_group *g, bide_task *tasks[3])
{
    bide_spawn(g, waits, &a, .handle = &tasks[0]);
    bide_spawn(g, waits, &b, .handle = &tasks[1]);
    bide_spawn(g, waits, &c, .handle = &tasks[2]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(!bide_lock_is_held(&lock));
}

TASK_TEST(notified_are_the_longest_waiters)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_condition_notify(&changed, 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    bide_condition_notify(&changed, 2);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "ab");
    bide_condition_notify(&changed, 100);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abc");
}

TASK_TEST(all_are_notified_in_the_order_in_which_they_came)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_permit *held = bide_lock_acquire(&lock);
    bide_condition_notify_all(&changed);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");                       /* the lock is still ours */
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abc");
    bide_condition_notify_all(&changed);        /* nobody is left */
}

TASK_TEST(a_notification_is_not_kept_for_later)
{
    bide_condition_notify_all(&changed);
    bide_permit *held = bide_lock_acquire(&lock);
    {
        BIDE_TIMEOUT(t, 0.001);
        CHECK_EQ(bide_condition_wait(&changed, held), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_permit_release(held), 0);
}

static int takes_lock(void *name)
{
    bide_auto(permit) held = bide_lock_acquire(&lock);
    strcat(order, name);
    return held ? 0 : bide_errcode();
}

TASK_TEST(who_was_notified_joins_the_end_of_the_lock_s_line)
{
    static char x[] = "x", y[] = "y";
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_permit *held = bide_lock_acquire(&lock);
    bide_spawn(g, takes_lock, x);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_condition_notify(&changed, 1);
    bide_spawn(g, takes_lock, y);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_condition_notify_all(&changed);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "xaybc");
}

static bool is_ready(void *least)
{
    CHECK(bide_lock_is_held(&lock));
    return ready >= *(int *)least;
}

struct wanting { int least, rc; };

static int waits_until_ready(void *arg)
{
    struct wanting *w = arg;
    bide_auto(permit) held = bide_lock_acquire(&lock);
    w->rc = bide_condition_wait_for(&changed, held, is_ready, &w->least);
    CHECK(w->rc < 0 || ready >= w->least);
    return w->rc;
}

TASK_TEST(waiting_for_something_looks_again_each_time)
{
    struct wanting two = { 2, 1 }, one = { 1, 1 }, none = { 0, 1 };
    BIDE_GROUP(g);
    bide_spawn(g, waits_until_ready, &two);
    bide_spawn(g, waits_until_ready, &one);
    bide_spawn(g, waits_until_ready, &none);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(none.rc, 0);
    for (ready = 1; ready < 3; ready++) {
        bide_condition_notify_all(&changed);
        CHECK_EQ(bide_sleep(0.001), 0);
        CHECK_EQ(one.rc, 0);
        CHECK_EQ(two.rc, ready == 2 ? 0 : 1);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_the_lock_is_not_given_up)
{
    bide_permit *held = bide_lock_acquire(&lock);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_condition_wait(&changed, held), BIDE_ECANCELED);
        CHECK_EQ(bide_condition_wait_for(&changed, held, is_ready, &ready), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(cancelled_while_waiting_the_lock_is_held_again)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_cancel(tasks[0]);
    bide_condition_notify(&changed, 1);         /* so it is for b */
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "-b");
    CHECK_EQ(bide_task_result(tasks[0]), BIDE_ECANCELED);
    CHECK_STR(bide_task_error(tasks[0])->text, "cancelled");
    bide_condition_notify(&changed, 1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-bc");
}

TASK_TEST(cancelled_it_waits_for_the_lock_all_the_same)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_permit *held = bide_lock_acquire(&lock);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
    CHECK(!bide_task_done(tasks[1]));
    bide_condition_notify_all(&changed);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-ac");                    /* it had joined the lock's line first */
}

TASK_TEST(notified_and_then_cancelled_is_notified)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_permit *held = bide_lock_acquire(&lock);
    bide_condition_notify(&changed, 1);
    bide_cancel(tasks[0]);                      /* waits for the lock: not interrupted */
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_permit_release(held), 0);
    bide_condition_notify(&changed, 1);         /* with the lock free: handed over at once */
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "ab");
    CHECK_EQ(bide_task_result(tasks[0]), 0);
    CHECK_EQ(bide_task_result(tasks[1]), 0);
    bide_condition_notify(&changed, 1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abc");
}

TASK_TEST(leaving_the_group_brings_everybody_back_with_the_lock)
{
    bide_task *tasks[3];
    bide_permit *held;
    {
        BIDE_GROUP(g);
        spawn_waiters(g, tasks);
        held = bide_lock_acquire(&lock);
        CHECK_EQ(bide_permit_release(held), 0);
    }
    CHECK_STR(order, "---");
    CHECK(!bide_lock_is_held(&lock));
    CHECK_PTR(changed.waiters_, NULL);
}

/* Misuse. */

TASK_TEST(what_is_held_must_be_a_lock_of_this_task)
{
    bide_semaphore gate = BIDE_SEMAPHORE(1);
    bide_permit *permit = bide_semaphore_acquire(&gate);
    CHECK_EQ(bide_condition_wait(&changed, permit), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "must be a lock");
    CHECK_EQ(bide_permit_release(permit), 0);
    bide_permit *held = bide_lock_acquire(&lock);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "not held");
    bide_fail(-2000, "no lock today");
    CHECK_EQ(bide_condition_wait(&changed, NULL), -2000);
    CHECK_EQ(bide_condition_wait_for(&changed, NULL, is_ready, &ready), -2000);
}

static int waits_with(void *held)
{
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "another task");
    return 0;
}

TASK_TEST(another_task_s_lock_is_not_given_up)
{
    bide_permit *held = bide_lock_acquire(&lock);
    BIDE_GROUP(g);
    bide_spawn(g, waits_with, held);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(all_who_wait_use_one_lock)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_waiters(g, tasks);
    bide_permit *held = bide_lock_acquire(&other_lock);
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "another lock");
    bide_condition_notify_all(&changed);
    CHECK_EQ(bide_group_wait(g), 0);
    BIDE_TIMEOUT(t, 0.001);
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_ECANCELED);      /* now one may */
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(a_condition_may_go_away_once_nobody_waits)
{
    bide_condition mine = { .lock_ = NULL };
    bide_permit *held = bide_lock_acquire(&lock);
    {
        BIDE_TIMEOUT(t, 0.001);
        CHECK_EQ(bide_condition_wait(&mine, held), BIDE_ECANCELED);
    }
    memset(&mine, 0x55, sizeof mine);
    CHECK_EQ(bide_permit_release(held), 0);
}

static void waits_there(void)
{
    BIDE_GROUP(g);
    bide_spawn(g, waits, &a);
    CHECK_EQ(bide_yield(), 0);
    elsewhere_hold();
    bide_condition_notify_all(&changed);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(where_a_task_of_another_loop_waits_one_does_not)
{
    void (*body)(void) = waits_there;
    elsewhere_begin(&body);
    bide_permit *held = bide_lock_acquire(&other_lock);
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_EINVAL);
    CHECK_EQ(bide_permit_release(held), 0);
    held = bide_lock_acquire(&lock);            /* free, for its holder sleeps there */
    CHECK_EQ(bide_condition_wait(&changed, held), BIDE_EPERM);
    CHECK_EQ(bide_permit_release(held), 0);
    elsewhere_end();
    CHECK_EQ(a.rc, 0);
}

/* A thousand producers and consumers around a buffer of three. */

static bide_condition not_full, not_empty;
static int buffered, produced, consumed;

static bool has_room(void *unused) { (void)unused; return buffered < 3; }
static bool has_items(void *unused) { (void)unused; return buffered > 0; }

static int produces(void *unused)
{
    bide_auto(permit) held = bide_lock_acquire(&lock);
    int rc = bide_condition_wait_for(&not_full, held, has_room, unused);
    if (rc < 0)
        return rc;
    CHECK(++buffered <= 3);
    produced++;
    bide_condition_notify(&not_empty, 1);
    return 0;
}

static int consumes(void *unused)
{
    bide_auto(permit) held = bide_lock_acquire(&lock);
    int rc = bide_condition_wait_for(&not_empty, held, has_items, unused);
    if (rc < 0)
        return rc;
    CHECK(--buffered >= 0);
    consumed++;
    bide_condition_notify(&not_full, 1);
    return 0;
}

static int runs_a_buffer(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < 500; i++)
        bide_spawn(g, consumes, NULL);
    for (int i = 0; i < 500; i++)
        bide_spawn(g, produces, NULL);
    return bide_group_wait(g);
}

TEST(a_bounded_buffer_loses_no_notification_however_shuffled)
{
    struct bide_run_opts opts = { .abi_ = sizeof opts, .jumping_clock = true };
    for (opts.shuffle_seed = 0; opts.shuffle_seed < 10; opts.shuffle_seed++) {
        produced = consumed = 0;
        CHECK_EQ(bide_run_opts(runs_a_buffer, &opts), 0);
        CHECK_EQ(produced, 500);
        CHECK_EQ(consumed, 500);
    }
}
