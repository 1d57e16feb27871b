/* Memory: many tasks, each asleep, each on a guarded stack of its own.
 *
 *     bench_memory COUNT
 *
 * Told are the bytes per task that the kernel holds for the process, page tables included, and
 * the number of mappings (a machine allows 65,530 as it comes). Whether there really is a guard
 * under the stacks is tried out: the kernel is asked to copy from below a sleeper's frame until
 * it refuses, which an unguarded neighbour's stack would never make it do. */
#include <bide.h>

#include <sys/uio.h>
#include <unistd.h>

#include "meter.h"

enum { PAGE = 4096, SAMPLES = 64, SEARCH_MAX = 1 << 20 };

static char *frames[SAMPLES];   /* an address in each of the first sleepers' stacks */
static int frame_count;

static int sleep_long(void *unused)
{
    (void)unused;
    char here;
    if (frame_count < SAMPLES)
        frames[frame_count++] = &here;
    return bide_sleep(1000);
}

static bool is_readable(char *address)
{
    char byte;
    struct iovec to = { &byte, 1 }, from = { address, 1 };
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

/* How far below its frame a stack ends, or SEARCH_MAX if no end is found. */
static int guard_distance(char *frame)
{
    int distance = 0;
    while (distance < SEARCH_MAX && is_readable(frame - distance))
        distance += PAGE;
    return distance;
}

static void print_guards(void)
{
    int guarded = 0, distance_max = 0;
    for (int i = 0; i < frame_count; i++) {
        int distance = guard_distance(frames[i]);
        guarded += distance < SEARCH_MAX;
        distance_max = distance > distance_max ? distance : distance_max;
    }
    meter_print("memory_guarded", 100.0 * guarded / (frame_count ? frame_count : 1), "percent");
    meter_print("memory_stack", distance_max, "bytes");
}

static int measure(void *wanted_)
{
    long wanted = *(long *)wanted_, count = 0;
    int64_t before = meter_memory();
    BIDE_GROUP(group);
    for (; count < wanted; count++) {
        if (bide_spawn(group, sleep_long, NULL) < 0)
            break;
        if (count % 1024 == 0 && bide_yield() < 0)
            return bide_errcode();
    }
    if (bide_yield() < 0)
        return bide_errcode();
    meter_print_memory(before, count, wanted);
    print_guards();
    fflush(stdout);
    _exit(0);                   /* the sleepers are left to the kernel */
}

int main(int argc, char **argv)
{
    long wanted = argc > 1 ? atol(argv[1]) : 100000;
    return bide_run(measure, &wanted) < 0;
}
