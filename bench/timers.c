/* Timers: a hundred thousand tasks that each sleep once, 1 to 1000 ms.
 *
 *     bench_timers [COUNT]
 *
 * Told are the processor seconds for all of it, spawning and first touch of the guarded stacks
 * included, and how the sleepers woke: none may be early, and none before one that was due
 * earlier. The spawning loop yields, so that each sleep begins at once. */
#include <bide.h>

#include "meter.h"

static struct waking wakings;

static int sleep_some(void *delay_ms)
{
    int64_t delay = (intptr_t)delay_ms;
    int64_t due = meter_wall_ns() + delay * 1000000;
    int rc = bide_sleep((double)delay / 1e3);
    waking_note(&wakings, due);
    return rc;
}

static int measure(void *count)
{
    int64_t start = meter_cpu_ns();
    BIDE_GROUP(group);
    for (long i = 0; i < *(long *)count; i++) {
        bide_spawn(group, sleep_some, (void *)(intptr_t)meter_delay_ms());
        if (bide_yield() < 0)
            return bide_errcode();
    }
    int rc = bide_group_wait(group);
    waking_print(&wakings, meter_cpu_ns() - start);
    return rc;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 100000;
    return bide_run(measure, &count) < 0;
}
