/* A call that may fail for a while, tried up to three times, 1 s and then 2 s apart.  In Python:
 *
 *     @retry(max_attempts=3, base_delay=1.0)
 *     async def fetch_rates(source): ...
 *
 * where the decorator has to be written first.  Without .jitter the delays would be drawn at
 * random up to these, so that many clients do not come back together. */
#include <bide.h>
#include <stdio.h>

struct source { int down_for, tries; double start; };

static int fetch_rates(void *arg)
{
    struct source *source = arg;
    source->tries++;
    printf("%.0f s: try %d\n", bide_now() - source->start, source->tries);
    if (source->tries <= source->down_for)
        return bide_fail(-ECONNREFUSED, "try %d was refused", source->tries);
    return source->tries;
}

static void fetch_patiently(int down_for)
{
    struct source source = { .down_for = down_for, .start = bide_now() };
    int rc = bide_retry(fetch_rates, &source, .attempts = 3, .base = 1, .jitter = BIDE_NO_JITTER);
    if (rc < 0)
        printf("failed: %s\n", bide_errmsg());
    else
        printf("result %d\n", rc);
}

static int program(void *unused)
{
    (void)unused;
    fetch_patiently(2);
    fetch_patiently(9);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
