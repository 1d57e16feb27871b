/* Three fetches at once, results in the order of the calls.  In Python:
 *
 *     results = await asyncio.gather(fetch_data("api/users", 2), fetch_data("api/posts", 3),
 *                                    fetch_data("api/comments", 1))
 */
#include <bide.h>
#include <stdio.h>

struct fetch { const char *url; double seconds; char result[64]; };

static int fetch_data(void *arg)
{
    struct fetch *fetch = arg;
    printf("Fetching %s...\n", fetch->url);
    int rc = bide_sleep(fetch->seconds);
    if (rc < 0)
        return rc;
    printf("Done %s\n", fetch->url);
    snprintf(fetch->result, sizeof fetch->result, "data from %s", fetch->url);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    struct fetch fetches[] = { { .url = "api/users", .seconds = 2 },
                               { .url = "api/posts", .seconds = 3 },
                               { .url = "api/comments", .seconds = 1 } };
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++)
        calls[i] = (struct bide_call){ .fn = fetch_data, .arg = &fetches[i] };
    int rc = bide_gather(calls, 3);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 3; i++)
        puts(fetches[i].result);
    printf("Total: %.1fs\n", bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
