/* A test that a cancelled task has tidied up.  In Python:
 *
 *     except asyncio.CancelledError:
 *         cleanup_ran = True
 *         raise
 *     ...
 *     task.cancel()
 *     with pytest.raises(asyncio.CancelledError):
 *         await task
 *
 * Cancelled, bide_sleep() fails; the guard runs on every way out. */
#include <bide.h>
#include <stdio.h>

static bool cleanup_ran;

static void clean_up(void *unused)
{
    (void)unused;
    cleanup_ran = true;
}

static int long_task(void *unused)
{
    (void)unused;
    BIDE_DEFER(tidy, clean_up, NULL);
    return bide_sleep(100);
}

static int test_cancellation_cleanup(void *unused)
{
    (void)unused;
    double start = bide_now();
    bide_task *task;
    BIDE_GROUP(group);
    bide_spawn(group, long_task, NULL, .handle = &task);
    bide_ignore(bide_sleep(0.01));
    bide_cancel(task);
    bide_ignore(bide_join(task));
    bool cancelled = bide_task_result(task) == BIDE_ECANCELED;
    printf("cancelled: %s\n", cancelled ? "yes" : "no");
    printf("cleaned up: %s\n", cleanup_ran ? "yes" : "no");
    printf("%.2f s\n", bide_now() - start);
    return cancelled && cleanup_ran ? 0 : bide_fail(BIDE_EUNKNOWN, "it was not tidied up");
}

int main(void)
{
    return bide_run(test_cancellation_cleanup, NULL, .jumping_clock = true) < 0;
}
