/* cli/work_add.c -- adding to a shared list, no faster than it takes it.
 *
 * While the list is full nobody is told when there is room, so one asks again, seldomer the longer
 * it lasts. */
#include "cli/work_queue.h"
#include <stdio.h>

#define PAUSE_FIRST 0.05
#define PAUSE_MAX 1.0

/* One script's worth: how many of them were seen to; *fresh: how many were new. */
BIDE_WAITS static int64_t add_some(struct work_queue *q, const struct work_new *items,
                                   size_t count, int64_t *fresh)
{
    char most[24];
    const char *args[1 + 2 * WORK_BATCH];
    snprintf(most, sizeof most, "%zu", q->options->length);
    args[0] = most;
    for (size_t i = 0; i < count; i++) {
        args[1 + 2 * i] = items[i].text;
        args[2 + 2 * i] = items[i].more ? items[i].more : "";
    }
    bide_auto(redis_reply) reply = work_queue_ask(q, work_script_add, args, 1 + 2 * count);
    if (!reply)
        return bide_errcode();
    *fresh += bide_redis_int(bide_redis_at(reply, 1), 0);
    return bide_redis_int(bide_redis_at(reply, 0), 0);
}

int64_t work_queue_add(struct work_queue *q, const struct work_new *items, size_t count)
{
    int64_t fresh = 0;
    double pause = PAUSE_FIRST;
    while (count > 0) {
        size_t some = count < WORK_BATCH ? count : WORK_BATCH;
        int64_t done = add_some(q, items, some, &fresh);
        if (done < 0)
            return done;
        items += done;
        count -= (size_t)done;
        pause = done > 0 ? PAUSE_FIRST : pause < PAUSE_MAX / 2 ? 2 * pause : PAUSE_MAX;
        int rc = (size_t)done < some ? bide_sleep(pause) : 0;
        if (rc < 0)
            return rc;
    }
    return fresh;
}
