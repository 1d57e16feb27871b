/* One after the other, each standing in the way of the next.  In Python:
 *
 *     def fetch_data(url, delay):
 *         print(f"Fetching {url}...")
 *         time.sleep(delay)
 *
 * Plain calls are that in C too, although bide_sleep() would let other tasks run; what it takes to
 * do the three at once is s2_2_gather.c. */
#include <bide.h>
#include <stdio.h>

static int fetch_data(const char *url, double delay)
{
    printf("Fetching %s...\n", url);
    int rc = bide_sleep(delay);
    if (rc == 0)
        printf("Done %s\n", url);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    int rc = fetch_data("api/users", 2);
    if (rc == 0)
        rc = fetch_data("api/posts", 3);
    if (rc == 0)
        rc = fetch_data("api/comments", 1);
    printf("Total: %.1fs\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
