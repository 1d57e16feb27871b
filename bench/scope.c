/* A scope, entered and left: without a deadline, and with one.
 *
 * The second is measured three times. Alone, it is a reading of the clock and little else. With
 * ten thousand sleepers whose deadlines lie around its own, it is what a server pays that has as
 * many time-outs running: this figure counts. With all of theirs behind its own it is put at the
 * front of the heap and taken from there each time, which is the most it can cost. */
#include <bide.h>

#include "meter.h"

enum { SCOPES = 5000000, SLEEPERS = 10000, AMONG = 500, BEFORE = 1 };  /* seconds */

static void measure_plain(void)
{
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < SCOPES; i++) {
        BIDE_SCOPE(scope);
    }
    meter_print_each("scope", start, SCOPES);
}

static void measure_deadline(const char *name, double seconds)
{
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < SCOPES; i++) {
        BIDE_TIMEOUT(scope, seconds);
    }
    meter_print_each(name, start, SCOPES);
}

static int sleep_long(void *unused)
{
    (void)unused;
    return bide_sleep(10 + meter_delay_ms());
}

static int measure(void *unused)
{
    (void)unused;
    measure_plain();
    measure_deadline("scope_deadline_alone", AMONG);
    BIDE_GROUP(group);
    for (int i = 0; i < SLEEPERS; i++)
        bide_spawn(group, sleep_long, NULL);
    if (bide_yield() < 0)
        return bide_errcode();
    measure_deadline("scope_deadline", AMONG);
    measure_deadline("scope_deadline_first", BEFORE);
    return 0;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
