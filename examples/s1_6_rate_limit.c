/* A helper that runs any number of fetches, ten at a time.  In Python:
 *
 *     async def limited(url):
 *         async with gate:
 *             return await fetch_data(url)
 *
 *     return await asyncio.gather(*map(limited, urls))
 *
 * What that inner function captures is in the struct here. */
#include <bide.h>
#include <stdio.h>

enum { URLS = 30 };

struct fetch { bide_semaphore *gate; int number, result; };

static int limited(void *arg)
{
    struct fetch *fetch = arg;
    bide_auto(permit) permit = bide_semaphore_acquire(fetch->gate);
    if (!permit)
        return bide_errcode();
    fetch->result = fetch->number;
    return bide_sleep(1);                       /* stands for the fetch */
}

static int fetch_with_rate_limit(int *results, int count, size_t at_once)
{
    bide_semaphore gate = BIDE_SEMAPHORE(at_once);
    struct fetch fetches[URLS];
    struct bide_call calls[URLS];
    for (int i = 0; i < count; i++) {
        fetches[i] = (struct fetch){ .gate = &gate, .number = i };
        calls[i] = (struct bide_call){ .fn = limited, .arg = &fetches[i] };
    }
    int rc = bide_gather(calls, (size_t)count);
    for (int i = 0; rc == 0 && i < count; i++)
        results[i] = fetches[i].result;
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    int results[URLS], in_order = 0;
    int rc = fetch_with_rate_limit(results, URLS, 10);
    if (rc < 0)
        return rc;
    printf("%d URLs, ten at a time: %.1f s\n", URLS, bide_now() - start);
    for (int i = 0; i < URLS; i++)
        in_order += results[i] == i;
    puts(in_order == URLS ? "in order" : "out of order");
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
