/* Waiting goes any depth down.  In Python:
 *
 *     async def process():
 *         return await fetch_data("api/users", 1)
 *
 * Nothing sets process() apart because it calls a function that waits, nor its callers. */
#include <bide.h>
#include <stdio.h>

static int fetch_data(const char *url, double seconds, char *data, size_t size)
{
    printf("Fetching %s...\n", url);
    int rc = bide_sleep(seconds);           /* other tasks can run meanwhile */
    if (rc < 0)
        return rc;
    printf("Done %s\n", url);
    snprintf(data, size, "data from %s", url);
    return 0;
}

static int process(char *data, size_t size)
{
    return fetch_data("api/users", 1, data, size);
}

static int program(void *unused)
{
    (void)unused;
    char data[64];
    int rc = process(data, sizeof data);
    if (rc == 0)
        puts(data);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
