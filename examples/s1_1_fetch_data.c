/* One function that waits, and its result.  In Python:
 *
 *     async def fetch_data(url):
 *         await asyncio.sleep(1)
 *         return {"url": url, "data": "response"}
 *
 * A result of several parts is a struct that the caller owns. */
#include <bide.h>
#include <stdio.h>

struct result { const char *url, *data; };

static int fetch_data(const char *url, struct result *result)
{
    printf("Starting fetch: %s\n", url);
    int rc = bide_sleep(1);                 /* stands for input and output */
    if (rc < 0)
        return rc;
    printf("Completed fetch: %s\n", url);
    *result = (struct result){ .url = url, .data = "response" };
    return 0;
}

static int program(void *url)
{
    struct result result;
    int rc = fetch_data(url, &result);
    if (rc == 0)
        printf("{'url': '%s', 'data': '%s'}\n", result.url, result.data);
    return rc;
}

int main(void)
{
    return bide_run(program, "https://api.example.com", .stop_on_signal = true) < 0;
}
