/* A gate: 100,000 tasks want one of ten permits; each yields once while it has it. Twice, for the
 * first time touches the stacks; the second is counted. */
#include <bide.h>

#include "meter.h"

enum { TASKS = 100000, PERMITS = 10 };

static bide_semaphore gate = BIDE_SEMAPHORE(PERMITS);

static int pass(void *unused)
{
    (void)unused;
    bide_permit *permit = bide_semaphore_acquire(&gate);
    int rc = permit ? bide_yield() : bide_errcode();
    bide_permit_release(permit);
    return rc;
}

static int pass_all(void)
{
    BIDE_GROUP(group);
    for (int i = 0; i < TASKS; i++)
        bide_spawn(group, pass, NULL);
    return bide_group_wait(group);
}

static int measure(void *unused)
{
    (void)unused;
    if (pass_all() < 0)
        return bide_errcode();
    int64_t start = meter_cpu_ns();
    int rc = pass_all();
    meter_print_each("gate", start, TASKS);
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
