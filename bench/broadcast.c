/* A broadcast: 1,000 numbers to 1,000 subscribers, each a task that waits for the next; per number
 * and subscriber. The sender yields after each, so everybody is woken for every number. */
#include <bide.h>

#include "meter.h"

enum { SUBSCRIBERS = 1000, ITEMS = 1000 };

static bide_broadcast *news;
static int64_t sum;

static int listen_to_all(void *subscriber)
{
    bide_auto(subscriber) s = subscriber;
    int item, rc;
    while ((rc = bide_subscriber_get(s, &item)) == 1)
        sum += item;
    return rc;
}

static int send_all(void)
{
    for (int i = 0; i < ITEMS; i++)
        if (bide_broadcast_send(news, &i) < 0 || bide_yield() < 0)
            return bide_errcode();
    bide_broadcast_close(news);
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    bide_auto(broadcast) made = news = bide_broadcast_new(int, 8);
    BIDE_GROUP(group);
    for (int i = 0; i < SUBSCRIBERS; i++)
        bide_spawn(group, listen_to_all, bide_broadcast_subscribe(news));
    if (bide_yield() < 0)
        return bide_errcode();
    int64_t start = meter_cpu_ns();
    if (send_all() < 0)
        return bide_errcode();
    int rc = bide_group_wait(group);
    meter_print_each("broadcast", start, (int64_t)SUBSCRIBERS * ITEMS);
    if (rc == 0 && sum != (int64_t)SUBSCRIBERS * ITEMS * (ITEMS - 1) / 2)
        return bide_fail(-EPROTO, "not everybody got everything");
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
