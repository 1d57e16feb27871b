/* One producer and two consumers, ended by closing the queue.  In Python:
 *
 *     while (item := await queue.get()) is not None:
 *         ...
 *     await queue.put(None)                   # the sentinel, for the next worker
 *
 * A closed queue hands out what is in it; then every get returns 0.  Nothing is left over. */
#include <bide.h>
#include <stdio.h>

static bide_queue *queue;

static int produce(void *unused)
{
    (void)unused;
    for (int item = 0; item < 10; item++) {
        int rc = bide_queue_put(queue, &item);
        if (rc == 0)
            rc = bide_sleep(0.1);
        if (rc < 0)
            return rc;
    }
    bide_queue_close(queue);
    return 0;
}

static int consume(void *name)
{
    int rc, item;
    while ((rc = bide_queue_get(queue, &item)) == 1) {
        printf("%s processed item-%d\n", (char *)name, item);
        rc = bide_sleep(0.2);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(queue) made = queue = bide_queue_new(int, 5);
    double start = bide_now();
    struct bide_call calls[] = { { .fn = produce },
                                 { .fn = consume, .arg = "worker-1" },
                                 { .fn = consume, .arg = "worker-2" } };
    int rc = bide_gather(calls, 3);
    printf("Total: %.1f s\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
