/* One after another, then all at once.  In Python:
 *
 *     for url in urls:
 *         await fetch_data(url)                       # a second each
 *     await asyncio.gather(*map(fetch_data, urls))    # a second together
 *
 * The same function serves both: called it is waited for, in a gather it is a task. */
#include <bide.h>
#include <stdio.h>

static char *urls[] = { "url1", "url2", "url3" };

static int fetch_data(void *url)
{
    printf("Starting fetch: %s\n", (char *)url);
    int rc = bide_sleep(1);
    if (rc == 0)
        printf("Completed fetch: %s\n", (char *)url);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    for (int i = 0; i < 3; i++) {
        int rc = fetch_data(urls[i]);
        if (rc < 0)
            return rc;
    }
    printf("Sequential: %.1f s\n", bide_now() - start);

    start = bide_now();
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++)
        calls[i] = (struct bide_call){ .fn = fetch_data, .arg = urls[i] };
    int rc = bide_gather(calls, 3);
    printf("Concurrent: %.1f s\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
