/* cli/work_item.c -- the items that a process has in hand. */
#include "cli/work_queue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work_item *work_item_new(struct work_queue *q, const char *id, size_t tries,
                                const bide_redis_reply *fields)
{
    const bide_redis_reply *text = bide_redis_field(fields, "item");
    const bide_redis_reply *more = bide_redis_field(fields, "more");
    const bide_redis_reply *number = bide_redis_field(fields, "n");
    size_t size = bide_redis_size(text), more_size = bide_redis_size(more);
    struct work_item *item = malloc(sizeof *item + size + more_size + 2);
    if (!item) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    *item = (struct work_item){ .next = q->hand, .tries = tries, .size = size };
    memcpy(item->text, size ? bide_redis_text(text) : "", size + 1);
    memcpy(item->text + size + 1, more_size ? bide_redis_text(more) : "", more_size + 1);
    item->more = item->text + size + 1;
    snprintf(item->id, sizeof item->id, "%s", id);
    /* Who added it without us has not counted; then the moment tells it from others. */
    item->number = strtoull(bide_redis_text(number) ? bide_redis_text(number) : id, NULL, 10);
    if (q->hand)
        q->hand->previous = item;
    q->hand = item;
    return item;
}

void work_item_end(struct work_queue *q, struct work_item *item)
{
    if (item->previous)
        item->previous->next = item->next;
    else
        q->hand = item->next;
    if (item->next)
        item->next->previous = item->previous;
    free(item);
}
