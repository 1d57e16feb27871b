/* A time limit on one call.  In Python:
 *
 *     try:
 *         async with asyncio.timeout(5):
 *             await asyncio.sleep(60)
 *     except TimeoutError:
 *         print("Too slow!")
 *
 * bide_timeout() is the short form for one function; BIDE_TIMEOUT is for a block. */
#include <bide.h>
#include <stdio.h>

static int slow_operation(void *unused)
{
    (void)unused;
    return bide_sleep(60);
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    int rc = bide_timeout(5, slow_operation, NULL);
    if (rc == BIDE_ETIMEDOUT)
        puts("Too slow!");
    printf("%.0f s\n", bide_now() - start);
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
