/* What every benchmark program measures with: two clocks, the process's own memory as the
 * kernel counts it, a tally of how timers woke, and one way to print a figure.
 *
 * A program prints lines of "name value unit"; the driver (bench/run) reads them. Figures in
 * nanoseconds are processor time of the process, because that does not grow when something
 * else takes the core for a moment; lateness is wall time, because being late is what the
 * user sees. Everything is static here so that a program is one file and one header. */
#ifndef BENCH_METER_H
#define BENCH_METER_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define METER_UNUSED __attribute__((unused))

METER_UNUSED static inline int64_t meter_clock_ns(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

METER_UNUSED static inline int64_t meter_cpu_ns(void)
{
    return meter_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

METER_UNUSED static inline int64_t meter_wall_ns(void)
{
    return meter_clock_ns(CLOCK_MONOTONIC);
}

METER_UNUSED static void meter_print(const char *name, double value, const char *unit)
{
    printf("%s %.6g %s\n", name, value, unit);
    fflush(stdout);
}

/* "name" since `start`, per one of `count`. */
METER_UNUSED static void meter_print_each(const char *name, int64_t start, int64_t count)
{
    meter_print(name, (double)(meter_cpu_ns() - start) / (double)count, "ns");
}

/* ---- Memory -------------------------------------------------------------------------- */

/* One line of a file such as /proc/meminfo, in bytes; 0: it has none. */
METER_UNUSED static int64_t meter_line_of(const char *path, const char *field)
{
    char line[300];
    long long kilobytes = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, field, strlen(field)) == 0)
            kilobytes = atoll(line + strlen(field));
    fclose(file);
    return kilobytes * 1024;
}

/* One line of /proc/PID/status; PID may be "self". */
METER_UNUSED static int64_t meter_status_of(const char *pid, const char *field)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/status", pid);
    return meter_line_of(path, field);
}

METER_UNUSED static int64_t meter_status(const char *field)
{
    return meter_status_of("self", field);
}

METER_UNUSED static int64_t meter_mappings(void)
{
    int64_t lines = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps)
        return 0;
    for (int c = getc(maps); c != EOF; c = getc(maps))
        lines += c == '\n';
    fclose(maps);
    return lines;
}

/* Page tables are part of the price of a big stack, and VmRSS does not show them. */
METER_UNUSED static int64_t meter_memory(void)
{
    return meter_status("VmRSS:") + meter_status("VmPTE:");
}

METER_UNUSED static void meter_print_memory(int64_t before, int64_t count, int64_t wanted)
{
    double each = (double)(meter_memory() - before) / (double)(count ? count : 1);
    meter_print("memory", each, "bytes");
    meter_print("memory_tasks", (double)count, "tasks");
    meter_print("memory_missing", (double)(wanted - count), "tasks");
    meter_print("memory_mappings", (double)meter_mappings(), "lines");
}

/* ---- Timers -------------------------------------------------------------------------- */

/* One sleep. Its task reads the clock just before it sleeps and whoever spawned it just after, so
 * the deadline that the runtime works with lies between two known ones. What is counted as early
 * or out of order then really is: it does not hang on which of two clocks was read first. */
struct sleeper {
    int64_t delay_ns, due_least, due_most;
};

struct waking {
    int64_t due_least_max, late_sum, late_max;
    int64_t count, early, disordered;
};

/* The same delays in every run and in every peer: 1 to 1000 ms. */
METER_UNUSED static int meter_delay_ms(void)
{
    static uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return 1 + (int)((state >> 8) % 1000);
}

METER_UNUSED static struct sleeper *sleepers_new(long count)
{
    struct sleeper *sleepers = calloc((size_t)count, sizeof *sleepers);
    for (long i = 0; sleepers && i < count; i++)
        sleepers[i].delay_ns = meter_delay_ms() * INT64_C(1000000);
    return sleepers;
}

METER_UNUSED static inline void sleeper_begin(struct sleeper *s)
{
    s->due_least = s->due_most = meter_wall_ns() + s->delay_ns;
}

METER_UNUSED static inline void sleeper_has_begun(struct sleeper *s)
{
    s->due_most = meter_wall_ns() + s->delay_ns;
}

METER_UNUSED static inline void waking_note(struct waking *w, const struct sleeper *s)
{
    int64_t late = meter_wall_ns() - s->due_least;
    w->count++;
    w->late_sum += late;
    if (late > w->late_max)
        w->late_max = late;
    w->early += late < 0;
    w->disordered += s->due_most < w->due_least_max;
    if (s->due_least > w->due_least_max)
        w->due_least_max = s->due_least;
}

METER_UNUSED static void waking_print(const struct waking *w, int64_t cpu_ns)
{
    meter_print("timers", (double)cpu_ns / 1e9, "s");
    meter_print("timers_done", (double)w->count, "tasks");
    meter_print("timers_early", (double)w->early, "tasks");
    meter_print("timers_disordered", (double)w->disordered, "tasks");
    meter_print("timers_late_mean", (double)w->late_sum / 1e6 / (double)(w->count ? w->count : 1),
                "ms");
    meter_print("timers_late_max", (double)w->late_max / 1e6, "ms");
}
#endif
