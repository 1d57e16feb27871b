/* One producer and two consumers on a bounded queue, ended by a sentinel.  In Python:
 *
 *     queue = asyncio.Queue(maxsize=10)
 *     await asyncio.gather(produce(queue), consume(queue, "worker-1"), ...)
 *
 * As in Python the sentinel is handed from worker to worker, and one is left in the queue.
 * s2_10_queue_close.c shows what to do instead: close the queue. */
#include <bide.h>
#include <stdio.h>

enum { ITEMS = 20, SENTINEL = -1 };

static bide_queue *queue;

static int produce(void *unused)
{
    (void)unused;
    for (int item = 0; item < ITEMS; item++) {
        int rc = bide_queue_put(queue, &item);          /* waits while the queue is full */
        if (rc < 0)
            return rc;
        printf("Produced: item-%d\n", item);
    }
    return bide_queue_put(queue, &(int){ SENTINEL });
}

static int consume(void *name)
{
    int rc, item;
    while ((rc = bide_queue_get(queue, &item)) == 1 && item != SENTINEL) {
        rc = bide_sleep(0.1);                           /* stands for the work */
        if (rc < 0)
            return rc;
        printf("%s consumed: item-%d\n", (char *)name, item);
        bide_queue_done(queue);
    }
    return rc < 0 ? rc : bide_queue_put(queue, &item);  /* for the other worker */
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 10);
    struct bide_call calls[] = { { .fn = produce },
                                 { .fn = consume, .arg = "worker-1" },
                                 { .fn = consume, .arg = "worker-2" } };
    int rc = bide_gather(calls, 3);
    printf("Left in the queue: %zu\n", bide_queue_size(queue));
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
