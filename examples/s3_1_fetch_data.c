/* Three fetches of a second each, one after another and all at once.  In Python:
 *
 *     for _ in range(3):
 *         await fetch_data()                                          # three seconds
 *     await asyncio.gather(*[fetch_data() for _ in range(3)])         # one second
 */
#include <bide.h>
#include <stdio.h>

static int fetch_data(void *arg)
{
    const char **status = arg;
    int rc = bide_sleep(1);
    if (rc == 0)
        *status = "ok";
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    const char *status[3];
    int rc = fetch_data(&status[0]);
    if (rc < 0)
        return rc;
    printf("status %s\n", status[0]);

    double start = bide_now();
    for (int i = 0; i < 3; i++) {
        rc = fetch_data(&status[i]);
        if (rc < 0)
            return rc;
    }
    printf("Sequential: %.1f s\n", bide_now() - start);

    start = bide_now();
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++)
        calls[i] = (struct bide_call){ .fn = fetch_data, .arg = &status[i] };
    rc = bide_gather(calls, 3);
    if (rc == 0)
        printf("Concurrent: %.1f s, %s %s %s\n", bide_now() - start, status[0], status[1],
               status[2]);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
