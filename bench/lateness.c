/* Lateness: how late a sleep of 10 ms ends while others keep the loop busy.
 *
 *     bench_lateness yield      beside one task that only yields
 *     bench_lateness busy       beside ten tasks that each compute for 100 us between yields
 *
 * A runtime that looks at its timers only when nothing is ready is late without end here; one
 * that puts a sleeper who is due behind all who are ready is late by a whole round. Wall time:
 * what else the machine does shows in the maximum, so the driver takes the mean. */
#include <bide.h>

#include "meter.h"

enum { SLEEPS = 50, BUSY_TASKS = 10, BUSY_NS = 100000, SLEEP_NS = 10000000 };

static int yield_for_ever(void *unused)
{
    (void)unused;
    while (bide_yield() == 0)
        ;
    return bide_errcode();
}

static int compute_for_ever(void *unused)
{
    (void)unused;
    do {
        int64_t start = meter_wall_ns();
        while (meter_wall_ns() - start < BUSY_NS)
            ;
    } while (bide_yield() == 0);
    return bide_errcode();
}

static int sleep_often(const char *name)
{
    double late_sum = 0, late_max = 0;
    for (int i = 0; i < SLEEPS; i++) {
        int64_t due = meter_wall_ns() + SLEEP_NS;
        if (bide_sleep(SLEEP_NS / 1e9) < 0)
            return bide_errcode();
        double late = (double)(meter_wall_ns() - due) / 1e6;
        late_sum += late;
        late_max = late > late_max ? late : late_max;
    }
    char name_max[64];
    snprintf(name_max, sizeof name_max, "%s_max", name);
    meter_print(name, late_sum / SLEEPS, "ms");
    meter_print(name_max, late_max, "ms");
    return 0;
}

static int measure_yield(void *unused)
{
    (void)unused;
    BIDE_GROUP(group);
    bide_spawn(group, yield_for_ever, NULL);
    return sleep_often("lateness");
}

static int measure_busy(void *unused)
{
    (void)unused;
    BIDE_GROUP(group);
    for (int i = 0; i < BUSY_TASKS; i++)
        bide_spawn(group, compute_for_ever, NULL);
    return sleep_often("lateness_busy");
}

int main(int argc, char **argv)
{
    bool busy = argc > 1 && !strcmp(argv[1], "busy");
    return bide_run(busy ? measure_busy : measure_yield, NULL) < 0;
}
