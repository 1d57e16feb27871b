/* A scope, entered and left: without a deadline, and with one of five seconds.
 *
 * The second is measured alone and again while ten thousand sleepers are on the timer heap;
 * the figure that counts is the latter, because a server that puts a time-out around every
 * request always has that many. */
#include <bide.h>

#include "meter.h"

enum { SCOPES = 5000000, SLEEPERS = 10000 };

static void enter_and_leave(void)
{
    for (int i = 0; i < SCOPES; i++) {
        BIDE_SCOPE(scope);
    }
}

static void enter_and_leave_timed(void)
{
    for (int i = 0; i < SCOPES; i++) {
        BIDE_TIMEOUT(scope, 5.0);
    }
}

static int sleep_long(void *unused)
{
    (void)unused;
    return bide_sleep(1000 + meter_delay_ms());
}

static int measure(void *unused)
{
    (void)unused;
    int64_t start = meter_cpu_ns();
    enter_and_leave();
    meter_print_each("scope", start, SCOPES);

    start = meter_cpu_ns();
    enter_and_leave_timed();
    meter_print_each("scope_deadline_alone", start, SCOPES);

    BIDE_GROUP(group);
    for (int i = 0; i < SLEEPERS; i++)
        bide_spawn(group, sleep_long, NULL);
    if (bide_yield() < 0)
        return bide_errcode();
    start = meter_cpu_ns();
    enter_and_leave_timed();
    meter_print_each("scope_deadline", start, SCOPES);
    return 0;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
