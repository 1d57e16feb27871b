#include "db/pool.h"

#include "core/park.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>

#include <stdio.h>

/* ---- idle and used ones ---------------------------------------------------------------------- */

static void unlink_idle(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    *(c->newer ? &c->newer->older : &pool->newest) = c->older;
    *(c->older ? &c->older->newer : &pool->oldest) = c->newer;
    c->newer = c->older = NULL;
    pool->idle--;
}

void bide__db_use(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    c->older = NULL;
    c->newer = pool->used;
    if (pool->used)
        pool->used->older = c;
    pool->used = c;
}

void bide__db_unuse(struct db_connection *c)
{
    if (c->newer)
        c->newer->older = c->older;
    *(c->older ? &c->older->newer : &c->pool->used) = c->newer;
    c->newer = c->older = NULL;
}

static int64_t end_of_life(const struct db_connection *c)
{
    double seconds = c->pool->opts.lifetime;
    return seconds < 1e9 ? c->born_ns + (int64_t)(seconds * 1e9) : INT64_MAX;
}

static int64_t end_of_idling(const struct db_connection *c)
{
    double seconds = c->pool->opts.idle;
    return seconds < 1e9 ? c->idle_ns + (int64_t)(seconds * 1e9) : INT64_MAX;
}

bool bide__db_is_worn(const struct db_connection *c)
{
    int64_t now_ns = bide__clock_ns(bide__loop());
    return c->generation != c->pool->generation || end_of_life(c) <= now_ns;
}

/* Room has come free: the first in line may use it; else it may be the last that a drain waits
 * for. */
void bide__db_free_room(struct db_pool *pool)
{
    if (!pool->closed && bide__db_line_serve(pool, NULL))
        return;
    pool->open--;
    if (!pool->open)
        bide__settle_all(&pool->drainers, 0);
    bide__db_pool_free(pool);
}

/* A task: closing takes its time, and somebody wants to know when it is done.
 * waits: in the driver */
static int finish(void *arg)
{
    struct db_connection *c = arg;
    struct db_pool *pool = c->pool;
    {
        BIDE_SHIELD(closing, BIDE_FOREVER);     /* the driver's thread holds it */
        bide_ignore(pool->driver->finish(c));
    }
    pool->driver->close(c);
    bide__db_free_room(pool);
    return 0;
}

void bide__db_discard(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    bool closed = pool->closed;
    if (pool->draining && pool->driver->finish && bide_spawn(pool->group, finish, c) == 0)
        return;
    pool->driver->close(c);
    bide__db_free_room(pool);
    if (!closed)                /* else it may be gone */
        bide__db_fill(pool);
}

/* ---- the alarm ------------------------------------------------------------------------------- */

static int64_t end_of_one(const struct db_connection *c)
{
    int64_t end = end_of_life(c);
    bool is_extra = c->pool->open > c->pool->opts.size_min;
    return is_extra && end_of_idling(c) < end ? end_of_idling(c) : end;
}

static int64_t first_end(const struct db_pool *pool)
{
    int64_t first = INT64_MAX;
    for (struct db_connection *c = pool->oldest; c; c = c->newer)
        if (end_of_one(c) < first)
            first = end_of_one(c);
    return first;
}

static void set_alarm(struct db_pool *pool, int64_t end)
{
    if (end < INT64_MAX)
        bide__alarm_set(&pool->alarm, end);
}

/* One more is idle.  The others need no look: more than size_min there are only while none is. */
static void watch(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    int64_t end = end_of_one(c);
    if (!bide__alarm_is_set(&pool->alarm) || end < pool->alarm.due_ns)
        set_alarm(pool, end);
}

void bide__db_pool_ring(struct alarm *alarm)
{
    struct db_pool *pool = (struct db_pool *)(void *)((char *)alarm
                                                      - offsetof(struct db_pool, alarm));
    int64_t now_ns = bide__clock_ns(bide__loop());
    for (struct db_connection *c = pool->oldest, *next; c; c = next) {
        next = c->newer;
        bool idled = pool->open > pool->opts.size_min && end_of_idling(c) <= now_ns;
        if (!idled && !bide__db_is_worn(c))
            continue;
        unlink_idle(c);
        bide__db_discard(c);
    }
    set_alarm(pool, first_end(pool));
}

/* ---- taking and giving ----------------------------------------------------------------------- */

static struct db_connection *newest_idle(struct db_pool *pool)
{
    while (pool->newest) {
        struct db_connection *c = pool->newest;
        unlink_idle(c);
        if (!bide__db_is_worn(c) && pool->driver->state(c) == DB_READY)
            return c;
        bide__db_discard(c);
    }
    return NULL;
}

static struct db_connection *counted(struct db_connection *c)
{
    c->users++;
    return c;
}

/* Others do not run before it is looked at: they might close it. */
struct db_connection *bide__db_pool_take(struct db_pool *pool, bool shares)
{
    if (bide__enter_unyielding() < 0)
        return NULL;
    if (pool->closed) {
        bide_fail(BIDE_ECLOSED, "the pool is closed");
        return NULL;
    }
    shares = shares && pool->opts.share > 1 && pool->driver->pipelines;
    struct db_connection *c = newest_idle(pool);
    if (c)
        bide__db_use(c);
    else if (pool->open < pool->opts.size_max)
        pool->open++;
    else if (shares && (c = bide__db_line_join(pool)))
        return counted(c);
    else if (bide__db_line_wait(pool, shares, &c) < 0)
        return NULL;
    else if (c)
        return c;               /* counted by who gave it */
    if (!c && !(c = bide__db_connect(pool)))
        return NULL;
    c->shared = shares;
    counted(c);
    bide__db_line_admit(pool);
    bide__db_fill(pool);
    return c;
}

void bide__db_hand_on(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    if (pool->closed || bide__db_is_worn(c) || pool->driver->state(c) != DB_READY) {
        bide__db_discard(c);
        return;
    }
    if (bide__db_line_serve(pool, c))
        return;
    c->idle_ns = bide__clock_ns(bide__loop());
    c->older = pool->newest;
    c->newer = NULL;
    *(c->older ? &c->older->newer : &pool->oldest) = c;
    pool->newest = c;
    pool->idle++;
    watch(c);
}

void bide__db_pool_give(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    enum db_state state = pool->driver->state(c);
    bool fit = state != DB_BROKEN && !pool->closed;
    bool changed = state == DB_CHANGED || c->lent;
    c->lent = c->shared = false;
    if (fit && changed && bide__db_restore(c) == 0)
        return;
    bide__db_unuse(c);
    if (fit && !changed)
        bide__db_hand_on(c);
    else
        bide__db_discard(c);
}

/* ---- ending ---------------------------------------------------------------------------------- */

void bide__db_pool_close(struct db_pool *pool)
{
    pool->closed = true;
    bide__db_line_end(pool);
    while (pool->newest) {
        struct db_connection *c = pool->newest;
        unlink_idle(c);
        bide__db_discard(c);
    }
    bide__db_stop_making(pool);
    bide__alarm_clear(&pool->alarm);
}

BIDE_WAITS static int wait_for_all(struct db_pool *pool)
{
    static const struct waitkind draining = { "what a database pool has lent", bide__undo, NULL };
    int rc = bide__enter();
    if (rc < 0 || !pool->open)
        return rc;
    struct wait w = { .kind = &draining };
    return bide__wait(&pool->drainers, &w);
}

int bide_db_drain(bide_db *db)
{
    if (!db)
        return bide_errcode();
    if (db->kind != DB_POOL)
        return bide_fail(BIDE_EINVAL, "only a pool can be drained");
    db->pool->draining = true;
    bide__db_pool_close(db->pool);
    return wait_for_all(db->pool);
}

void bide_db_abort(bide_db *db)
{
    if (!db || db->kind != DB_POOL)
        return;
    bide__db_pool_close(db->pool);
    for (struct db_connection *c = db->pool->used; c; c = c->newer)
        db->pool->driver->cut(c);
}

void bide_db_expire(bide_db *db)
{
    if (!db)
        return;
    struct db_pool *pool = db->pool;
    if (pool->keeps_one)
        return;
    pool->generation++;
    while (pool->newest) {
        struct db_connection *c = pool->newest;
        unlink_idle(c);
        bide__db_discard(c);
    }
}

void bide__db_locked(struct db_pool *pool, bool waits)
{
    if (!waits)
        atomic_fetch_sub(&pool->locked, 1);
    else if (atomic_fetch_add(&pool->locked, 1) == 0)
        atomic_store(&pool->locked_ns, bide__clock_ns(NULL));
}

static double locked_for(const struct db_pool *pool)
{
    int64_t for_ns = bide__clock_ns(NULL) - atomic_load(&pool->locked_ns);
    return atomic_load(&pool->locked) && for_ns > 0 ? (double)for_ns / 1e9 : 0;
}

struct bide_db_stats bide_db_stats(const bide_db *db)
{
    if (!db)
        return (struct bide_db_stats){ 0 };
    const struct db_pool *pool = db->pool;
    return (struct bide_db_stats){ .open = pool->open, .idle = pool->idle,
                                   .waiting = pool->waiting, .connected = pool->connected,
                                   .locked = locked_for(pool) };
}
