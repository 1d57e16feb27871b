/* Cancellation: a task is told to end, tidies up, and has ended.
 *
 *     task.cancel()
 *     with contextlib.suppress(asyncio.CancelledError):
 *         await task
 *
 * There is no exception: the call in which the task waits fails with BIDE_ECANCELED, and so
 * does every later one, so a loop that looks at its results cannot miss it.  Clean-up that
 * must itself wait goes under a shield, with a limit. */
#include <bide.h>
#include <stdio.h>

static int say_goodbye(void)
{
    BIDE_KEEP_ERROR(held);                  /* the reason of ending stays the reason */
    BIDE_SHIELD(shield, 2);
    int rc = bide_sleep(0.5);               /* stands for a last message to the peer */
    puts(rc == 0 ? "said goodbye" : "no time for goodbye");
    return rc;
}

static int heartbeat(void *unused)
{
    (void)unused;
    int rc;
    while ((rc = bide_sleep(1)) == 0)
        puts("beat");
    printf("ending: %s\n", bide_errmsg());
    bide_ignore(say_goodbye());
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    BIDE_GROUP(group);
    bide_task *task;
    bide_spawn(group, heartbeat, NULL, .handle = &task);
    int rc = bide_sleep(3.5);
    if (rc < 0)
        return rc;
    bide_cancel(task);                      /* asks, and returns at once */
    rc = bide_join(task);
    if (rc == 0)
        printf("%s after %.1f s\n", bide_strerror(bide_task_result(task)),
               bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
