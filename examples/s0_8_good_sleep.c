/* Waiting without standing in the way.  In Python:
 *
 *     await asyncio.sleep(2)          # time.sleep(2) would stop the ticker
 *
 * bide_sleep() suspends its task alone, so the ticker goes on; sleep(2) of libc would stop
 * the whole thread, and with it every task of the loop. */
#include <bide.h>
#include <stdio.h>

static int tick(void *unused)
{
    (void)unused;
    for (int n = 1; n <= 4; n++) {
        int rc = bide_sleep(0.4);
        if (rc < 0)
            return rc;
        printf("tick %d\n", n);
    }
    return 0;
}

static int good_sleep(void *unused)
{
    (void)unused;
    int rc = bide_sleep(2);
    if (rc == 0)
        puts("slept 2 s, and the other task ticked on");
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    struct bide_call calls[] = { { .fn = good_sleep }, { .fn = tick } };
    return bide_gather(calls, 2);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
