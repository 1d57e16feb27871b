/* A lock: acquired and released where nobody else wants it; and passed to and fro by two tasks
 * that yield while they hold it, so that each acquires what the other hands over. */
#include <bide.h>

#include "meter.h"

enum { TIMES = 10000000, HAND_OFFS = 2000000 };

static bide_lock lock;

static int take_turns(void *unused)
{
    (void)unused;
    for (int i = 0; i < HAND_OFFS / 2; i++) {
        bide_permit *permit = bide_lock_acquire(&lock);
        if (!permit || bide_yield() < 0)
            return bide_errcode();
        bide_permit_release(permit);
    }
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < TIMES; i++) {
        bide_permit *permit = bide_lock_acquire(&lock);
        if (!permit)
            return bide_errcode();
        bide_permit_release(permit);
    }
    meter_print_each("lock", start, TIMES);
    BIDE_GROUP(group);
    bide_spawn(group, take_turns, NULL);
    bide_spawn(group, take_turns, NULL);
    start = meter_cpu_ns();
    int rc = bide_group_wait(group);
    meter_print_each("lock_handoff", start, HAND_OFFS);
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
