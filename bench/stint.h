/* What every client of the database rows is told, and what it tells.
 *
 *     PROGRAM MODE URL COUNT
 *
 * MODE: `sequential` (one statement after the other), `pipelined` (100 in flight on one
 * connection), `rows` (of one result), `copy` (rows into the table bench_copy). The URL is a
 * postgresql:// or redis:// of 127.0.0.1 with its port. What is prepared, and a tenth of COUNT to
 * warm up where that is many statements, comes before the clock starts. An answer that is not as it
 * must be ends the program with 1.
 *
 * Printed are how many of COUNT a second of wall time, processor microseconds for each, and the
 * most memory ever in use. */
#ifndef BENCH_STINT_H
#define BENCH_STINT_H
#include "meter.h"

#include <stdbool.h>
#include <stdint.h>

enum { STINT_FLIGHT = 100, STINT_ROW_MAX = 128 };

/* What is asked; a number is to come. */
#define STINT_QUERY "select 1 as n"
/* And a result of so many numbers, from 1 on; $1 is an int4. */
#define STINT_SERIES "select generate_series(1, $1) as n"
#define STINT_KEY "key:bench"
#define STINT_VALUE "xxx"

struct stint {
    const char *mode, *url;
    long count;
    int64_t wall, cpu;
};

METER_UNUSED static bool stint_is(const struct stint *s, const char *mode)
{
    return strcmp(s->mode, mode) == 0;
}

METER_UNUSED static bool stint_read(struct stint *s, int argc, char **argv)
{
    *s = (struct stint){ .count = argc == 4 ? atol(argv[3]) : 0 };
    if (s->count <= 0) {
        fprintf(stderr, "%s MODE URL COUNT\n", argv[0]);
        return false;
    }
    s->mode = argv[1];
    s->url = argv[2];
    return true;
}

METER_UNUSED static int stint_port(const struct stint *s)
{
    const char *colon = strrchr(s->url, ':');
    return colon ? atoi(colon + 1) : 0;
}

METER_UNUSED static void stint_begin(struct stint *s)
{
    s->wall = meter_wall_ns();
    s->cpu = meter_cpu_ns();
}

/* "rate", or another name for a second stint. */
METER_UNUSED static void stint_print(const struct stint *s, const char *rate)
{
    double seconds = (double)(meter_wall_ns() - s->wall) / 1e9;
    double used = (double)(meter_cpu_ns() - s->cpu) / 1e3;
    meter_print(rate, (double)s->count / seconds, "1/s");
    if (strcmp(rate, "rate") != 0)
        return;
    meter_print("cpu_us", used / (double)s->count, "us");
    meter_print("peak", (double)meter_status("VmHWM:") / 1e6, "MB");
}

/* A row of bench_copy: the same from everybody. */
METER_UNUSED static void stint_make_row(long number, char name[STINT_ROW_MAX],
                                        char email[STINT_ROW_MAX])
{
    snprintf(name, STINT_ROW_MAX, "user number %ld", number);
    snprintf(email, STINT_ROW_MAX, "user%ld@example.com", number);
}
#endif
