/* Alarms: they ring at their time, in order, in nobody's task, and hold nothing up. */
#include "test.h"

#include "core/alarm.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <bide/sync.h>

struct bell { struct alarm alarm; double rung; int count, more; };

static int64_t in(double seconds)
{
    return bide__deadline_ns(bide__loop(), seconds);
}

static void ring(struct alarm *alarm)
{
    struct bell *bell = (struct bell *)(void *)alarm;
    CHECK(!bide__alarm_is_set(alarm));
    bell->rung = bide_now();
    bell->count++;
    if (bell->more-- > 0)
        bide__alarm_set(alarm, in(1));
}

TASK_TEST(an_alarm_rings_at_its_time)
{
    struct bell bell = { .alarm.fn = ring };
    double start = bide_now();
    bide__alarm_set(&bell.alarm, in(2));
    CHECK(bide__alarm_is_set(&bell.alarm));
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bell.count, 0);
    CHECK_EQ(bide_sleep(10), 0);
    CHECK_EQ(bell.count, 1);
    CHECK_NEAR(bell.rung - start, 2, 1e-6);
    CHECK(!bide__alarm_is_set(&bell.alarm));
}

TASK_TEST(alarms_ring_in_the_order_of_their_times_however_they_were_set)
{
    static const double times[] = { 5, 1, 9, 3, 7, 2, 8, 4, 6 };
    struct bell bells[9];
    double start = bide_now();
    for (int i = 0; i < 9; i++) {
        bells[i] = (struct bell){ .alarm.fn = ring };
        bide__alarm_set(&bells[i].alarm, in(times[i]));
    }
    bide__alarm_clear(&bells[0].alarm);
    bide__alarm_clear(&bells[0].alarm);
    bide__alarm_clear(&bells[1].alarm);
    bide__alarm_clear(&bells[2].alarm);
    bide__alarm_set(&bells[3].alarm, in(20));
    CHECK_EQ(bide_sleep(30), 0);
    for (int i = 0; i < 9; i++) {
        CHECK_EQ(bells[i].count, i > 2);
        if (i > 2)
            CHECK_NEAR(bells[i].rung - start, i == 3 ? 20 : times[i], 1e-6);
    }
}

TASK_TEST(an_alarm_may_set_itself_again)
{
    struct bell bell = { .alarm.fn = ring, .more = 3 };
    bide__alarm_set(&bell.alarm, in(1));
    CHECK_EQ(bide_sleep(10), 0);
    CHECK_EQ(bell.count, 4);
}

/* ---- what it does not do ---- */

static struct bell forgotten = { .alarm.fn = ring };

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

static int wait_for_ever(void *unused)
{
    bide_event event = { .set_ = 0 };
    (void)unused;
    bide__alarm_set(&forgotten.alarm, in(5));
    return bide_event_wait(&event);
}

TEST(tasks_are_stuck_whatever_alarms_are_set)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(wait_for_ever, NULL), BIDE_EDEADLK);
    CHECK_EQ(forgotten.count, 0);
}

static int set_and_go(void *unused)
{
    (void)unused;
    bide__alarm_set(&forgotten.alarm, in(1000));
    return 0;
}

TEST(a_loop_ends_without_waiting_for_its_alarms)
{
    CHECK_EQ(bide_run(set_and_go, NULL), 0);
    CHECK(!bide__alarm_is_set(&forgotten.alarm));
    bide__alarm_clear(&forgotten.alarm);
    bide__alarm_set(&forgotten.alarm, 0);
    CHECK(!bide__alarm_is_set(&forgotten.alarm));
}

static int sleep_on_the_real_clock(void *unused)
{
    struct bell bell = { .alarm.fn = ring };
    (void)unused;
    double start = bide_now();
    bide__alarm_set(&bell.alarm, in(0.02));
    int rc = bide_sleep(0.1);
    CHECK_EQ(bell.count, 1);
    CHECK_NEAR(bell.rung - start, 0.02, 0.05);
    return rc;
}

TEST(an_alarm_wakes_a_loop_that_sleeps)
{
    CHECK_EQ(bide_run(sleep_on_the_real_clock, NULL), 0);
}
