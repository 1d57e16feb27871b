/* Growth: timers. So many are pending, and each that ends is set anew, for 1 to 1000 ms from then.
 *
 *     bench_scale_timers [COUNT]
 *
 *     sleep     one timer ends, its task runs, and sets it anew: the least is taken out of COUNT,
 *               another is put in (the heap: O(log n))
 *     timeout   a scope with a deadline is entered and left, among COUNT that are pending
 *
 * The clock jumps, so that nobody waits. */
#include <bide.h>

#include "scale.h"

enum { WAKINGS_MIN = 20000, SCOPES = 20000 };

static long wakings_left;
static bide_event done;

static double some_time(void)
{
    return 0.001 + (double)(scale_random() % 999000) / 1e6;
}

static int sleep_often(void *unused)
{
    (void)unused;
    while (bide_sleep(some_time()) == 0)
        if (--wakings_left == 0)
            bide_event_set(&done);
    return bide_errcode();
}

static int measure_sleeps(long count)
{
    long wakings = count > WAKINGS_MIN ? count : WAKINGS_MIN;
    wakings_left = wakings;
    int64_t start = stretch_begin();
    int rc = bide_event_wait(&done);
    stretch_end("sleep", start, wakings);
    return rc;
}

static void measure_timeouts(void)
{
    int64_t start = stretch_begin();
    for (int i = 0; i < SCOPES; i++) {
        BIDE_TIMEOUT(limit, some_time());
    }
    stretch_end("timeout", start, SCOPES);
}

static int measure(void *count_)
{
    long count = *(long *)count_;
    BIDE_GROUP(group);
    for (long i = 0; i < count; i++)
        bide_spawn(group, sleep_often, NULL);
    wakings_left = count;       /* the first round is not measured: it makes the stacks */
    int rc = bide_event_wait(&done);
    if (rc < 0)
        return rc;
    bide_event_clear(&done);
    measure_timeouts();
    rc = measure_sleeps(count);
    bide_group_cancel(group);
    return rc;
}

int main(int argc, char **argv)
{
    long count = scale_count(argc, argv, 100000);
    if (bide_run(measure, &count, .jumping_clock = true) >= 0)
        return 0;
    fprintf(stderr, "scale_timers: %s\n", bide_errmsg());
    return 1;
}
