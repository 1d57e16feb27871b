/* Batches: fifty at once, then the next fifty.  In Python:
 *
 *     for first in range(0, 120, 50):
 *         items = range(first, min(first + 50, 120))
 *         results += await asyncio.gather(*map(process, items))
 */
#include <bide.h>
#include <stdio.h>

enum { ITEMS = 120, BATCH = 50 };

struct item { int value, result; };

static int process_item(void *arg)
{
    struct item *item = arg;
    int rc = bide_sleep(1);
    item->result = item->value * item->value;
    return rc;
}

static int process_batch(struct item *items, int count)
{
    struct bide_call calls[BATCH];
    for (int i = 0; i < count; i++)
        calls[i] = (struct bide_call){ .fn = process_item, .arg = &items[i] };
    return bide_gather(calls, (size_t)count);
}

static int program(void *unused)
{
    (void)unused;
    struct item items[ITEMS];
    for (int i = 0; i < ITEMS; i++)
        items[i] = (struct item){ .value = i };

    double start = bide_now();
    for (int first = 0; first < ITEMS; first += BATCH) {
        int count = ITEMS - first < BATCH ? ITEMS - first : BATCH;
        int rc = process_batch(items + first, count);
        if (rc < 0)
            return rc;
        printf("batch from %d: %d items, %.1f s\n", first, count, bide_now() - start);
    }
    printf("%d results, the last is %d\n", ITEMS, items[ITEMS - 1].result);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
