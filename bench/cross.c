/* Between two loops, each on its thread, in wall time on all processors: a number there and back,
 * per way (cross_loop), and numbers streamed through a queue of a thousand (cross_stream). */
#include <bide.h>

#include "meter.h"

enum { TRIPS = 50000, STREAMED = 1000000, WARM_UP = 1000 };

static void print_wall(const char *name, int64_t start, int64_t count)
{
    meter_print(name, (double)(meter_wall_ns() - start) / (double)count, "ns");
}

static bide_queue *there, *back, *wide;

static int answer(void)
{
    int number, rc;
    while ((rc = bide_queue_get(there, &number)) == 1)
        if ((rc = bide_queue_put(back, &number)) < 0)
            return rc;
    int64_t sum = 0;
    while (rc >= 0 && (rc = bide_queue_get(wide, &number)) == 1)
        sum += number;
    if (rc == 0 && sum != (int64_t)STREAMED * (STREAMED - 1) / 2)
        return bide_fail(-EPROTO, "not everything has arrived");
    return rc;
}

static int ask(int count)
{
    int number;
    for (int i = 0; i < count; i++)
        if (bide_queue_put(there, &i) < 0 || bide_queue_get(back, &number) <= 0)
            return bide_errcode();
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    if (bide_loops_index() == 1)
        return answer();
    if (ask(WARM_UP) < 0)
        return bide_errcode();
    int64_t start = meter_wall_ns();
    if (ask(TRIPS) < 0)
        return bide_errcode();
    print_wall("cross_loop", start, 2 * TRIPS);
    bide_queue_close(there);
    start = meter_wall_ns();
    for (int i = 0; i < STREAMED; i++)
        if (bide_queue_put(wide, &i) < 0)
            return bide_errcode();
    print_wall("cross_stream", start, STREAMED);
    bide_queue_close(wide);
    return 0;
}

int main(void)
{
    bide_auto(queue) first = there = bide_queue_new(int, 1, .threads = true);
    bide_auto(queue) second = back = bide_queue_new(int, 1, .threads = true);
    bide_auto(queue) third = wide = bide_queue_new(int, 1000, .threads = true);
    if (bide_loops(measure, NULL, .count = 2) >= 0)
        return 0;
    return fprintf(stderr, "cross: %s\n", bide_errmsg()), 1;
}
