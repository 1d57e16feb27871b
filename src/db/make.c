/* Connections being made, set up, and put back to what they were. */
#include "db/pool.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>

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

void bide__db_stop_making(struct db_pool *pool)
{
    for (struct making *m = pool->making; m; m = m->next)
        bide_scope_cancel(m->scope);
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
    bide__db_use(c);
    if (call_hook(c, pool->opts.setup) == 0) {
        keep(c);
        return c;
    }
    bide_within("setup of a new connection");
    BIDE_KEEP_ERROR(why);
    bide__db_unuse(c);
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

struct db_connection *bide__db_connect(struct db_pool *pool)
{
    struct db_connection *c = make_in_time(pool);
    if (c && !pool->closed)
        return c;
    if (c) {
        bide__db_unuse(c);
        pool->driver->close(c);
    }
    if (pool->closed && !bide_cancelled())
        bide__db_refuse_closed();
    BIDE_KEEP_ERROR(why);
    bide__db_free_room(pool);
    return NULL;
}

/* ---- up to size_min -------------------------------------------------------------------------- */

/* Up to size_min, in the background; whoever needs one meanwhile makes it himself. */
static int fill_up(void *arg)
{
    struct db_pool *pool = arg;
    int rc = 0;
    while (rc == 0 && pool->open < pool->opts.size_min && !pool->closed) {
        pool->open++;
        struct db_connection *c = bide__db_connect(pool);
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

void bide__db_fill(struct db_pool *pool)
{
    if (pool->open >= pool->opts.size_min || pool->filling || pool->closed)
        return;
    pool->filling = bide_spawn(pool->group, fill_up, pool) == 0;
}

/* ---- putting one back ------------------------------------------------------------------------ */

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
    bide__db_unuse(c);
    if (rc < 0) {
        bide_log(BIDE_LOG_DEBUG, "a database connection was not put back: %s", bide_errmsg());
        bide__db_discard(c);
        return 0;
    }
    bide__db_hand_on(c);
    return 0;
}

int bide__db_restore(struct db_connection *c) { return bide_spawn(c->pool->group, restore, c); }
