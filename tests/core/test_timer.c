/* tests/core/test_timer.c -- sleeping: never early, in the order of deadlines. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

struct sleep { double seconds, due; int number; };

static int woken, last_number;
static double last_due;
static uint64_t state = 12345;

static unsigned draw(unsigned limit)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(state >> 33) % limit;
}

/* Deadlines come in order; equal ones in the order in which they were asked for. */
static int sleeps(void *arg)
{
    struct sleep *s = arg;
    s->due = bide_now() + s->seconds;
    CHECK_EQ(bide_sleep(s->seconds), 0);
    double now = bide_now();
    CHECK(now >= s->due - 1e-9);
    CHECK_NEAR(now, s->due, 2e-9);
    CHECK(now > last_due || (now >= last_due && s->number > last_number));
    last_due = now;
    last_number = s->number;
    woken++;
    return 0;
}

TASK_TEST(a_hundred_thousand_sleeps_end_in_order)
{
    enum { MANY = 100000 };
    int count = test_is_slow() ? 3000 : MANY;
    struct sleep *all = calloc(MANY, sizeof *all);
    CHECK(all);
    BIDE_GROUP(g);
    for (int i = 0; i < count; i++) {
        all[i] = (struct sleep){ .seconds = (draw(1000) + 1) / 1000.0, .number = i };
        bide_spawn(g, sleeps, &all[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(woken, count);
    CHECK_NEAR(last_due, 1.0, 0.001);
    free(all);
}

/* The same with deadlines taken out at random places of the heap. */
static int sleeps_unless_late(void *arg)
{
    struct sleep *s = arg;
    BIDE_TIMEOUT(t, s->due);
    int rc = bide_sleep(s->seconds);
    CHECK_EQ(rc, s->due > s->seconds ? 0 : BIDE_ECANCELED);
    woken++;
    return bide_scope_result(t, rc) == BIDE_ETIMEDOUT ? 0 : rc;
}

TASK_TEST(sleeps_and_deadlines_mix)
{
    static struct sleep all[5000];
    BIDE_GROUP(g);
    for (int i = 0; i < 5000; i++) {
        all[i] = (struct sleep){ .seconds = draw(997) / 1000.0 + 0.0005,
                                 .due = (draw(997) + 1) / 1000.0 };
        bide_spawn(g, sleeps_unless_late, &all[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(woken, 5000);
    CHECK(bide_now() < 1.0);
}

TASK_TEST(the_jumping_clock_moves_only_when_all_wait)
{
    double start = bide_now();
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_yield(), 0);
    CHECK(bide_now() == start);
    CHECK_EQ(bide_sleep(3600), 0);
    CHECK_NEAR(bide_now() - start, 3600, 1e-6);
}

TASK_TEST(no_time_and_less_is_a_yield)
{
    double start = bide_now();
    CHECK_EQ(bide_sleep(0), 0);
    CHECK_EQ(bide_sleep(-5), 0);
    CHECK_EQ(bide_sleep(-INFINITY), 0);
    CHECK(bide_now() == start);
}

TASK_TEST(not_a_number_is_refused)
{
    CHECK_EQ(bide_sleep(NAN), BIDE_EINVAL);
    BIDE_TIMEOUT(t, 1);
    bide_scope_extend(t, NAN);
    CHECK_NEAR(bide_time_left(), 1, 1e-9);
}

TASK_TEST(a_timeout_of_not_a_number_does_not_last_for_ever)
{
    BIDE_TIMEOUT(t, NAN);
    CHECK(bide_scope_expired(t));
}

static int sleeps_for_ever(void *seconds)
{
    return bide_sleep(*(double *)seconds);
}

TASK_TEST(huge_times_saturate)
{
    double huge[] = { BIDE_FOREVER, 1e300, 1e18 };
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_timeout(0.010, sleeps_for_ever, &huge[i]), BIDE_ETIMEDOUT);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_timeout(huge[i], sleeps_for_ever, &(double){ 0.001 }), 0);
}

TASK_TEST(a_fraction_of_a_nanosecond_still_lets_time_pass)
{
    double start = bide_now();
    CHECK_EQ(bide_sleep(1e-12), 0);
    CHECK(bide_now() > start);
}

/* On the real clock: short, and only what must hold on a loaded machine. */
static int really_sleeps(void *arg)
{
    struct sleep *s = arg;
    double start = bide_now();
    CHECK_EQ(bide_sleep(s->seconds), 0);
    CHECK(bide_now() - start >= s->seconds - 1e-9);
    woken++;
    return 0;
}

static int sleeps_on_the_real_clock(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < 200; i++)
        bide_spawn_with(g, really_sleeps, struct sleep, .seconds = draw(2000) / 1e6);
    return bide_group_wait(g);
}

TEST(no_real_sleep_ends_early)
{
    CHECK_EQ(bide_run(sleeps_on_the_real_clock, NULL), 0);
    CHECK_EQ(woken, 200);
}

static int yields_until(void *done)
{
    while (!*(bool *)done)
        CHECK_EQ(bide_yield(), 0);
    return 0;
}

static int sleeps_beside_a_yielder(void *unused)
{
    (void)unused;
    bool done = false;
    BIDE_GROUP(g);
    bide_spawn(g, yields_until, &done);
    double start = bide_now();
    CHECK_EQ(bide_sleep(0.005), 0);
    CHECK(bide_now() - start < (test_is_slow() ? 5 : 0.2));
    done = true;
    return bide_group_wait(g);
}

TEST(a_sleeper_wakes_beside_a_task_that_only_yields)
{
    CHECK_EQ(bide_run(sleeps_beside_a_yielder, NULL), 0);
}

TEST(the_clock_runs_outside_a_loop)
{
    double start = bide_now();
    CHECK(start > 0);
    CHECK(bide_now() >= start);
}

/* Many who are due at once: whoever else is ready has his turn between them. */

static int awake, awake_max;

static int wakes(void *unused)
{
    (void)unused;
    int rc = bide_sleep(1);
    awake++;
    return rc;
}

static int counts_who_woke(void *unused)
{
    (void)unused;
    int rc = bide_sleep(1);
    while (rc == 0) {
        int before = awake;
        rc = bide_yield();
        awake_max = awake - before > awake_max ? awake - before : awake_max;
    }
    return rc;
}

TASK_TEST(ten_thousand_who_are_due_at_once_let_others_in_between)
{
    BIDE_GROUP(counter);
    bide_spawn(counter, counts_who_woke, NULL);
    BIDE_GROUP(g);
    for (int i = 0; i < 10000; i++)
        bide_spawn(g, wakes, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(awake, 10000);
    CHECK(awake_max > 0);
    CHECK(awake_max <= 128);
    bide_group_cancel(counter);
    CHECK_EQ(bide_group_wait(counter), 0);
}
