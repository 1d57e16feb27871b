/* Lines: a file of 1 GB that the system has in memory, line by line, three times over; the best.
 *
 *     bench_lines                 a file of its own
 *     bench_lines FILE            this one
 *     bench_lines FILE BLOCK      so many bytes at a time
 *
 * The floor is floor_lines.c.  Seconds are wall time, for where blocks go through threads the
 * waiting is what it costs. */
#include <bide.h>

#include "lines.h"

/* What `wc -l` takes for the same, the start of a process included; < 0: it is not here. */
static double measure_wc(const char *path)
{
    char command[300];
    snprintf(command, sizeof command, "wc -l <'%s' >/dev/null 2>&1", path);
    int64_t start = meter_wall_ns();
    return system(command) == 0 ? (double)(meter_wall_ns() - start) / 1e9 : -1;
}

struct measure { const char *path; size_t block; long expected; };

static int64_t count_lines(bide_file *f)
{
    char *line;
    ssize_t n;
    int64_t count = 0;
    while ((n = bide_file_line(f, &line)) > 0)
        count++;
    return n < 0 ? n : count;
}

static int measure(void *arg)
{
    const struct measure *m = arg;
    double best = 1e9;
    int64_t count = 0;
    for (int i = 0; i < 3; i++) {
        bide_auto(file) f = bide_file_open(m->path, "r", .block = m->block);
        int64_t start = meter_wall_ns();
        if ((count = count_lines(f)) < 0)
            return (int)count;
        double took = (double)(meter_wall_ns() - start) / 1e9;
        best = took < best ? took : best;
    }
    meter_print("lines", best, "s");
    meter_print("lines_each", best * 1e9 / (double)(count ? count : 1), "ns");
    meter_print("lines_wc", measure_wc(m->path), "s");
    if (m->expected && count != m->expected)
        return bide_fail(-EPROTO, "%lld lines instead of %ld", (long long)count, m->expected);
    return 0;
}

int main(int argc, char **argv)
{
    struct measure m = { .path = argc > 1 ? argv[1] : NULL,
                         .block = argc > 2 ? (size_t)atol(argv[2]) : 0 };
    char own[40];
    if (!m.path) {
        snprintf(own, sizeof own, "/proc/%d/fd/%d", (int)getpid(),
                 lines_open(lines_dir(), &m.expected));
        m.path = own;
    }
    if (bide_run(measure, &m) >= 0)
        return 0;
    fprintf(stderr, "lines: %s\n", bide_errmsg());
    return 1;
}
