/* A test that a semaphore of two lets no third one in.  In Python:
 *
 *     async with semaphore:
 *         running += 1
 *         max_running = max(max_running, running)
 *         await asyncio.sleep(0.1)
 *         running -= 1
 */
#include <bide.h>
#include <stdio.h>

static bide_semaphore semaphore = BIDE_SEMAPHORE(2);
static int running, max_running;

static int tracked_fetch(void *unused)
{
    (void)unused;
    bide_auto(permit) permit = bide_semaphore_acquire(&semaphore);
    if (!permit)
        return bide_errcode();
    running++;
    max_running = running > max_running ? running : max_running;
    int rc = bide_sleep(0.1);
    running--;
    return rc;
}

static int test_semaphore_limits_concurrency(void *unused)
{
    (void)unused;
    double start = bide_now();
    BIDE_GROUP(group);
    for (int i = 0; i < 10; i++)
        bide_spawn(group, tracked_fetch, NULL);
    int rc = bide_group_wait(group);
    printf("at most %d at a time, %.1f s\n", max_running, bide_now() - start);
    return rc;
}

int main(void)
{
    int rc = bide_run(test_semaphore_limits_concurrency, NULL, .jumping_clock = true);
    puts(rc == 0 && max_running == 2 ? "passed" : "FAILED");
    return rc < 0 || max_running != 2;
}
