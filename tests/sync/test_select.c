/* select: the first case that can take place does, alone; the others leave no trace. */
#include "test.h"
#include <bide.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bide_queue *jobs, *results;
static bide_event stop;

static void open_queues(void)
{
    jobs = bide_queue_new(int, 2);
    results = bide_queue_new(int, 1);
    stop = (bide_event){ .set_ = 0 };
}
static void close_queues(void)
{
    bide_queue_free(jobs);
    bide_queue_free(results);
}

TASK_TEST(select_takes_the_first_in_the_order_written_of_those_that_can)
{
    open_queues();
    int job = 0, rc = -1, late = -1;
    bide_event_set(&stop);
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 7 }), 0);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(jobs, &job, &rc)), 0);
    CHECK_EQ(bide_queue_size(jobs), 1);
    CHECK_EQ(bide_select(BIDE_ON_GET(jobs, &job, &rc), BIDE_ON_EVENT(&stop)), 0);
    CHECK_EQ(job, 7);
    CHECK_EQ(rc, 1);
    CHECK_EQ(bide_select(BIDE_ON_GET(jobs, &job, &late), BIDE_READY), 1);
    CHECK_EQ(late, -1);
    close_queues();
}

static int put_after(void *arg)
{
    int rc = bide_sleep(*(double *)arg);
    return rc < 0 ? rc : bide_queue_put(jobs, &(int){ 42 });
}

TASK_TEST(an_item_that_comes_later_is_handed_to_who_selects)
{
    open_queues();
    int job = 0, rc = -1;
    double delay = 3;
    BIDE_GROUP(g);
    bide_spawn(g, put_after, &delay);
    double before = bide_now();
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(jobs, &job, &rc), BIDE_AFTER(30)), 1);
    CHECK_NEAR(bide_now() - before, 3, 1e-6);
    CHECK_EQ(job, 42);
    CHECK_EQ(rc, 1);
    CHECK_EQ(bide_group_wait(g), 0);
    close_queues();
}

TASK_TEST(time_passes_where_nothing_comes_and_every_line_is_left)
{
    open_queues();
    int job = 0, rc = -1;
    double before = bide_now();
    CHECK_EQ(bide_select(BIDE_ON_GET(jobs, &job, &rc), BIDE_ON_EVENT(&stop), BIDE_AFTER(5)), 2);
    CHECK_NEAR(bide_now() - before, 5, 1e-6);
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 1 }), 0);
    CHECK_EQ(bide_queue_size(jobs), 1);                 /* nobody stood in line for it */
    bide_event_set(&stop);
    CHECK_EQ(rc, -1);
    close_queues();
}

TASK_TEST(a_put_is_taken_from_who_selects_when_there_is_room)
{
    open_queues();
    int rc = -1, got = 0;
    CHECK_EQ(bide_queue_put_nowait(results, &(int){ 1 }), 0);
    CHECK_EQ(bide_select(BIDE_ON_PUT(results, &(int){ 2 }, &rc), BIDE_AFTER(1)), 1);
    CHECK_EQ(bide_queue_get_nowait(results, &got), 1);
    CHECK_EQ(bide_select(BIDE_ON_PUT(results, &(int){ 2 }, &rc), BIDE_AFTER(1)), 0);
    CHECK_EQ(rc, 0);
    CHECK_EQ(bide_queue_get_nowait(results, &got), 1);
    CHECK_EQ(got, 2);
    close_queues();
}

static int select_both(void *arg)
{
    int *which = arg, item, rc;
    *which = bide_select(BIDE_ON_GET(jobs, &item, &rc), BIDE_ON_GET(results, &item, &rc));
    return *which;
}

TASK_TEST(two_givers_at_once_find_one_taker)
{
    open_queues();
    int which = -1;
    BIDE_GROUP(g);
    bide_spawn(g, select_both, &which);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_queue_put_nowait(results, &(int){ 1 }), 0);
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 2 }), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(which, 1);
    CHECK_EQ(bide_queue_size(jobs), 1);
    CHECK_EQ(bide_queue_size(results), 0);
    close_queues();
}

static int get_into(void *arg) { return bide_queue_get(jobs, (int *)arg) < 0 ? -1 : 0; }

TASK_TEST(who_selects_stands_in_line_like_everybody)
{
    open_queues();
    int which = -1, before = 0, after = 0;
    BIDE_GROUP(g);
    bide_spawn(g, get_into, &before);
    bide_spawn(g, select_both, &which);
    bide_spawn(g, get_into, &after);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 1; i <= 3; i++)
        CHECK_EQ(bide_queue_put_nowait(jobs, &i), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(before, 1);
    CHECK_EQ(which, 0);
    CHECK_EQ(after, 3);
    close_queues();
}

TASK_TEST(cancelled_before_it_takes_nothing)
{
    open_queues();
    int job = 0, rc = -1;
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 7 }), 0);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_select(BIDE_ON_GET(jobs, &job, &rc), BIDE_READY), BIDE_ECANCELED);
    CHECK_EQ(bide_queue_size(jobs), 1);
    close_queues();
}

TASK_TEST(cancelled_while_it_waits_it_leaves_every_line)
{
    open_queues();
    int which = -1;
    bide_task *t;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, select_both, &which, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t);
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 7 }), 0);
    CHECK_EQ(bide_queue_put_nowait(results, &(int){ 8 }), 0);
    bide_ignore(bide_group_wait(g));
    CHECK_EQ(which, BIDE_ECANCELED);
    CHECK_EQ(bide_queue_size(jobs), 1);
    CHECK_EQ(bide_queue_size(results), 1);
    close_queues();
}

TASK_TEST(what_was_handed_over_before_the_cancelling_is_kept)
{
    open_queues();
    int which = -1;
    bide_task *t;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, select_both, &which, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_queue_put_nowait(jobs, &(int){ 7 }), 0);
    bide_cancel(t);
    bide_ignore(bide_group_wait(g));
    CHECK_EQ(which, 0);
    CHECK_EQ(bide_queue_size(jobs), 0);
    close_queues();
}

static int close_jobs(void *unused)
{
    (void)unused;
    bide_queue_close(jobs);
    return 0;
}

TASK_TEST(a_queue_that_is_closed_meanwhile_ends_its_case)
{
    open_queues();
    int job = 0, rc = -1, put = -1;
    BIDE_GROUP(g);
    bide_spawn(g, close_jobs, NULL);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(jobs, &job, &rc)), 1);
    CHECK_EQ(rc, 0);
    CHECK_EQ(bide_select(BIDE_ON_PUT(jobs, &(int){ 1 }, &put)), 0);
    CHECK_EQ(put, BIDE_ECLOSED);
    CHECK_HAS(bide_errmsg(), "closed");
    CHECK_EQ(bide_group_wait(g), 0);
    close_queues();
}

static int sleep_for(void *arg) { return bide_sleep(*(double *)arg); }

TASK_TEST(tasks_are_told_apart_by_who_ends_first)
{
    double slow = 2, quick = 1;
    bide_task *a, *b;
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &slow, .handle = &a);
    bide_spawn(g, sleep_for, &quick, .handle = &b);
    CHECK_EQ(bide_select(BIDE_ON_TASK(a), BIDE_ON_TASK(b)), 1);
    CHECK_EQ(bide_select(BIDE_ON_TASK(a), BIDE_AFTER(0.5)), 1);
    CHECK_EQ(bide_select(BIDE_AFTER(5), BIDE_ON_TASK(a)), 1);
    CHECK_EQ(bide_select(BIDE_ON_TASK(a), BIDE_ON_TASK(b)), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_descriptor_is_a_case)
{
    int ends[2], rc = 0;
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(bide_select(BIDE_ON_FD(ends[0], POLLIN, &rc), BIDE_AFTER(1)), 1);
    CHECK_EQ(bide_select(BIDE_ON_FD(ends[0], POLLIN, &rc), BIDE_ON_FD(ends[1], POLLOUT, &rc)), 1);
    CHECK_EQ(rc, POLLOUT);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(bide_select(BIDE_ON_FD(ends[0], POLLIN, &rc), BIDE_AFTER(1)), 0);
    CHECK_EQ(rc, POLLIN);
    bide_fd_forget(ends[0]);
    bide_fd_forget(ends[1]);
    close(ends[0]);
    close(ends[1]);
}

static int write_later(void *arg)
{
    int rc = bide_sleep(1);
    return rc < 0 ? rc : write(*(int *)arg, "x", 1) == 1 ? 0 : -1;
}

TASK_TEST(a_descriptor_that_becomes_ready_ends_the_wait)
{
    int ends[2], rc = 0;
    CHECK_EQ(pipe(ends), 0);
    BIDE_GROUP(g);
    bide_spawn(g, write_later, &ends[1]);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_FD(ends[0], POLLIN, &rc)), 1);
    CHECK_EQ(rc, POLLIN);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_fd_forget(ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static int release_later(void *arg)
{
    bide_permit **p = arg;
    int rc = bide_sleep(1);
    bide_permit_release(*p);
    return rc;
}

TASK_TEST(a_permit_and_a_lock_are_cases)
{
    bide_semaphore s = BIDE_SEMAPHORE(1);
    bide_lock l = { .owner_ = NULL };
    bide_permit *got = NULL, *locked = NULL;
    bide_permit *held = bide_semaphore_acquire(&s);
    BIDE_GROUP(g);
    bide_spawn(g, release_later, &held);
    CHECK_EQ(bide_select(BIDE_ON_PERMIT(&s, &got), BIDE_AFTER(0.5)), 1);
    CHECK(got == NULL);
    CHECK_EQ(bide_select(BIDE_ON_PERMIT(&s, &got), BIDE_AFTER(5)), 0);
    CHECK(got != NULL);
    CHECK_EQ(bide_semaphore_free(&s), 0);
    CHECK_EQ(bide_permit_release(got), 0);
    CHECK_EQ(bide_select(BIDE_ON_LOCK(&l, &locked), BIDE_READY), 0);
    CHECK_EQ(bide_permit_release(locked), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(channels_and_promises_are_cases)
{
    bide_auto(broadcast) b = bide_broadcast_new(int, 4);
    bide_auto(subscriber) sub = bide_broadcast_subscribe(b);
    bide_auto(watch) w = bide_watch_new(int, &(int){ 1 });
    bide_promise *p = bide_promise_new(int);
    uint64_t seen = 0;
    int item = 0, rc = -1, value = 0;
    CHECK_EQ(bide_select(BIDE_ON_WATCH(w, &seen, &rc), BIDE_READY), 0);
    CHECK_EQ(bide_select(BIDE_ON_SUBSCRIBER(sub, &item, &rc), BIDE_ON_WATCH(w, &seen, &rc),
                         BIDE_ON_PROMISE(p, &value, &rc), BIDE_READY), 3);
    CHECK_EQ(bide_promise_set(p, &(int){ 9 }), 0);
    CHECK_EQ(bide_select(BIDE_ON_PROMISE(p, &value, &rc), BIDE_AFTER(1)), 0);
    CHECK_EQ(rc, 0);
    CHECK_EQ(value, 9);
    CHECK_EQ(bide_broadcast_send(b, &(int){ 5 }), 0);
    CHECK_EQ(bide_select(BIDE_ON_SUBSCRIBER(sub, &item, &rc), BIDE_AFTER(1)), 0);
    CHECK_EQ(item, 5);
    bide_promise_drop(p);
}


/* What is selected from for ever, until it is freed. */
struct source { bide_queue *q; bide_subscriber *s; bide_watch *w; bide_promise *p; int got, rc; };

static int selects_for_ever(void *arg)
{
    struct source *from = arg;
    int item, at = 0;
    uint64_t seen = 0;
    from->rc = 1;
    while (from->rc > 0 && at >= 0) {
        if (from->q)
            at = bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(from->q, &item, &from->rc));
        else if (from->s)
            at = bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_SUBSCRIBER(from->s, &item, &from->rc));
        else if (from->w)
            at = bide_select(BIDE_ON_WATCH(from->w, &seen, &from->rc));
        else if ((at = bide_select(BIDE_ON_PROMISE(from->p, &item, &from->rc))) >= 0)
            from->rc += from->rc == 0;
        seen = 0;
        from->got++;
    }
    return at < 0 ? at : 0;
}

/* A select that could succeed at once yields now and then all the same. */
static void check_yielding(struct source *from, void (*end)(struct source *from))
{
    struct source two[2] = { *from, *from };
    BIDE_GROUP(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, selects_for_ever, &two[i]);
    CHECK_EQ(bide_yield(), 0);
    end(from);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(two[i].rc, BIDE_ECLOSED);
        CHECK(two[i].got > 0 && two[i].got < 1000);
    }
}

static void free_queue(struct source *from) { bide_queue_free(from->q); }
static void close_subscriber(struct source *from) { bide_subscriber_close(from->s); }
static void free_watch(struct source *from) { bide_watch_free(from->w); }
static void drop_promise(struct source *from) { bide_promise_drop(from->p); }

TASK_TEST(what_is_freed_while_a_select_yields_on_its_way_in_ends_its_case)
{
    for (int threads = 0; threads < 2; threads++) {
        struct source from = { .q = bide_queue_new(int, 1000, .threads = threads) };
        for (int i = 0; i < 1000; i++)
            CHECK_EQ(bide_queue_put_nowait(from.q, &i), 0);
        check_yielding(&from, free_queue);
    }
    bide_auto(broadcast) b = bide_broadcast_new(int, 1000);
    struct source news = { .s = bide_broadcast_subscribe(b) };
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_broadcast_send_nowait(b, &i), 0);
    check_yielding(&news, close_subscriber);
    struct source value = { .w = bide_watch_new(int, (&(int){ 1 })) };
    check_yielding(&value, free_watch);
}

/* Two tasks that use up their budget, and then select from what is dropped meanwhile. */
static int selects_a_promise(void *arg)
{
    struct source *from = arg;
    int value;
    bide_event set = { .set_ = 1 };
    for (int i = 0; i < 127; i++)
        CHECK_EQ(bide_event_wait(&set), 0);
    CHECK_EQ(bide_select(BIDE_ON_PROMISE(from->p, &value, &from->rc)), 0);
    return 0;
}

TASK_TEST(a_promise_that_is_dropped_while_a_select_yields_on_its_way_in_fails)
{
    struct source from = { .p = bide_promise_new(int) };
    BIDE_GROUP(g);
    bide_spawn(g, selects_a_promise, &from);
    CHECK_EQ(bide_yield(), 0);
    drop_promise(&from);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(from.rc, BIDE_ECLOSED);
}

TASK_TEST(misuse_is_told_with_the_case)
{
    open_queues();
    int job, rc;
    char small;
    CHECK_EQ(bide_select(BIDE_AFTER(1), BIDE_ON_GET(jobs, &small, &rc)), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "select: case 1: queue");
    CHECK_EQ(bide_select(BIDE_AFTER((double)NAN)), BIDE_EINVAL);
    CHECK_EQ(bide_select(BIDE_ON_TASK(bide_task_current())), BIDE_EDEADLK);
    CHECK_EQ(bide_select(BIDE_ON_FD(0, 0, &rc)), BIDE_EINVAL);
    CHECK_EQ(bide_select_cases(NULL, 0), BIDE_EINVAL);
    struct bide_case cases[65];
    memset(cases, 0, sizeof cases);
    CHECK_EQ(bide_select_cases(cases, 65), BIDE_EINVAL);
    cases[0].kind_ = 99;
    CHECK_EQ(bide_select_cases(cases, 1), BIDE_EINVAL);
    CHECK_EQ(bide_select(BIDE_ON_GET(jobs, &job, &rc), BIDE_AFTER(-1)), 1);
    close_queues();
}

TEST(select_outside_of_a_task_is_refused)
{
    CHECK_EQ(bide_select(BIDE_READY), BIDE_EPERM);
}

static int turn_by_turn(void *arg)
{
    int *got = arg, item, rc;
    for (int which; (which = bide_select(BIDE_ON_EVENT(&stop), BIDE_ON_GET(jobs, &item, &rc),
                                         BIDE_ON_GET(results, &item, &rc))) > 0 && rc == 1; )
        got[item]++;
    return 0;
}

static int feed(void *arg)
{
    bide_queue *q = *(bide_queue **)arg;
    int first = q == jobs ? 0 : 100;
    for (int i = first; i < first + 100; i++) {
        int rc = bide_queue_put(q, &i);
        if (rc < 0 || (rc = i % 3 ? 0 : bide_yield()) < 0)
            return rc;
    }
    return 0;
}

static int feed_and_take(void *unused)
{
    (void)unused;
    int got[200] = { 0 };
    open_queues();
    {
        BIDE_GROUP(takers);
        for (int i = 0; i < 3; i++)
            bide_spawn(takers, turn_by_turn, got);
        BIDE_GROUP(givers);
        bide_spawn(givers, feed, &jobs);
        bide_spawn(givers, feed, &results);
        CHECK_EQ(bide_group_wait(givers), 0);
        while (bide_queue_size(jobs) || bide_queue_size(results))
            CHECK_EQ(bide_yield(), 0);
        bide_event_set(&stop);
        CHECK_EQ(bide_group_wait(takers), 0);
    }
    for (int i = 0; i < 200; i++)
        CHECK_EQ(got[i], 1);
    close_queues();
    return 0;
}

TEST(no_item_is_lost_or_doubled_in_any_order_of_ready_tasks)
{
    for (uint64_t seed = 0; seed < 50; seed++)
        CHECK_EQ(bide_run(feed_and_take, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}
