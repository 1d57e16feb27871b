/* The line for a connection.  First come, first served: who could share one stands behind who wants
 * one for himself, or that one would never come free. */
#include "db/pool.h"

#include "core/park.h"

#include <bide/scope.h>

/* What a waiter is given: a connection that he is a user of, or room to make one. */
struct turn { struct wait wait; struct db_connection *connection; bool shares; };

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

static void serve(struct db_pool *pool, struct turn *turn, struct db_connection *c, int rc)
{
    bide__unlink(&turn->wait);
    pool->waiting--;
    turn->connection = c;
    if (c)
        c->users++;
    bide__settle_wait(&turn->wait, rc);
}

bool bide__db_line_serve(struct db_pool *pool, struct db_connection *c)
{
    struct turn *turn = first_in_line(pool);
    if (!turn)
        return false;
    if (c) {
        bide__db_use(c);
        c->shared = turn->shares;
    }
    serve(pool, turn, c, 0);
    bide__db_line_admit(pool);
    return true;
}

void bide__db_line_end(struct db_pool *pool)
{
    for (struct turn *turn; (turn = first_in_line(pool));)
        serve(pool, turn, NULL, BIDE_ECLOSED);
}

/* ---- sharing --------------------------------------------------------------------------------- */

static bool takes_more(struct db_connection *c)
{
    return c->shared && c->users < c->pool->opts.share && !bide__db_is_worn(c)
        && c->pool->driver->state(c) != DB_BROKEN;
}

/* The one with the fewest users. */
static struct db_connection *shared_one(struct db_pool *pool)
{
    struct db_connection *least = NULL;
    for (struct db_connection *c = pool->used; c; c = c->newer)
        if (takes_more(c) && (!least || c->users < least->users))
            least = c;
    return least;
}

struct db_connection *bide__db_line_join(struct db_pool *pool)
{
    return pool->line.head ? NULL : shared_one(pool);
}

void bide__db_line_admit(struct db_pool *pool)
{
    struct turn *turn;
    struct db_connection *c;
    while ((turn = first_in_line(pool)) && turn->shares && (c = shared_one(pool)))
        serve(pool, turn, c, 0);
}

/* ---- waiting --------------------------------------------------------------------------------- */

int bide__db_refuse_closed(void) { return bide_fail(BIDE_ECLOSED, "the pool was closed"); }

/* The pool was closed after a task in line was served, before it ran. */
static int refuse_served(struct db_pool *pool, struct db_connection *c)
{
    if (c)
        bide__db_done(c);
    else
        bide__db_free_room(pool);
    return bide__db_refuse_closed();
}

int bide__db_line_wait(struct db_pool *pool, bool shares, struct db_connection **c)
{
    BIDE_TIMEOUT(limit, pool->opts.acquire_timeout);
    struct turn turn = { .wait = { .kind = &in_line, .data = pool }, .shares = shares };
    pool->waiting++;
    size_t size_max = pool->opts.size_max;      /* of a pool that may be gone when the wait ends */
    int rc = bide__wait(&pool->line, &turn.wait);
    *c = turn.connection;
    if (rc == BIDE_ECLOSED)
        return bide__db_refuse_closed();
    rc = bide_scope_result(limit, rc);
    if (rc == BIDE_ETIMEDOUT)
        bide_within("no connection of %zu came free", size_max);
    return rc < 0 || !pool->closed ? rc : refuse_served(pool, *c);
}
