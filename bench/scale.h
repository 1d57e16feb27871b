/* What the programs of growth share: a stretch that is measured, in processor time and, where the
 * program runs under callgrind, in instructions.
 *
 * Each program is told how many of its things there are to be, and prints "NAME VALUE ns" per
 * stretch, VALUE being what one of its items took, beside "NAME.items COUNT items": so the driver
 * (driver/scale.py) knows by what to divide the instructions that callgrind has written down under
 * the stretch's name. Outside of stretches nothing is counted. */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H
#include "meter.h"

#if BENCH_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION (void)0
#define CALLGRIND_STOP_INSTRUMENTATION (void)0
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#define RUNNING_ON_VALGRIND 0
#endif

METER_UNUSED static inline int64_t stretch_begin(void)
{
    CALLGRIND_START_INSTRUMENTATION;
    return meter_cpu_ns();
}

METER_UNUSED static void stretch_end(const char *name, int64_t start, int64_t items)
{
    char counted[80];
    int64_t end = meter_cpu_ns();
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
    meter_print(name, (double)(end - start) / (double)(items ? items : 1), "ns");
    snprintf(counted, sizeof counted, "%s.items", name);
    meter_print(counted, (double)items, "items");
}

/* Is it counted, and not timed? Then everything takes fifty times as long. */
METER_UNUSED static inline bool is_counted(void)
{
    return RUNNING_ON_VALGRIND;
}

/* Repeatable, and good enough to spread keys and deadlines. */
METER_UNUSED static inline uint32_t scale_random(void)
{
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

METER_UNUSED static long scale_count(int argc, char **argv, long usual)
{
    return argc > 1 ? atol(argv[1]) : usual;
}
#endif
