/* Spawn, run and join: one empty task at a time in a group that stays open.
 *
 * The first hundred thousand are not counted: they warm the stack that serves all the others.
 * A task on a stack that was never touched costs a microsecond and a half of page faults,
 * which the memory measure shows. */
#include <bide.h>

#include "meter.h"

enum { SPAWNS = 1000000 };

static int do_nothing(void *unused)
{
    (void)unused;
    return 0;
}

static int spawn_often(int count)
{
    BIDE_GROUP(group);
    for (int i = 0; i < count; i++) {
        bide_spawn(group, do_nothing, NULL);
        if (bide_group_wait(group) < 0)
            return bide_errcode();
    }
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    if (spawn_often(SPAWNS / 10) < 0)
        return bide_errcode();
    int64_t start = meter_cpu_ns();
    int rc = spawn_often(SPAWNS);
    meter_print_each("spawn", start, SPAWNS);
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
