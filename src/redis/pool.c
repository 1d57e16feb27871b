/* Connections that are one task's at a time.  One that comes back goes to the first in line; where
 * one is closed instead, the first in line gets its room and connects himself. */
#include "redis/client.h"

#include "base/memory.h"

/* What a waiter is given: a connection, or NULL for room to make one. */
struct turn { struct wait wait; struct redis_link *link; };

static bool leave_line(struct wait *w)
{
    struct redis_pool *pool = w->data;
    pool->waiting--;
    return bide__undo(w);
}
static const struct waitkind in_line = { "a connection to Redis", leave_line, NULL };

static void link_to(struct redis_link **list, struct redis_link *link)
{
    link->prev = NULL;
    link->next = *list;
    if (*list)
        (*list)->prev = link;
    *list = link;
}

static void unlink_from(struct redis_link **list, struct redis_link *link)
{
    *(link->prev ? &link->prev->next : list) = link->next;
    if (link->next)
        link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/* false: nobody is in line. */
static bool serve_first(struct redis_pool *pool, struct redis_link *link, int rc)
{
    struct wait *w = pool->line.head;
    if (!w)
        return false;
    struct turn *turn = (struct turn *)(void *)((char *)w - offsetof(struct turn, wait));
    bide__unlink(w);
    pool->waiting--;
    turn->link = link;
    if (rc < 0)
        bide__hold(w->task, rc, "redis: the client was closed");
    bide__settle_wait(w, rc);
    return true;
}

static void free_room(struct redis_pool *pool)
{
    if (!serve_first(pool, NULL, 0))
        pool->open--;
}

static struct redis_link *take_idle(struct redis_pool *pool)
{
    while (pool->idle) {
        struct redis_link *link = pool->idle;
        unlink_from(&pool->idle, link);
        pool->idle_count--;
        if (!bide_stream_readable(link->stream))
            return link;
        bide__link_close(link);         /* it has ended, or says what nobody asked for */
        free_room(pool);
    }
    return NULL;
}

BIDE_WAITS static int wait_in_line(bide_redis *redis, struct redis_link **link)
{
    BIDE_TIMEOUT(limit, redis->opts.acquire_timeout);
    struct redis_pool *pool = &redis->pool;
    struct turn turn = { .wait = { .kind = &in_line, .data = pool } };
    pool->waiting++;
    int rc = bide__wait(&pool->line, &turn.wait);
    *link = turn.link;
    rc = bide_scope_result(limit, rc);
    if (rc == BIDE_ETIMEDOUT)
        bide_within("redis: no connection of %zu came free", redis->opts.size_max);
    return rc;
}

/* With room that is already counted. */
BIDE_WAITS static struct redis_link *make(bide_redis *redis)
{
    const struct bide_redis_opts *o = &redis->opts;
    for (size_t failed = 0;;) {
        struct redis_link *link = bide__link_open(&redis->place, o->reply_max, o->connect_timeout);
        if (link)
            return link;
        if (bide_cancelled() || ++failed >= o->attempts || bide__redis_is_final())
            return NULL;
        if (bide_sleep(bide__redis_pause(redis, failed)) < 0)
            return NULL;
    }
}

static void begin_attempt(struct redis_pool *pool, struct attempt *a)
{
    a->next = pool->attempts;
    a->at = &pool->attempts;
    if (a->next)
        a->next->at = &a->next;
    pool->attempts = a;
}

static void end_attempt(struct attempt *a)
{
    *a->at = a->next;
    if (a->next)
        a->next->at = a->at;
}

BIDE_WAITS static struct redis_link *connect_own(bide_redis *redis)
{
    BIDE_SCOPE(until_closed);
    struct attempt attempt = { .scope = until_closed };
    begin_attempt(&redis->pool, &attempt);
    struct redis_link *link = make(redis);
    end_attempt(&attempt);
    if (link && !redis->closed) {
        redis->connected++;
        return link;
    }
    if (redis->closed)
        bide_fail(BIDE_ECLOSED, "redis: the client was closed");
    BIDE_KEEP_ERROR(why);
    bide__link_close(link);
    free_room(&redis->pool);
    return NULL;
}

struct redis_link *bide__redis_pool_take(bide_redis *redis)
{
    struct redis_pool *pool = &redis->pool;
    if (bide__enter() < 0)
        return NULL;
    if (redis->closed) {
        bide_fail(BIDE_ECLOSED, "redis: the client is closed");
        return NULL;
    }
    struct redis_link *link = take_idle(pool);
    bool full = !link && pool->open >= redis->opts.size_max;
    if (full && wait_in_line(redis, &link) < 0)
        return NULL;
    if (full && link)
        return link;            /* among the used ones all the time */
    if (!full && !link)
        pool->open++;
    if (!link)
        link = connect_own(redis);
    if (link)
        link_to(&pool->used, link);
    return link;
}

void bide__redis_pool_give(bide_redis *redis, struct redis_link *link, bool clean)
{
    struct redis_pool *pool = &redis->pool;
    clean = clean && !redis->closed && bide__decoder_is_empty(&link->decoder);
    if (clean)
        bide_stream_rest(link->stream);
    if (clean && serve_first(pool, link, 0))
        return;
    unlink_from(&pool->used, link);
    if (!clean) {
        bide__link_close(link);
        free_room(pool);
        return;
    }
    link_to(&pool->idle, link);
    pool->idle_count++;
}

void bide__redis_pool_close(bide_redis *redis)
{
    struct redis_pool *pool = &redis->pool;
    while (serve_first(pool, NULL, BIDE_ECLOSED))
        continue;
    while (pool->idle) {
        struct redis_link *link = pool->idle;
        unlink_from(&pool->idle, link);
        bide__link_close(link);
        pool->open--;
    }
    pool->idle_count = 0;
    for (struct attempt *a = pool->attempts; a; a = a->next)
        bide_scope_cancel(a->scope);
    for (struct redis_link *link = pool->used; link; link = link->next)
        bide_stream_abort(link->stream);
}

int bide__own_ask(bide_redis *redis, const struct bytes *out, bide_redis_reply **replies,
                  size_t count)
{
    struct redis_link *link = bide__redis_pool_take(redis);
    if (!link)
        return bide_errcode();
    int rc = bide__link_ask(link, out, replies, count);
    if (rc < 0)
        bide__redis_unknown(rc);
    BIDE_KEEP_ERROR(why);
    bide__redis_pool_give(redis, link, rc == 0);
    return rc;
}
