/* cli/work_settle.c -- what becomes of an item in hand: it is done, it failed, or it takes long. */
#include "cli/work_queue.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Seconds before an item that failed once is handed out again, doubled for each further time. */
#define DELAY_FIRST 1.0
#define DELAY_MAX 30.0
/* Items may be silent for this share of the claim time. */
#define KEEP_SHARE 3

int work_queue_finish(struct work_queue *q, struct work_item *item, const char *line)
{
    const char *args[] = { q->worker, item->id, item->text, line };
    bide_auto(redis_reply) reply = work_queue_ask(q, work_script_finish, args,
                                                  sizeof args / sizeof args[0]);
    if (!reply)
        return bide_errcode();
    bool first = bide_redis_int(reply, 0) == 1;
    q->done += first;
    q->repeats += !first;
    work_item_end(q, item);
    return first;
}

/* For how many milliseconds an item counts as silent already, so that it is taken over when its
 * delay is over. */
static double idle_of(const struct work_queue *q, const struct work_item *item)
{
    double delay = ldexp(DELAY_FIRST, item->tries < 10 ? (int)item->tries - 1 : 10);
    double idle = q->options->claim - (delay < DELAY_MAX ? delay : DELAY_MAX);
    return idle > 0 ? fmin(idle * 1000, 1e10) : 0;
}

/* Gives it back after so many tries, or buries it if that is the most. */
BIDE_WAITS static int give_back(struct work_queue *q, struct work_item *item, const char *line,
                                size_t tries, size_t tries_max)
{
    char count[32], most[32], idle[32];
    const char *args[] = { q->worker, item->id, item->text, count, most, idle, line };
    snprintf(count, sizeof count, "%zu", tries);
    snprintf(most, sizeof most, "%zu", tries_max);
    snprintf(idle, sizeof idle, "%.0f", idle_of(q, item));
    bide_auto(redis_reply) reply = work_queue_ask(q, work_script_fail, args,
                                                  sizeof args / sizeof args[0]);
    if (!reply)
        return bide_errcode();
    work_item_end(q, item);
    return bide_redis_int(reply, 0) == 1;
}

int work_queue_fail(struct work_queue *q, struct work_item *item, const char *line, bool may_pass)
{
    return give_back(q, item, line, item->tries, may_pass ? q->options->tries : 0);
}

int work_queue_defer(struct work_queue *q, struct work_item *item)
{
    return give_back(q, item, "", item->tries - 1, SIZE_MAX);
}

/* ---- still at it ---- */

/* The ids, for items end while one waits. */
struct ids { char text[WORK_BATCH][sizeof((struct work_item *)0)->id]; };

/* A batch of those that were not told of since then: how many. */
static size_t gather(struct work_queue *q, double since, struct ids *ids)
{
    size_t count = 0;
    for (struct work_item *item = q->hand; item && count < WORK_BATCH; item = item->next) {
        if (item->kept >= since)
            continue;
        item->kept = bide_now();
        memcpy(ids->text[count++], item->id, sizeof item->id);
    }
    return count;
}

BIDE_WAITS static int keep_all(struct work_queue *q)
{
    struct ids ids;
    const char *args[1 + WORK_BATCH] = { q->worker };
    double since = bide_now();
    for (size_t count; (count = gather(q, since, &ids)) > 0;) {
        for (size_t i = 0; i < count; i++)
            args[1 + i] = ids.text[i];
        bide_auto(redis_reply) reply = work_queue_ask(q, work_script_keep, args, 1 + count);
        if (!reply)
            return bide_errcode();
    }
    return 0;
}

int work_queue_keep(void *queue)
{
    struct work_queue *q = queue;
    for (;;) {
        int rc = bide_sleep(q->options->claim / KEEP_SHARE);
        if (rc == 0)
            rc = keep_all(q);
        if (rc < 0)
            return rc;
    }
}
