/* A message: a number goes through one queue to another task and comes back through a second,
 * a million times; each way counts as one. Each queue holds one item.
 *
 * Asking and answering in turn is the worst case for a queue: every message is a switch, and
 * the two sides stand in different functions, so the processor guesses each return wrong. */
#include <bide.h>

#include "meter.h"

enum { MESSAGES = 2000000 };

static bide_queue *there, *back;

static int echo(void *unused)
{
    (void)unused;
    int number;
    for (int i = 0; i < MESSAGES / 2; i++)
        if (bide_queue_get(there, &number) <= 0 || bide_queue_put(back, &number) < 0)
            return bide_errcode();
    return 0;
}

static int ask_often(int64_t *sum)
{
    int number;
    for (int i = 0; i < MESSAGES / 2; i++) {
        if (bide_queue_put(there, &i) < 0 || bide_queue_get(back, &number) <= 0)
            return bide_errcode();
        *sum += number;
    }
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    bide_auto(queue) first = there = bide_queue_new(int, 1);
    bide_auto(queue) second = back = bide_queue_new(int, 1);
    int64_t sum = 0;
    BIDE_GROUP(group);
    bide_spawn(group, echo, NULL);
    int64_t start = meter_cpu_ns();
    if (ask_often(&sum) < 0)
        return bide_errcode();
    meter_print_each("message", start, MESSAGES);
    if (sum != (int64_t)(MESSAGES / 2) * (MESSAGES / 2 - 1) / 2)
        return bide_fail(-EPROTO, "the answers are not what was asked");
    return bide_group_wait(group);
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
