#include "db/pool.h"

#include "core/park.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>

#include <stdio.h>

/* What a waiter is given: a connection, or room to make one. */
struct turn { struct wait wait; struct db_connection *connection; };

static bool leave_line(struct wait *w)
{
    struct db_pool *pool = w->data;
    pool->waiting--;
    return bide__undo(w);
}
static const struct waitkind in_line = { "a database connection", leave_line, NULL };

static struct turn *first_in_line(struct db_pool *pool)
{
    struct wait *w = pool->line.head;
    return w ? (struct turn *)(void *)((char *)w - offsetof(struct turn, wait)) : NULL;
}

/* c NULL: there is room. */
static void serve(struct db_pool *pool, struct turn *turn, struct db_connection *c, int rc)
{
    bide__unlink(&turn->wait);
    pool->waiting--;
    turn->connection = c;
    bide__settle_wait(&turn->wait, rc);
}

/* ---- idle and used ones ---------------------------------------------------------------------- */

static void unlink_idle(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    *(c->newer ? &c->newer->older : &pool->newest) = c->older;
    *(c->older ? &c->older->newer : &pool->oldest) = c->newer;
    c->newer = c->older = NULL;
    pool->idle--;
}

static void link_used(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    c->older = NULL;
    c->newer = pool->used;
    if (pool->used)
        pool->used->older = c;
    pool->used = c;
}

static void unlink_used(struct db_connection *c)
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

static bool is_worn(const struct db_connection *c, int64_t now_ns)
{
    return c->generation != c->pool->generation || end_of_life(c) <= now_ns;
}

/* Room has come free: the first in line may use it; else it may be the last that a drain waits
 * for. */
static void free_room(struct db_pool *pool)
{
    struct turn *turn = pool->closed ? NULL : first_in_line(pool);
    if (turn) {
        serve(pool, turn, NULL, 0);
        return;
    }
    pool->open--;
    if (!pool->open)
        bide__settle_all(&pool->drainers, 0);
    bide__db_pool_free(pool);
}

static int fill(void *arg);
static void start_filling(struct db_pool *pool)
{
    if (pool->open >= pool->opts.size_min || pool->filling || pool->closed)
        return;
    pool->filling = bide_spawn(pool->group, fill, pool) == 0;
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
    free_room(pool);
    return 0;
}

static void discard(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    bool closed = pool->closed;
    if (pool->draining && pool->driver->finish && bide_spawn(pool->group, finish, c) == 0)
        return;
    pool->driver->close(c);
    free_room(pool);
    if (!closed)                /* else it may be gone */
        start_filling(pool);
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
        if (!idled && !is_worn(c, now_ns))
            continue;
        unlink_idle(c);
        discard(c);
    }
    set_alarm(pool, first_end(pool));
}

/* ---- making one ------------------------------------------------------------------------------ */

/* Who connects; a pool that is closed does not let it go on. */
struct making { struct making *next, **link; bide_scope *scope; };

static void begin_making(struct db_pool *pool, struct making *m)
{
    m->link = &pool->making;
    m->next = pool->making;
    if (m->next)
        m->next->link = &m->next;
    pool->making = m;
}

static void end_making(struct making *m)
{
    *m->link = m->next;
    if (m->next)
        m->next->link = m->link;
}

/* waits: in the program's call */
static int call_hook(struct db_connection *c, int (*hook)(bide_db *connection, void *arg))
{
    if (!hook)
        return 0;
    struct bide_db handle = { .kind = DB_LENT, .pool = c->pool, .connection = c };
    c->users = 1;
    int rc = hook(&handle, c->pool->opts.arg);
    c->users = 0;
    return rc < 0 ? rc : 0;
}

/* What the hooks have made of the session is what it is to be. */
static void keep(struct db_connection *c)
{
    if (c->pool->driver->keep)
        c->pool->driver->keep(c);
}

/* waits: in the driver */
static struct db_connection *make(struct db_pool *pool)
{
    struct db_connection *c = pool->driver->connect(pool);
    if (!c)
        return NULL;
    c->pool = pool;
    c->generation = pool->generation;
    c->born_ns = bide__clock_ns(bide__loop());
    pool->connected++;
    link_used(c);
    if (call_hook(c, pool->opts.setup) == 0) {
        keep(c);
        return c;
    }
    bide_within("setup of a new connection");
    BIDE_KEEP_ERROR(why);
    unlink_used(c);
    pool->driver->close(c);
    return NULL;
}

BIDE_WAITS static struct db_connection *make_in_time(struct db_pool *pool)
{
    BIDE_TIMEOUT(limit, pool->opts.connect_timeout);
    struct making making = { .scope = limit };
    begin_making(pool, &making);
    struct db_connection *c = make(pool);
    end_making(&making);
    if (!c && bide_scope_result(limit, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_within("connect");
    return c;
}

static int refuse_closed(void) { return bide_fail(BIDE_ECLOSED, "the pool was closed"); }

/* One that is used, with room that is already counted. */
BIDE_WAITS static struct db_connection *connect_anew(struct db_pool *pool)
{
    struct db_connection *c = make_in_time(pool);
    if (c && !pool->closed)
        return c;
    if (c) {
        unlink_used(c);
        pool->driver->close(c);
    }
    if (pool->closed && !bide_cancelled())
        refuse_closed();
    BIDE_KEEP_ERROR(why);
    free_room(pool);
    return NULL;
}

/* Up to size_min, in the background; whoever needs one meanwhile makes it himself. */
static int fill(void *arg)
{
    struct db_pool *pool = arg;
    int rc = 0;
    while (rc == 0 && pool->open < pool->opts.size_min && !pool->closed) {
        pool->open++;
        struct db_connection *c = connect_anew(pool);
        if (!c) {
            rc = bide_errcode();
            if (rc != BIDE_ECANCELED && !pool->closed)
                bide_log(BIDE_LOG_WARNING, "a database pool could not be filled: %s",
                         bide_errmsg());
            break;
        }
        bide__db_pool_give(c);
    }
    pool->filling = false;
    return rc == BIDE_ECANCELED ? rc : 0;
}

/* ---- taking and giving ----------------------------------------------------------------------- */

static struct db_connection *newest_idle(struct db_pool *pool)
{
    int64_t now_ns = bide__clock_ns(bide__loop());
    while (pool->newest) {
        struct db_connection *c = pool->newest;
        unlink_idle(c);
        if (!is_worn(c, now_ns) && pool->driver->state(c) == DB_READY)
            return c;
        discard(c);
    }
    return NULL;
}

/* The pool was closed after a task in line was served, before it ran. */
static int refuse_served(struct db_pool *pool, struct db_connection *c)
{
    if (c)
        discard(c);
    else
        free_room(pool);
    return refuse_closed();
}

/* 0 and a connection, or NULL for room. */
BIDE_WAITS static int wait_in_line(struct db_pool *pool, struct db_connection **c)
{
    BIDE_TIMEOUT(limit, pool->opts.acquire_timeout);
    struct turn turn = { .wait = { .kind = &in_line, .data = pool } };
    pool->waiting++;
    size_t size_max = pool->opts.size_max;      /* of a pool that may be gone when the wait ends */
    int rc = bide__wait(&pool->line, &turn.wait);
    *c = turn.connection;
    if (rc == BIDE_ECLOSED)
        return refuse_closed();
    rc = bide_scope_result(limit, rc);
    if (rc == BIDE_ETIMEDOUT)
        bide_within("no connection of %zu came free", size_max);
    return rc < 0 || !pool->closed ? rc : refuse_served(pool, *c);
}

/* Others do not run before it is looked at: they might close it. */
struct db_connection *bide__db_pool_take(struct db_pool *pool)
{
    if (bide__enter_unyielding() < 0)
        return NULL;
    if (pool->closed) {
        bide_fail(BIDE_ECLOSED, "the pool is closed");
        return NULL;
    }
    struct db_connection *c = newest_idle(pool);
    if (!c && pool->open < pool->opts.size_max)
        pool->open++;
    else if (!c && wait_in_line(pool, &c) < 0)
        return NULL;
    if (c)
        link_used(c);
    else if (!(c = connect_anew(pool)))
        return NULL;
    start_filling(pool);
    return c;
}

static void hand_on(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    int64_t now_ns = bide__clock_ns(bide__loop());
    if (pool->closed || is_worn(c, now_ns) || pool->driver->state(c) != DB_READY) {
        discard(c);
        return;
    }
    struct turn *turn = first_in_line(pool);
    if (turn) {
        serve(pool, turn, c, 0);
        return;
    }
    c->idle_ns = now_ns;
    c->older = pool->newest;
    c->newer = NULL;
    *(c->older ? &c->older->newer : &pool->oldest) = c;
    pool->newest = c;
    pool->idle++;
    watch(c);
}

/* waits: in the program's call, or in the driver */
static int put_back(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    int rc = pool->driver->reset(c);
    if (rc == 0 && pool->driver->keep)
        rc = call_hook(c, pool->opts.setup);
    if (rc == 0)
        rc = call_hook(c, pool->opts.reset);
    if (rc == 0)
        keep(c);
    return rc;
}

/* A task: what it must wait for before anybody gets the connection. */
static int restore(void *arg)
{
    struct db_connection *c = arg;
    BIDE_TIMEOUT(limit, c->pool->opts.connect_timeout);
    int rc = put_back(c);
    unlink_used(c);
    if (rc < 0) {
        bide_log(BIDE_LOG_DEBUG, "a database connection was not put back: %s", bide_errmsg());
        discard(c);
        return 0;
    }
    hand_on(c);
    return 0;
}

void bide__db_pool_give(struct db_connection *c)
{
    struct db_pool *pool = c->pool;
    enum db_state state = pool->driver->state(c);
    bool fit = state != DB_BROKEN && !pool->closed;
    bool changed = state == DB_CHANGED || c->lent;
    c->lent = false;
    if (fit && changed && bide_spawn(pool->group, restore, c) == 0)
        return;
    unlink_used(c);
    if (fit && !changed)
        hand_on(c);
    else
        discard(c);
}

/* ---- ending ---------------------------------------------------------------------------------- */

void bide__db_pool_close(struct db_pool *pool)
{
    pool->closed = true;
    for (struct turn *turn; (turn = first_in_line(pool));)
        serve(pool, turn, NULL, BIDE_ECLOSED);
    while (pool->newest) {
        struct db_connection *c = pool->newest;
        unlink_idle(c);
        discard(c);
    }
    for (struct making *m = pool->making; m; m = m->next)
        bide_scope_cancel(m->scope);
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
        discard(c);
    }
}

struct bide_db_stats bide_db_stats(const bide_db *db)
{
    if (!db)
        return (struct bide_db_stats){ 0 };
    const struct db_pool *pool = db->pool;
    return (struct bide_db_stats){ .open = pool->open, .idle = pool->idle,
                                   .waiting = pool->waiting, .connected = pool->connected };
}
