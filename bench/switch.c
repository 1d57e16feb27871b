/* A switch: two tasks that do nothing but yield, ten million times together.
 *
 * This is the price under every other price: a wait costs at least one of these. It includes
 * what a library must do at each of them and the floor does not: asking whether the task is
 * cancelled, counting towards the next look at the clock and at the descriptors. */
#include <bide.h>

#include "meter.h"

enum { SWITCHES = 10000000 };

static int yield_often(void *unused)
{
    (void)unused;
    for (int i = 0; i < SWITCHES / 2; i++)
        if (bide_yield() < 0)
            return bide_errcode();
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    BIDE_GROUP(group);
    bide_spawn(group, yield_often, NULL);
    bide_spawn(group, yield_often, NULL);
    int64_t start = meter_cpu_ns();
    int rc = bide_group_wait(group);
    meter_print_each("switch", start, SWITCHES);
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
