/* cli/work_take.c -- taking items from a shared list.
 *
 * One task asks for all: what others left, now and then, and else what is new, for which it waits.
 * No more is asked for than the workers of this process can soon begin, since what one has in hand
 * is what others would have to wait for if it died. */
#include "cli/work_queue.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Seconds between two looks at what others left, and the wait for new items meanwhile. */
#define LOOK_MAX 0.5
#define LOOK_MIN 0.05
/* Seconds that the server has beyond that, to say that there is nothing. */
#define REPLY_SECONDS 10.0
/* As a claim time of ever: less than what is given back has been idle for. */
#define IDLE_MAX 1e10

static void put_ready(struct work_queue *q, struct work_item *item)
{
    if (q->ready)
        q->ready_last->behind = item;
    else
        q->ready = item;
    q->ready_last = item;
}

static struct work_item *pop_ready(struct work_queue *q)
{
    struct work_item *item = q->ready;
    q->ready = item->behind;
    item->behind = NULL;
    return item;
}

/* ---- what others left ---- */

/* This process may have been stopped for so long that it takes over from itself. */
static struct work_item *find_in_hand(struct work_queue *q, const char *id)
{
    struct work_item *item = q->hand;
    while (item && strcmp(item->id, id) != 0)
        item = item->next;
    return item;
}

static int take_over(struct work_queue *q, const bide_redis_reply *entry)
{
    const char *id = bide_redis_text(bide_redis_at(entry, 0));
    size_t tries = (size_t)bide_redis_int(bide_redis_at(entry, 1), 1);
    struct work_item *item = id ? find_in_hand(q, id) : NULL;
    if (!id || item)
        return 0;
    item = work_item_new(q, id, tries, bide_redis_at(entry, 2));
    if (!item)
        return bide_errcode();
    put_ready(q, item);
    return 0;
}

static double idle_of(const struct work_queue *q)
{
    double idle = ceil(q->options->claim * 1000);
    return idle < IDLE_MAX ? idle : IDLE_MAX;
}

BIDE_WAITS static bide_redis_reply *ask_for_left(struct work_queue *q)
{
    char idle[32], count[32], tries[32];
    const char *args[] = { q->worker, idle, count, q->cursor, tries };
    snprintf(idle, sizeof idle, "%.0f", idle_of(q));
    snprintf(count, sizeof count, "%zu", q->ahead);
    snprintf(tries, sizeof tries, "%zu", q->options->tries);
    return work_queue_ask(q, work_script_claim, args, sizeof args / sizeof args[0]);
}

/* One look; a long list of what is in hand everywhere takes several. */
BIDE_WAITS static int claim(struct work_queue *q)
{
    double pause = q->options->claim / 10;
    bide_auto(redis_reply) reply = ask_for_left(q);
    if (!reply)
        return bide_errcode();
    const char *next = bide_redis_text(bide_redis_at(reply, 0));
    const bide_redis_reply *list = bide_redis_at(reply, 1);
    snprintf(q->cursor, sizeof q->cursor, "%s", next ? next : "0-0");
    q->buried += (uint64_t)bide_redis_int(bide_redis_at(reply, 2), 0);
    q->length = (uint64_t)bide_redis_int(bide_redis_at(reply, 3), 0);
    if (strcmp(q->cursor, "0-0") == 0)
        q->look_at = bide_now() + (pause < LOOK_MIN ? LOOK_MIN : pause < LOOK_MAX ? pause
                                                                                 : LOOK_MAX);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < bide_redis_count(list); i++)
        rc = take_over(q, bide_redis_at(list, i));
    return rc;
}

/* ---- what is new ---- */

/* Waits until there is something, or until it is time to look again. */
BIDE_WAITS static bide_redis_entries *ask_for_new(struct work_queue *q)
{
    double seconds = q->look_at - bide_now();
    seconds = seconds > LOOK_MIN ? seconds : LOOK_MIN;
    BIDE_TIMEOUT(limit, seconds + REPLY_SECONDS);
    bide_redis_entries *entries = bide_redis_group_read(q->redis, q->keys[0], WORK_GROUP,
                                                        q->worker, q->ahead, seconds);
    if (!entries && bide_scope_result(limit, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_fail(BIDE_ETIMEDOUT, "redis: no reply for %g s", REPLY_SECONDS);
    return entries;
}

/* Somebody dropped the list, or the server forgot it. */
static bool is_missing(void)
{
    return bide_errcode() == BIDE_EDB &&
           (strstr(bide_errmsg(), "NOGROUP") || strstr(bide_errmsg(), "UNBLOCKED"));
}

BIDE_WAITS static int take_entries(struct work_queue *q, bide_redis_entries *entries)
{
    struct bide_redis_entry entry;
    while (bide_redis_entries_next(entries, &entry) == 1) {
        struct work_item *item = entry.fields ? work_item_new(q, entry.id, 1, entry.fields) : NULL;
        if (!item && entry.fields)
            return bide_errcode();
        if (item)
            put_ready(q, item);
    }
    return 0;
}

BIDE_WAITS static int read_new(struct work_queue *q)
{
    for (double since = 0;;) {
        bide_auto(redis_entries) entries = ask_for_new(q);
        if (entries) {
            work_queue_is_there(q);
            return take_entries(q, entries);
        }
        if (is_missing())
            return work_queue_make(q);
        since = since > 0 ? since : bide_now();
        int rc = work_queue_outlast(q, since);
        if (rc < 0)
            return rc;
    }
}

/* ---- taking ---- */

/* 1: something is ready, or may be next time; 0: nothing is left. */
BIDE_WAITS static int refill(struct work_queue *q)
{
    bool due = bide_now() >= q->look_at;
    int rc = due ? claim(q) : 0;
    if (rc < 0 && is_missing()) {
        q->length = 0;
        rc = work_queue_make(q);
    }
    if (rc < 0)
        return rc;
    if (q->ready)
        return 1;
    if (due && q->length == 0 && !q->adding && !q->options->stay)
        return 0;
    rc = read_new(q);
    return rc < 0 ? rc : 1;
}

int work_queue_take(struct work_queue *q, struct work_item **item)
{
    bide_auto(permit) taking = bide_semaphore_acquire(&q->taking);
    if (!taking)
        return bide_errcode();
    while (!q->ready) {
        int rc = q->over ? 0 : refill(q);
        q->over = rc == 0;
        if (rc <= 0)
            return rc;
    }
    *item = pop_ready(q);
    return 1;
}
