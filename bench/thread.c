/* A job that does nothing, on a thread and back: to_thread's round trip, and a call from a thread
 * into a loop and back, the best and the mean of forty runs of 3000.
 *
 * Wall time, for the processors sleep for most of it, and the best beside the mean, for on a busy
 * machine who is woken waits for a processor.  Beside it stands Go's channel between two
 * goroutines that are bound to threads. */
#include <bide.h>

#include "meter.h"

enum { RUNS = 40, TRIPS = 3000 };

struct tally { double best, sum; };

static void count(struct tally *t, int64_t start)
{
    double each = (double)(meter_wall_ns() - start) / TRIPS;
    t->best = t->sum == 0 || each < t->best ? each : t->best;
    t->sum += each;
}

static int nothing(void *unused)
{
    (void)unused;
    return 0;
}

static int call_often(void *loop)
{
    struct tally tally = { 0, 0 };
    for (int run = 0; run < RUNS; run++) {
        int64_t start = meter_wall_ns();
        for (int i = 0; i < TRIPS; i++)
            if (bide_loop_call(loop, nothing, NULL) < 0)
                return bide_errcode();
        count(&tally, start);
    }
    meter_print("loop_call_best", tally.best, "ns");
    meter_print("loop_call", tally.sum / RUNS, "ns");
    return 0;
}

static int measure(void *unused)
{
    struct tally tally = { 0, 0 };
    (void)unused;
    for (int run = 0; run < RUNS; run++) {
        int64_t start = meter_wall_ns();
        for (int i = 0; i < TRIPS; i++)
            if (bide_to_thread(nothing, NULL) < 0)
                return bide_errcode();
        count(&tally, start);
    }
    meter_print("to_thread_best", tally.best, "ns");
    meter_print("to_thread", tally.sum / RUNS, "ns");
    bide_auto(loop) loop = bide_loop_hold();
    return bide_to_thread(call_often, loop);
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
