/* What every client of the client rows is told, and what it tells.
 *
 *     PROGRAM MODE URLS COUNT WARM JOBS [CA]
 *
 * MODE: `keep` keeps connections, `new` makes one for each request. The URLs of the file are asked
 * in turn, WARM requests before the clock starts and COUNT after it, JOBS at a time. An answer that
 * is not a 200, or not whole, ends the program with 1. CA is the file of certificates to trust.
 *
 * Printed are requests per second and bytes per second of wall time, processor microseconds per
 * request, the most memory ever in use, and how much that is per job above what the program had
 * before the first request. */
#ifndef BENCH_ERRAND_H
#define BENCH_ERRAND_H
#include "meter.h"

#include <stdbool.h>

struct errand {
    bool keep;
    char **urls;
    size_t url_count;
    long count, warm, left;     /* left: to be taken by errand_next() */
    int jobs;
    const char *ca;             /* or NULL */
    int64_t bytes, wall, cpu, memory;
};

/* A connection for each job, and for each of as many hosts as there are in any row. */
METER_UNUSED static size_t errand_connections(const struct errand *e)
{
    return (size_t)(e->jobs > 200 ? e->jobs : 200);
}

METER_UNUSED static bool errand_read_urls(struct errand *e, const char *path)
{
    char line[4096];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        e->urls = realloc(e->urls, (e->url_count + 1) * sizeof *e->urls);
        e->urls[e->url_count++] = strdup(line);
    }
    fclose(file);
    return e->url_count > 0;
}

METER_UNUSED static bool errand_read(struct errand *e, int argc, char **argv)
{
    if (argc < 6 || !errand_read_urls(e, argv[2])) {
        fprintf(stderr, "%s MODE URLS COUNT WARM JOBS [CA]\n", argv[0]);
        return false;
    }
    e->keep = strcmp(argv[1], "keep") == 0;
    e->count = atol(argv[3]);
    e->warm = atol(argv[4]);
    e->jobs = atoi(argv[5]);
    e->ca = argc > 6 ? argv[6] : NULL;
    e->memory = meter_memory();
    return e->jobs > 0;
}

/* The next URL; NULL when all have been taken. */
METER_UNUSED static const char *errand_next(struct errand *e)
{
    return e->left > 0 ? e->urls[(size_t)--e->left % e->url_count] : NULL;
}

METER_UNUSED static void errand_begin(struct errand *e)
{
    e->left = e->count;
    e->bytes = 0;
    e->wall = meter_wall_ns();
    e->cpu = meter_cpu_ns();
}

METER_UNUSED static void errand_print(const struct errand *e)
{
    double seconds = (double)(meter_wall_ns() - e->wall) / 1e9;
    double used = (double)(meter_cpu_ns() - e->cpu) / 1e3;
    int64_t peak = meter_status("VmHWM:") + meter_status("VmPTE:");
    meter_print("requests", (double)e->count / seconds, "requests/s");
    meter_print("bandwidth", (double)e->bytes / seconds / 1e6, "MB/s");
    meter_print("cpu_us", used / (double)e->count, "us");
    meter_print("peak", (double)peak / 1e6, "MB");
    meter_print("memory", (double)(peak - e->memory) / e->jobs, "bytes");
}
#endif
