/* A computation that would stop the loop, on a thread.  In Python:
 *
 *     with ThreadPoolExecutor() as pool:
 *         result = await loop.run_in_executor(pool, blocking_compute, 1_000_000)
 *
 * The argument may be local, for bide_executor_run() returns only when the function has. */
#include <bide.h>
#include <inttypes.h>
#include <stdio.h>

struct squares { uint64_t below, sum; };

static int blocking_compute(void *arg)
{
    struct squares *s = arg;
    for (uint64_t i = 0; i < s->below; i++)
        s->sum += i * i;
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    struct squares squares = { .below = 1000000 };
    bide_auto(executor) pool = bide_executor_new(2);
    int rc = bide_executor_run(pool, blocking_compute, &squares);
    if (rc == 0)
        printf("%" PRIu64 "\n", squares.sum);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
