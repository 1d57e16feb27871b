/* tests/testing/test_scenarios_sync.c -- everything that tasks wait for each other with, and all
 * that can go wrong meanwhile. */
#include "testing/scenario.h"

#include <bide/channel.h>
#include <bide/generator.h>
#include <bide/group.h>
#include <bide/map.h>
#include <bide/promise.h>
#include <bide/queue.h>
#include <bide/rate.h>
#include <bide/retry.h>
#include <bide/scope.h>
#include <bide/select.h>
#include <bide/sync.h>
#include <bide/thread.h>

/* Spawns fn so many times and waits for all. */
static int run_many(bide_fn *fn, void *arg, int count)
{
    BIDE_GROUP(g);
    for (int i = 0; i < count; i++)
        bide_spawn(g, fn, arg);
    return bide_group_wait(g);
}

/* --- lock and condition --- */

struct account { bide_lock lock; bide_condition filled; int inside, money; };

static bool has_money(void *arg)
{
    return ((struct account *)arg)->money > 0;
}

static int spend(void *arg)
{
    struct account *a = arg;
    bide_auto(permit) p = bide_lock_acquire(&a->lock);
    int rc = p ? bide_condition_wait_for(&a->filled, p, has_money, a) : bide_errcode();
    if (p && a->inside++)
        return WRONG("two hold the lock");
    if (rc == 0 && --a->money < 0)
        rc = WRONG("there was no money");
    a->inside -= p != NULL;
    return rc;
}

static int earn(void *arg)
{
    struct account *a = arg;
    for (int i = 0; i < 4; i++) {
        bide_auto(permit) p = bide_lock_acquire(&a->lock);
        int rc = p ? bide_sleep(0.1) : bide_errcode();
        if (rc < 0)
            return rc;
        a->money++;
        bide_condition_notify(&a->filled, 1);
    }
    return 0;
}

static int locking(void *unused)
{
    struct account a = { .money = 0 };
    (void)unused;
    int rc;
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 4; i++)
            bide_spawn(g, spend, &a);
        bide_spawn(g, earn, &a);
        rc = bide_group_wait(g);
    }
    if (bide_lock_is_held(&a.lock))
        return WRONG("the lock is still held");
    return rc == 0 && a.money ? WRONG("%d are left", a.money) : rc;
}

/* --- barrier, reader-writer lock, once --- */

static int meet(void *barrier)
{
    int rc = 0;
    for (int i = 0; rc >= 0 && i < 3; i++)
        rc = bide_barrier_wait(barrier);
    return rc;
}

static int meeting(void *unused)
{
    (void)unused;
    bide_barrier three = BIDE_BARRIER(3);
    int rc = run_many(meet, &three, 3);
    size_t waiting = bide_barrier_waiting(&three);
    return waiting ? WRONG("%zu wait", waiting) : rc;
}

struct page { bide_rwlock lock; int readers, writers; };

static int visit(struct page *p, bool writes)
{
    bide_auto(permit) held = writes ? bide_rwlock_write(&p->lock) : bide_rwlock_read(&p->lock);
    if (!held)
        return bide_errcode();
    int *mine = writes ? &p->writers : &p->readers;
    ++*mine;
    int rc = p->writers > 1 || (p->writers && p->readers) ? WRONG("writers are not alone")
                                                          : bide_sleep(0.1);
    --*mine;
    return rc;
}

static int read_and_write(void *page)
{
    int rc = visit(page, false);
    if (rc == 0)
        rc = visit(page, true);
    return rc == 0 ? visit(page, false) : rc;
}

static int visiting(void *unused)
{
    (void)unused;
    struct page page = { .readers = 0 };
    int rc = run_many(read_and_write, &page, 4);
    bide_auto(permit) free_again = bide_rwlock_write_nowait(&page.lock);
    return free_again ? rc : WRONG("it is still held");
}

static int succeed_late(void *count)
{
    int rc = bide_sleep(0.5);
    return rc < 0 ? rc : ++*(int *)count;
}

struct first { bide_once once; int count; };
static int once(void *arg)
{
    struct first *f = arg;
    int rc = bide_once_run(&f->once, succeed_late, &f->count);
    return rc > 1 ? WRONG("done twice") : rc;
}

static int doing_once(void *unused)
{
    (void)unused;
    struct first f = { .count = 0 };
    return run_many(once, &f, 3);
}

/* --- paces --- */

static int take_two(void *rate)
{
    return bide_rate_take(rate, 2);
}

static int pacing(void *unused)
{
    (void)unused;
    bide_rate rate = BIDE_RATE(10, 3);
    int rc = run_many(take_two, &rate, 4);
    bide_interval every = BIDE_INTERVAL(0.5);
    for (int i = 0; rc >= 0 && i < 3; i++)
        rc = bide_interval_wait(&every);
    return rc;
}

/* --- queues of other kinds, select --- */

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static int put_three(void *queue)
{
    int rc = 0;
    for (int i = 3; rc == 0 && i > 0; i--)
        rc = bide_queue_put((bide_queue *)queue, &i);
    return rc;
}

static int by_priority(void *unused)
{
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, 3, .order = BIDE_PRIORITY, .before = is_less);
    if (!q)
        return bide_errcode();
    int rc = put_three(q), item, last = 0;
    bide_queue_close(q);
    while (rc == 0 && (rc = bide_queue_get(q, &item)) > 0) {
        if (item <= last)
            return WRONG("%d after %d", item, last);
        last = item;
        rc = 0;
    }
    return rc;
}

static int growing(void *unused)
{
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, BIDE_UNLIMITED);
    int rc = q ? 0 : bide_errcode(), item;
    for (int i = 0; rc == 0 && i < 500; i++)
        rc = bide_queue_put(q, &i);
    for (int i = 0; rc == 0 && i < 500; i++) {
        rc = bide_queue_get(q, &item);
        if (rc == 1 && item != i)
            return WRONG("%d instead of %d", item, i);
        rc = rc < 0 ? rc : 0;
    }
    return rc;
}

static int set_late(void *event)
{
    int rc = bide_sleep(0.7);
    if (rc == 0)
        bide_event_set(event);
    return rc;
}

static int selecting(void *unused)
{
    (void)unused;
    bide_event event = { .set_ = 0 };
    bide_auto(queue) q = bide_queue_new(int, 1);
    BIDE_GROUP(g);
    if (!q)
        return bide_errcode();
    bide_spawn(g, put_three, q);
    bide_spawn(g, set_late, &event);
    int items = 0, times = 0, rc = 0;
    for (int which = 0; which >= 0 && which != 1; ) {
        int item, got = 0;
        which = bide_select(BIDE_ON_GET(q, &item, &got), BIDE_ON_EVENT(&event), BIDE_AFTER(0.2));
        items += which == 0 && got == 1;
        times += which == 2;
        rc = which < 0 ? which : 0;
    }
    if (rc == 0 && (items != 3 || times != 3))
        return bide_group_wait(g) < 0 ? bide_errcode() : WRONG("%d items, %d times", items, times);
    return rc < 0 ? rc : bide_group_wait(g);
}

static int nap(void *unused)
{
    (void)unused;
    return bide_sleep(1);
}

static int waiting(void *unused)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, nap, unused, .handle = &tasks[i]);
    int rc = bide_wait(tasks, 3, BIDE_FIRST_DONE, 5);
    if (rc >= 0)
        rc = bide_wait(tasks, 3, BIDE_ALL_DONE, 5);
    return rc < 0 ? rc : bide_group_wait(g);
}

/* --- channels, promises --- */

static int listen_for_three(void *subscriber)
{
    int item, rc, sum = 0;
    while ((rc = bide_subscriber_get((bide_subscriber *)subscriber, &item)) > 0)
        sum += item;
    return rc == 0 && sum && sum != 6 ? WRONG("heard %d", sum) : rc;
}

static int send_three(bide_broadcast *b)
{
    int rc = 0;
    for (int i = 1; rc == 0 && i <= 3; i++)
        rc = bide_broadcast_send(b, &i);
    bide_broadcast_close(b);
    return rc;
}

static int broadcasting(void *unused)
{
    (void)unused;
    bide_auto(broadcast) b = bide_broadcast_new(int, 2, .slow = BIDE_SLOW_WAIT);
    bide_auto(subscriber) one = b ? bide_broadcast_subscribe(b) : NULL;
    bide_auto(subscriber) two = one ? bide_broadcast_subscribe(b) : NULL;
    if (!two)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn(g, listen_for_three, one);
    bide_spawn(g, listen_for_three, two);
    int rc = send_three(b);
    return rc < 0 ? rc : bide_group_wait(g);
}

static int look_for_two(void *watch)
{
    uint64_t seen = 0;
    int value = 0, rc = 1;
    while (rc > 0 && value != 2)
        rc = bide_watch_changed((bide_watch *)watch, &seen, &value);
    return rc;
}

static int watching(void *unused)
{
    (void)unused;
    int value = 0;
    bide_auto(watch) w = bide_watch_new(int, &value);
    if (!w)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn(g, look_for_two, w);
    bide_spawn(g, look_for_two, w);
    int rc = 0;
    for (value = 1; rc == 0 && value <= 2; value++) {
        rc = bide_watch_set(w, &value);
        rc = rc < 0 ? rc : bide_sleep(0.1);
    }
    return rc < 0 ? rc : bide_group_wait(g);
}

static int keep_promise(void *promise)
{
    int rc = bide_sleep(0.1), value = 42;
    if (rc == 0)
        rc = bide_promise_set((bide_promise *)promise, &value);
    return rc;
}

static int promising(void *unused)
{
    (void)unused;
    int value = 0;
    bide_auto(promise) p = bide_promise_new(int);
    if (!p)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn(g, keep_promise, p);
    int rc = bide_promise_wait(p, &value);
    if (rc == 0 && value != 42)
        return WRONG("the promise is %d", value);
    return rc < 0 ? rc : bide_group_wait(g);
}

/* --- map, retry, generators --- */

static int doubled(void *item)
{
    int rc = bide_sleep(0.1);
    *(int *)item *= 2;
    return rc;
}

static int mapping(void *unused)
{
    (void)unused;
    int items[5] = { 1, 2, 3, 4, 5 };
    int rc = bide_map(doubled, items, 5, .limit = 2);
    if (rc == 0 && (items[0] != 2 || items[4] != 10))
        return WRONG("an item was left out");
    return rc;
}

static int third_time_lucky(void *tries)
{
    int rc = bide_sleep(0.1);
    return rc < 0 ? rc : ++*(int *)tries < 3 ? bide_fail(-EAGAIN, "not yet") : 0;
}

static int retrying(void *unused)
{
    (void)unused;
    int tries = 0;
    return bide_retry(third_time_lucky, &tries, .attempts = 3);
}

static int count_up(bide_generator *g, void *unused)
{
    (void)unused;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 10; i++) {
        rc = bide_sleep(0.1);
        rc = rc < 0 ? rc : bide_generator_yield(g, &i);
    }
    return rc;
}

static int generating(void *unused)
{
    (void)unused;
    bide_auto(generator) g = bide_generator_new(count_up, int, NULL);
    int item, rc = g ? 1 : bide_errcode();
    for (int i = 0; rc > 0 && i < 4; i++) {
        rc = bide_generator_next(g, &item);
        if (rc > 0 && item != i)
            return WRONG("%d instead of %d", item, i);
    }
    return rc;
}

/* --- threads --- */

static int work_elsewhere(void *n)
{
    return ++*(int *)n;
}

static int threading(void *unused)
{
    (void)unused;
    int n = 0;
    int rc = bide_to_thread(work_elsewhere, &n);
    if (rc >= 0 && rc != 1)
        return WRONG("it was done %d times", rc);
    return rc;
}

static int executing(void *unused)
{
    (void)unused;
    int n = 0;
    bide_auto(executor) x = bide_executor_new(1);
    if (!x)
        return bide_errcode();
    int rc = bide_executor_run(x, work_elsewhere, &n);
    int ended = bide_executor_shutdown(x, 5);
    return rc < 0 ? rc : ended;
}

static int across_threads(void *unused)
{
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, 2, .threads = true);
    if (!q)
        return bide_errcode();
    int item, rc = 1, count = 0;
    BIDE_GROUP(g);
    bide_spawn(g, put_three, q);
    for (; rc > 0 && count < 3; count++)
        rc = bide_queue_get(q, &item);
    return rc < 0 ? rc : bide_group_wait(g);
}

SCENARIO(locking)
SCENARIO(meeting)
SCENARIO(visiting)
SCENARIO(doing_once)
SCENARIO(pacing)
SCENARIO(by_priority)
SCENARIO(growing)
SCENARIO(selecting)
SCENARIO(waiting)
SCENARIO(broadcasting)
SCENARIO(watching)
SCENARIO(promising)
SCENARIO(mapping)
SCENARIO(retrying)
SCENARIO(generating)
THREADED_SCENARIO(threading)
THREADED_SCENARIO(executing)
SCENARIO(across_threads)
