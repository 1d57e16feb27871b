/* Asking on the shared connection: the ring of those who wait, and leaving it early. */
#include "redis/client.h"

#include "base/memory.h"

enum { RING_LEAST = 64 };


static bool leave_ring(struct wait *w)
{
    struct shared *s = w->data;
    struct asked *a = (struct asked *)(void *)((char *)w - offsetof(struct asked, wait));
    for (size_t i = a->count - a->left; i < a->count; i++)
        place_of(s, a->first + i)->asked = NULL;
    return true;
}
static const struct waitkind in_ring = { "a reply of Redis", leave_ring, NULL };

static int grow_ring(struct shared *s, size_t count)
{
    size_t used = s->tail - s->head, room = s->room ? s->room : RING_LEAST;
    while (room - used < count)
        room *= 2;
    if (room == s->room)
        return 0;
    struct place *ring = bide__alloc(room * sizeof *ring);
    if (!ring)
        return bide_fail(BIDE_ENOMEM, "redis: out of memory");
    for (size_t i = s->head; i != s->tail; i++)
        ring[i & (room - 1)] = *place_of(s, i);
    bide__free(s->ring);
    s->ring = ring;
    s->room = room;
    return 0;
}

/* Into the ring and behind what is to be written, or nowhere. */
static int line_up(bide_redis *redis, struct asked *a)
{
    struct shared *s = &redis->shared;
    size_t used = s->tail - s->head;
    if (a->count > redis->opts.queue_max - used)
        return bide_fail(BIDE_ELIMIT, "redis: %zu commands await their replies (.queue_max is %zu)",
                         used, redis->opts.queue_max);
    int rc = s->room - used < a->count ? grow_ring(s, a->count) : 0;
    if (rc == 0)
        rc = bide__command_put(&s->out, &a->command);
    if (rc < 0)
        return rc;
    a->first = s->tail;
    for (size_t i = 0; i < a->count; i++)
        place_of(s, s->tail++)->asked = a;
    return 0;
}

/* Nothing of redis is looked at behind the wait: it may be closed and gone. */
int bide__shared_ask(bide_redis *redis, const struct command *command, bide_redis_reply **replies,
                     size_t count, bool repeatable)
{
    struct shared *s = &redis->shared;
    struct asked a = { .wait = { .kind = &in_ring, .data = s }, .command = *command,
                       .replies = replies, .count = count, .left = count,
                       .repeatable = repeatable };
    int rc = line_up(redis, &a);
    if (rc < 0)
        return rc;
    if (!bide__alarm_is_set(&s->alarm))
        bide__shared_watch(redis);
    bide__settle_first(s->link ? &s->writer : &s->runner, 0);
    rc = bide__wait_alone(&a.wait);
    for (size_t i = 0; rc < 0 && i < count - a.left; i++)
        bide_redis_reply_free(replies[i]);
    return rc;
}
