/* Two jobs run in the background while their starter does other work.  In Python:
 *
 *     tasks = [asyncio.create_task(process(item)) for item in (1, 2)]
 *     ...
 *     for task in tasks:
 *         await task
 *
 * The group keeps the tasks alive, so no handle can be lost, and none is needed here. */
#include <bide.h>
#include <stdio.h>

struct job { int item; };

static int background_job(void *arg)
{
    struct job *job = arg;
    int rc = bide_sleep(2);
    if (rc == 0)
        printf("Processed %d\n", job->item);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(jobs);
    bide_spawn_with(jobs, background_job, struct job, .item = 1);
    bide_spawn_with(jobs, background_job, struct job, .item = 2);

    puts("Tasks created, doing other work...");
    int rc = bide_sleep(0.1);
    return rc < 0 ? rc : bide_group_wait(jobs);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
