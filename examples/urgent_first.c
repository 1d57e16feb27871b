/* Jobs done by urgency, not by age: asyncio.PriorityQueue.  In Python:
 *
 *     queue.put_nowait((priority, next(counter), job))     # the counter keeps equals apart
 *
 * Here an item is any struct, .before says which goes first, and equals stay in order. */
#include <bide.h>
#include <stdio.h>

struct job { int priority; const char *what; };

static bide_queue *jobs;
static double start;

static bool is_more_urgent(const void *a, const void *b)
{
    return ((const struct job *)a)->priority < ((const struct job *)b)->priority;
}

static int work(void *unused)
{
    struct job job;
    int rc;
    (void)unused;
    while ((rc = bide_queue_get(jobs, &job)) == 1) {
        printf("%4.1f s: %s\n", bide_now() - start, job.what);
        if ((rc = bide_sleep(1)) < 0)
            return rc;
        bide_queue_done(jobs);
    }
    return rc;
}

static int program(void *unused)
{
    static const struct job all[] = {
        { 3, "tidy up" }, { 2, "answer the first letter" }, { 1, "put out the fire" },
        { 2, "answer the second letter" }, { 1, "call the doctor" },
    };
    (void)unused;
    bide_auto(queue) made = jobs = bide_queue_new(struct job, 10, .order = BIDE_PRIORITY,
                                                  .before = is_more_urgent);
    BIDE_GROUP(g);
    int rc = 0;
    start = bide_now();
    for (size_t i = 0; i < sizeof all / sizeof *all && rc == 0; i++)
        rc = bide_queue_put(jobs, &all[i]);
    if (rc < 0)
        return rc;
    bide_spawn(g, work, NULL);
    if ((rc = bide_queue_join(jobs)) < 0)       /* until all of it is done */
        return rc;
    bide_queue_close(jobs);
    return bide_group_wait(g);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
