/* A pool of threads for one block.  In Python:
 *
 *     with ThreadPoolExecutor() as pool:
 *         result = await loop.run_in_executor(pool, blocking_function)
 *     # here the pool is gone
 *
 * Shutting down waits for what still runs, within a limit; bide_auto() frees the pool at the end
 * of the block. */
#include <bide.h>
#include <stdio.h>

static int blocking_function(void *result)
{
    *(int *)result = 6 * 7;
    return 0;
}

static int run_blocking(void *unused)
{
    int result = 0;
    (void)unused;
    bide_auto(executor) pool = bide_executor_new(4);
    int rc = bide_executor_run(pool, blocking_function, &result);
    if (rc < 0 || (rc = bide_executor_shutdown(pool, 5)) < 0)
        return rc;
    printf("result %d\n", result);
    if (bide_executor_run(pool, blocking_function, &result) == BIDE_ECLOSED)
        puts("the pool takes no more");
    return 0;
}

int main(void)
{
    return bide_run(run_blocking, NULL, .stop_on_signal = true) < 0;
}
