/* The watchdog: who keeps all others waiting is named, with what it does; nobody else is. */
#include "test.h"
#include <bide.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_int reports;
static char last[400];

static void hear(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    if (atomic_load(&reports) == 0)
        snprintf(last, sizeof last, "%s", text);
    atomic_fetch_add(&reports, 1);
}

static void wait_for_report(void)
{
    for (int i = 0; i < 5000 && !atomic_load(&reports); i++)
        usleep(1000);
}

static int block(void *unused)
{
    (void)unused;
    usleep(300000);
    wait_for_report();
    return 0;
}

TEST(a_task_that_blocks_is_named_with_the_call_and_what_to_use_instead)
{
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(block, NULL, .slow_step = 0.02), 0);
    CHECK(atomic_load(&reports) >= 1);
    CHECK_HAS(last, "task 'main'");
    CHECK_HAS(last, "has kept all others waiting for 0.");
    if (!test_is_slow())
        CHECK_HAS(last, "sleep; use bide_sleep()");
}

static int compute(void *unused)
{
    (void)unused;
    while (!atomic_load(&reports))
        ;
    return 0;
}

static int spawn_computer(void *unused)
{
    BIDE_GROUP(g);
    bide_spawn(g, compute, unused);
    return bide_group_wait(g);
}

TEST(a_task_that_computes_is_named_with_where_it_was_spawned)
{
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(spawn_computer, NULL, .slow_step = 0.02), 0);
    CHECK_HAS(last, "task 'compute' (spawned at ");
    CHECK_HAS(last, "test_watchdog.c:");
    CHECK_HAS(last, "use bide_to_thread()");
}

static int wait_in_good_manner(void *unused)
{
    (void)unused;
    return bide_sleep(1.2);
}

TEST(who_waits_by_the_library_is_not_named)
{
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(wait_in_good_manner, NULL, .slow_step = 1), 0);
    CHECK_EQ(atomic_load(&reports), 0);
}

static int yield_for_long(void *unused)
{
    (void)unused;
    double end = bide_now() + 1.2;
    while (bide_now() < end)
        if (bide_yield() < 0)
            return bide_errcode();
    return 0;
}

TEST(a_loop_that_is_busy_with_short_steps_is_not_reported)
{
    if (test_is_slow())
        return;
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(yield_for_long, NULL, .slow_step = 1), 0);
    CHECK_EQ(atomic_load(&reports), 0);
}

TEST(nobody_watches_unless_asked_to)
{
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(wait_in_good_manner, NULL, .jumping_clock = true), 0);
    CHECK_EQ(bide_run(wait_in_good_manner, NULL, .jumping_clock = true, .debug = true,
                      .slow_step = BIDE_FOREVER), 0);
    CHECK_EQ(atomic_load(&reports), 0);
}

TEST(with_debug_the_watchdog_is_on)
{
    bide_log_to(hear, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(compute, NULL, .debug = true), 0);
    CHECK(atomic_load(&reports) >= 1);
}
