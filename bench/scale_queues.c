/* Growth: the length of queues, and of lines of waiters.
 *
 *     bench_scale_queues [COUNT]
 *
 *     fifo, lifo   a put and a get where COUNT items lie in the queue
 *     priority     the same where the least comes out first (a heap: O(log n))
 *     threads      a queue that threads may use, first in first out
 *     line         one of COUNT tasks (100,000 at most) in a line before a lock leaves it,
 *                  cancelled from the middle
 *     fill         a put into a queue that grows from nothing to COUNT; `memory` is what an item
 *                  of eight bytes then takes */
#include <bide.h>

#include "scale.h"

enum { PAIRS = 20000, LEAVERS = 1000, LINE_MAX_HERE = 100000 };

static bool is_less(const void *a, const void *b)
{
    return *(const long *)a < *(const long *)b;
}

static int fill(bide_queue *queue, long count)
{
    for (long i = 0; i < count; i++) {
        long item = (long)scale_random();
        int rc = bide_queue_put(queue, &item);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int put_and_get(bide_queue *queue, const char *name)
{
    long item;
    int64_t start = stretch_begin();
    for (int i = 0; i < PAIRS; i++) {
        item = (long)scale_random();
        if (bide_queue_put(queue, &item) < 0 || bide_queue_get(queue, &item) <= 0)
            return bide_errcode();
    }
    stretch_end(name, start, PAIRS);
    return 0;
}

static int measure_queue(bide_queue *queue, long count, const char *name)
{
    int rc = fill(queue, count);
    return rc < 0 ? rc : put_and_get(queue, name);
}

static int measure_fill(long count)
{
    bide_auto(queue) queue = bide_queue_new(long, BIDE_UNLIMITED);
    int64_t before = meter_memory(), start = stretch_begin();
    int rc = fill(queue, count);
    stretch_end("fill", start, count);
    meter_print("memory", (double)(meter_memory() - before) / (double)count, "bytes");
    return rc < 0 ? rc : put_and_get(queue, "fifo");
}

static int measure_queues(long count)
{
    bide_auto(queue) stack = bide_queue_new(long, BIDE_UNLIMITED, .order = BIDE_LIFO);
    bide_auto(queue) first = bide_queue_new(long, BIDE_UNLIMITED, .order = BIDE_PRIORITY,
                                            .before = is_less);
    bide_auto(queue) shared = bide_queue_new(long, BIDE_UNLIMITED, .threads = true);
    int rc = measure_fill(count);
    if (rc == 0)
        rc = measure_queue(stack, count, "lifo");
    if (rc == 0)
        rc = measure_queue(first, count, "priority");
    return rc < 0 ? rc : measure_queue(shared, count, "threads");
}

/* ---- a line ---- */

static int want(void *lock)
{
    bide_auto(permit) mine = bide_lock_acquire(lock);
    return mine ? 0 : bide_errcode();
}

static int leave_line(bide_task **waiters, long count)
{
    long leavers = count < LEAVERS ? count : LEAVERS, apart = count / leavers;
    int64_t start = stretch_begin();
    for (long i = 0; i < leavers; i++)
        bide_cancel(waiters[i * apart]);
    int rc = bide_yield();
    stretch_end("line", start, leavers);
    return rc;
}

static int measure_line(long count)
{
    bide_lock lock = { 0 };
    bide_task **waiters = calloc((size_t)count, sizeof(bide_task *));
    BIDE_DEFER(tidy, free, waiters);
    bide_auto(permit) mine = bide_lock_acquire(&lock);
    BIDE_KEEP_GOING(group);
    for (long i = 0; i < count; i++)
        bide_spawn(group, want, &lock, .handle = &waiters[i]);
    int rc = mine ? bide_yield() : bide_errcode();
    if (rc == 0)
        rc = leave_line(waiters, count);
    bide_group_cancel(group);
    return rc;
}

static int measure(void *count_)
{
    long count = *(long *)count_;
    int rc = measure_queues(count);
    return rc < 0 ? rc : measure_line(count < LINE_MAX_HERE ? count : LINE_MAX_HERE);
}

int main(int argc, char **argv)
{
    long count = scale_count(argc, argv, 100000);
    if (bide_run(measure, &count) >= 0)
        return 0;
    fprintf(stderr, "scale_queues: %s\n", bide_errmsg());
    return 1;
}
