/* A task that nobody waits for.  In Python:
 *
 *     asyncio.create_task(important("forgotten"))             # main ends: cancelled
 *     await asyncio.create_task(important("waited for"))
 *
 * A group makes the choice visible: leaving its block cancels, bide_group_wait() waits.
 * Either way the task has ended when the block has. */
#include <bide.h>
#include <stdio.h>

static int important_task(void *name)
{
    int rc = bide_sleep(1);
    if (rc == 0)
        printf("Important task done: %s\n", (char *)name);
    return rc;
}

static int forgotten(void *unused)
{
    (void)unused;
    BIDE_GROUP(group);
    bide_spawn(group, important_task, "forgotten");
    return bide_yield();                                /* it starts, and is cancelled */
}

static int waited_for(void *unused)
{
    (void)unused;
    BIDE_GROUP(group);
    bide_spawn(group, important_task, "waited for");
    return bide_group_wait(group);
}

int main(void)
{
    int rc = bide_run(forgotten, NULL, .stop_on_signal = true);
    return rc < 0 || bide_run(waited_for, NULL, .stop_on_signal = true) < 0;
}
