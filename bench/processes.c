/* 10,000 child processes of /bin/true, some at a time: started, waited for, collected.
 *
 * Wall time, for most of it is spent in the kernel and in the children.  floor_processes.c does
 * the same by posix_spawn(3) and waitpid(2). */
#include "meter.h"
#include <bide.h>

enum { COUNT = 10000 };

static long next, count = COUNT;

static int starter(void *unused)
{
    (void)unused;
    while (next++ < count) {
        bide_auto(process) p = bide_exec(BIDE_ARGV("/bin/true"));
        int rc = bide_process_check(p);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int all(void *at_once)
{
    BIDE_GROUP(g);
    for (int i = 0; i < *(int *)at_once; i++)
        bide_spawn(g, starter, NULL);
    return bide_group_wait(g);
}

int main(int argc, char **argv)
{
    static const struct { int at_once; const char *name; } ways[] = {
        { 8, "processes" }, { 1, "processes_one_at_once" },
    };
    if (argc > 1)
        count = atol(argv[1]);
    for (int i = 0; i < 2; i++) {
        int at_once = ways[i].at_once;
        int64_t start = meter_wall_ns();
        next = 0;
        if (bide_run(all, &at_once) < 0) {
            fprintf(stderr, "%s\n", bide_errmsg());
            return 1;
        }
        meter_print(ways[i].name, (double)(meter_wall_ns() - start) / (double)count, "ns");
    }
    return 0;
}
