/* tests/stack/test_signals.c -- signal handlers run on tasks' stacks, at any instruction, also
 * amid a switch; tasks and handlers do not harm each other. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

enum { TASKS = 1000 };

static volatile sig_atomic_t came;
static volatile double from_handler;

/* Writes below the stack pointer, uses the floating-point registers, spoils errno. */
static void on_alarm(int number)
{
    volatile char frame[2000];
    int held = errno;
    memset((char *)(uintptr_t)frame, number, sizeof frame);
    from_handler = sqrt((double)came + frame[77]);
    came++;
    errno = EBADMSG;
    errno = held;
}

static bool is_over;

/* Numbers and floating-point values that live across switches, and a sum over a buffer. */
static int computes(void *id_)
{
    unsigned char bytes[256];
    uint64_t id = (uintptr_t)id_, sum = 0, rounds = 0;
    double x = (double)id;
    memset(bytes, (int)(id & 255), sizeof bytes);
    while (!is_over) {
        errno = (int)(id % 100) + 1;
        rounds++;
        x += 0.5;
        for (size_t i = 0; i < sizeof bytes; i += 16)
            sum += bytes[i];
        CHECK_EQ(errno, (int)(id % 100) + 1);
        CHECK_EQ(bide_yield(), 0);
    }
    CHECK(x == (double)id + 0.5 * (double)rounds);
    CHECK_EQ(sum, rounds * 16 * (id & 255));
    return 0;
}

static void start_storm(int microseconds)
{
    int each = test_is_slow() ? 10000 : microseconds;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, each }, { 0, each } }, NULL);
}

static void end_storm(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
#ifndef __SANITIZE_THREAD__             /* it holds them back until a call that it knows */
    CHECK(came > (test_is_slow() ? 5 : 100));
#endif
}

static int computes_under_alarms(void *seconds)
{
    start_storm(100);
    {
        BIDE_GROUP(g);
        for (uintptr_t i = 0; i < TASKS; i++)
            bide_spawn(g, computes, (void *)i);
        CHECK_EQ(bide_sleep(*(double *)seconds), 0);
        is_over = true;
        CHECK_EQ(bide_group_wait(g), 0);
    }
    end_storm();
    return 0;
}

TEST(a_thousand_tasks_switch_in_a_storm_of_alarms)
{
    double seconds = 1;
    CHECK_EQ(bide_run(computes_under_alarms, &seconds), 0);
}

static int ends_at_once(void *counter)
{
    ++*(int *)counter;
    return 0;
}

static int spawns_under_alarms(void *unused)
{
    int ended = 0, spawned = 0;
    (void)unused;
    start_storm(50);
    for (double end = bide_now() + 0.3; bide_now() < end;) {
        BIDE_GROUP(g);
        for (int i = 0; i < 100; i++)
            spawned += bide_spawn(g, ends_at_once, &ended) == 0;
        CHECK_EQ(bide_group_wait(g), 0);
    }
    end_storm();
    CHECK_EQ(ended, spawned);
    return 0;
}

TEST(tasks_start_and_end_in_a_storm_of_alarms)
{
    CHECK_EQ(bide_run(spawns_under_alarms, NULL), 0);
}
