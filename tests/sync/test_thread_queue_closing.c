/* tests/sync/test_thread_queue_closing.c -- queues between threads, closed and freed while others
 * wait. */
#include "threads.h"

#include <bide/group.h>
#include <bide/queue.h>
#include <bide/task.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

static bide_queue *queue;
static char order[64];
static atomic_int dropped;

static void count_drop(void *item)
{
    (void)item;
    atomic_fetch_add(&dropped, 1);
}

static int joins(void *unused)
{
    int rc = bide_queue_join(queue);
    (void)unused;
    strcat(order, rc == 0 ? "joined " : rc == BIDE_ECLOSED ? "unjoined " : "? ");
    return 0;
}

struct ended { bool puts; int rc; char text[60]; };

static int waits_for_the_end(void *arg)
{
    struct ended *e = arg;
    int item = 0;
    e->rc = e->puts ? bide_queue_put(queue, &item) : bide_queue_get(queue, &item);
    if (e->rc < 0)
        strcpy(e->text, bide_errmsg());
    return 0;
}

static atomic_int waiting;

static int counts_waiting(void *unused)
{
    (void)unused;
    atomic_fetch_add(&waiting, 1);
    return 0;
}

static int waits_among_others(void *arg)
{
    BIDE_GROUP(g);
    bide_spawn(g, waits_for_the_end, arg);
    bide_spawn(g, counts_waiting, NULL);        /* runs once the other waits */
    return bide_group_wait(g);
}

/* Until two loops' tasks wait. */
static void await_waiters(void)
{
    while (atomic_load(&waiting) < 2)
        sched_yield();
    atomic_store(&waiting, 0);
}

static void *thread_waits_for_the_end(void *arg)
{
    waits_for_the_end(arg);
    return NULL;
}

/* Two loops and a thread wait; then it is ended by `way`. */
static void end_while_waited_on(bool puts, int way, int rc)
{
    struct elsewhere loops[2];
    struct ended ended[3] = { { .puts = puts }, { .puts = puts }, { .puts = puts } };
    int item = 1;
    queue = bide_queue_new(int, 1, .threads = true, .drop = count_drop);
    if (puts)
        CHECK_EQ(bide_queue_put(queue, &item), 0);
    for (int i = 0; i < 2; i++)
        begin(&loops[i], waits_among_others, &ended[i]);
    pthread_t thread = start(thread_waits_for_the_end, &ended[2]);      /* or comes too late */
    await_waiters();
    if (way == 0)
        bide_queue_close(queue);
    else if (way == 1)
        bide_queue_close_now(queue);
    else
        bide_queue_free(queue);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(end(&loops[i]), 0);
    pthread_join(thread, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(ended[i].rc, rc);
        if (rc < 0)
            CHECK_STR(ended[i].text, "the queue is closed");
    }
    if (way != 2)
        bide_queue_free(queue);
    CHECK_EQ(dropped, puts);
    dropped = 0;
}

TEST(closed_while_others_wait_in_their_loops)
{
    end_while_waited_on(false, 0, 0);
    end_while_waited_on(true, 0, BIDE_ECLOSED);
}

TEST(closed_at_once_while_others_wait_in_their_loops)
{
    end_while_waited_on(false, 1, 0);
    end_while_waited_on(true, 1, BIDE_ECLOSED);
}

TEST(freed_while_others_wait_in_their_loops)
{
    for (int puts = 0; puts < 2; puts++) {
        struct elsewhere loops[2];
        struct ended ended[2] = { { .puts = puts }, { .puts = puts } };
        int item = 1;
        queue = bide_queue_new(int, 1, .threads = true, .drop = count_drop);
        if (puts)
            CHECK_EQ(bide_queue_put(queue, &item), 0);
        for (int i = 0; i < 2; i++)
            begin(&loops[i], waits_among_others, &ended[i]);
        await_waiters();
        bide_queue_free(queue);
        for (int i = 0; i < 2; i++) {
            CHECK_EQ(end(&loops[i]), 0);
            CHECK_EQ(ended[i].rc, BIDE_ECLOSED);
            CHECK_STR(ended[i].text, "the queue is closed");
        }
    }
    CHECK_EQ(dropped, 1);
}

TASK_TEST(freeing_ends_who_joins)
{
    int item = 1;
    queue = bide_queue_new(int, 1, .threads = true, .drop = count_drop);
    BIDE_GROUP(g);
    CHECK_EQ(bide_queue_put(queue, &item), 0);
    CHECK_EQ(bide_queue_get(queue, &item), 1);
    bide_spawn(g, joins, NULL);
    CHECK_EQ(bide_yield(), 0);
    bide_queue_free(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "unjoined ");
}

static int gets_for_ever(void *count)
{
    int item, rc;
    while ((rc = bide_queue_get(queue, &item)) == 1)
        ++*(int *)count;
    return rc == BIDE_ECLOSED ? 0 : rc;
}

TASK_TEST(freeing_ends_who_yields_on_the_way_in)
{
    int count = 0;
    queue = bide_queue_new(int, 1000, .threads = true, .drop = count_drop);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_queue_put_nowait(queue, &i), 0);
    BIDE_GROUP(g);
    bide_spawn(g, gets_for_ever, &count);
    CHECK_EQ(bide_yield(), 0);
    bide_queue_free(queue);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(count > 0 && count < 1000);
    CHECK_EQ(dropped, 1000 - count);
}

TASK_TEST(closed_it_is_drained_and_closed_at_once_it_is_not)
{
    int item = 1;
    bide_auto(queue) q = bide_queue_new(int, 3, .threads = true, .drop = count_drop);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_queue_put(q, &item), 0);
    bide_queue_close(q);
    bide_queue_close(q);
    CHECK_EQ(bide_queue_put(q, &item), BIDE_ECLOSED);
    CHECK_EQ(bide_queue_put_nowait(q, &item), BIDE_ECLOSED);
    CHECK_EQ(bide_queue_get(q, &item), 1);
    CHECK_EQ(bide_queue_done(q), 0);
    bide_queue_close_now(q);
    CHECK_EQ(dropped, 2);
    CHECK_EQ(bide_queue_get(q, &item), 0);
    CHECK_EQ(bide_queue_get_nowait(q, &item), 0);
    CHECK_EQ(bide_queue_join(q), 0);
}
