/* What happens to the others when one fails: the program chooses by name.
 *
 *     await asyncio.gather(a(), b(), c())         # CPython: the others run on, unwatched
 *     await asyncio.gather(..., return_exceptions=True)
 *
 * bide_gather() cancels the others and returns when they have ended; bide_gather_all() lets
 * every one run to its end. */
#include <bide.h>
#include <stdio.h>

static int job(void *arg)
{
    int seconds = *(int *)arg;
    int rc = bide_sleep(seconds);
    if (rc == 0 && seconds == 2)
        rc = bide_fail(-EIO, "the job of 2 s broke");
    return rc;
}

static void show(const struct bide_call *calls, int rc, double seconds)
{
    for (int i = 0; i < 3; i++)
        printf("  %s\n", calls[i].rc < 0 ? calls[i].error.text : "done");
    printf("  %s after %.0f s\n", rc < 0 ? bide_errmsg() : "all ended", seconds);
}

static int program(void *unused)
{
    (void)unused;
    int seconds[] = { 1, 2, 3 };
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++)
        calls[i] = (struct bide_call){ .fn = job, .arg = &seconds[i] };

    puts("bide_gather");
    double start = bide_now();
    int rc = bide_gather(calls, 3);
    show(calls, rc, bide_now() - start);

    puts("bide_gather_all");
    start = bide_now();
    rc = bide_gather_all(calls, 3);
    show(calls, rc, bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
