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

static int sleep_some(void *sleeper)
{
    sleeper_begin(sleeper);
    int rc = bide_sleep((double)((struct sleeper *)sleeper)->delay_ns / 1e9);
    waking_note(&wakings, sleeper);
    return rc;
}

static int spawn_sleepers(bide_group *group, struct sleeper *sleepers, long count)
{
    for (long i = 0; i < count; i++) {
        bide_spawn(group, sleep_some, &sleepers[i]);
        if (bide_yield() < 0)
            return bide_errcode();
        sleeper_has_begun(&sleepers[i]);
    }
    return 0;
}

static int measure(void *count_)
{
    long count = *(long *)count_;
    struct sleeper *sleepers = sleepers_new(count);
    BIDE_DEFER(tidy, free, sleepers);
    int64_t start = meter_cpu_ns();
    BIDE_GROUP(group);
    if (spawn_sleepers(group, sleepers, count) < 0)
        return bide_errcode();
    int rc = bide_group_wait(group);
    waking_print(&wakings, meter_cpu_ns() - start);
    return rc;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 100000;
    return bide_run(measure, &count) < 0;
}
