/* tests/core/test_deadlock.c -- when every task waits for another, who waits where is told. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static char logged[65536];
static int cancelled, lines;

static void keep_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    lines += level == BIDE_LOG_ERROR;
    strncat(strncat(logged, line, 500), "\n", 2);
}

static void run_into_deadlock(bide_fn *fn)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(fn, NULL, .jumping_clock = true), BIDE_EDEADLK);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK(lines > 0);
}

static int waits(void *event)
{
    int rc = bide_event_wait(event);
    cancelled += rc == BIDE_ECANCELED;
    return rc;
}

static int waits_for_an_event(void *unused)
{
    (void)unused;
    bide_event event = { .set_ = 0 };
    return waits(&event);
}

TEST(a_task_that_waits_for_nobody_is_a_deadlock)
{
    run_into_deadlock(waits_for_an_event);
    CHECK_EQ(cancelled, 1);
    CHECK_HAS(logged, "'main'");
    CHECK_HAS(logged, "an event");
}

static bide_queue *queue;
static bide_semaphore semaphore;

static int gets(void *item)
{
    return bide_queue_get(queue, (int *)item);
}

static int acquires(void *unused)
{
    (void)unused;
    bide_auto(permit) permit = bide_semaphore_acquire(&semaphore);
    return permit ? 0 : bide_errcode();
}

static int joins(void *task)
{
    return bide_join(task);
}

static int many_wait(void *unused)
{
    int item;
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 1);
    bide_auto(permit) permit = bide_semaphore_acquire(&semaphore);
    BIDE_GROUP(outer);
    bide_spawn(outer, joins, bide_task_current(), .name = "joiner");
    BIDE_GROUP(g);
    bide_spawn(g, gets, &item, .name = "getter");
    bide_spawn(g, acquires, NULL, .name = "acquirer");
    bide_spawn(NULL, waits, &(bide_event){ .set_ = 0 }, .name = "background");
    bide_group *object = bide_group_open("object", NULL, NULL);
    bide_spawn(object, gets, &item, .name = "heartbeat");
    int rc = bide_group_wait(g);
    CHECK_EQ(rc, BIDE_ECANCELED);
    return rc;
}

TEST(the_report_names_every_task_and_where_it_waits)
{
    static const char *const names[] = { "main", "joiner", "getter", "acquirer", "background",
                                         "heartbeat", "test_deadlock.c:", "a semaphore",
                                         "queue", "its group's tasks", "a task to end" };
    run_into_deadlock(many_wait);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_HAS(logged, names[i]);
}

static int a_thousand_wait(void *unused)
{
    (void)unused;
    bide_event event = { .set_ = 0 };
    BIDE_GROUP(g);
    for (int i = 0; i < 1000; i++)
        bide_spawn(g, waits, &event);
    return bide_group_wait(g);
}

TEST(of_a_thousand_tasks_the_report_names_a_hundred_and_counts_the_others)
{
    run_into_deadlock(a_thousand_wait);
    CHECK_EQ(lines, 1 + 100 + 1);
    CHECK_HAS(logged, "'main'");
    CHECK_HAS(logged, "  and 901 more tasks\n");
}

static int waits_with_a_timeout(void *unused)
{
    return bide_timeout(5, waits_for_an_event, unused);
}

TEST(a_deadline_far_away_is_no_deadlock)
{
    CHECK_EQ(bide_run(waits_with_a_timeout, NULL, .jumping_clock = true), BIDE_ETIMEDOUT);
    CHECK_EQ(lines, 0);
}

static int cleans_up_after(void *unused)
{
    int rc = waits_for_an_event(unused);
    BIDE_SHIELD(s, 1);
    CHECK_EQ(bide_sleep(0.010), 0);
    cancelled++;
    return rc;
}

TEST(clean_up_runs_after_a_deadlock)
{
    run_into_deadlock(cleans_up_after);
    CHECK_EQ(cancelled, 2);
}

static int recovers(void *unused)
{
    (void)waits_for_an_event(unused);
    return 0;
}

TEST(swallowing_it_does_not_hide_a_deadlock)
{
    run_into_deadlock(recovers);
}

TEST(a_loop_can_be_run_after_a_deadlock)
{
    run_into_deadlock(recovers);
    CHECK_EQ(bide_run(waits_with_a_timeout, NULL, .jumping_clock = true), BIDE_ETIMEDOUT);
}

TEST(on_the_real_clock_it_is_found_too)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(waits_for_an_event, NULL), BIDE_EDEADLK);
    CHECK_EQ(bide_run(waits_for_an_event, NULL, .poller = "poll"), BIDE_EDEADLK);
}
