/* Rows in bulk: the connection that they have, and when it is done. */
#include "db/handle.h"
#include "db/pool.h"

#include "core/park.h"

#include <bide/scope.h>

/* waits: in the driver */
static bide_bulk *begin(struct db_connection *c, const char *table, const char *const *columns)
{
    const struct db_statement nothing = { .result = DB_DROPPED };
    BIDE_TIMEOUT(limit, c->pool->opts.timeout);
    bide_auto(permit) turn = NULL;
    int rc = bide__db_turn(c, &nothing, &turn);
    if (rc == 0)
        rc = bide__db_going(c, &nothing);
    bide_bulk *bulk = NULL;
    if (rc == 0) {
        c->in_bulk = true;      /* nobody comes between */
        bulk = c->pool->driver->bulk(c, table, columns);
        c->in_bulk = bulk != NULL;
    }
    if (!bulk)
        bide_scope_result(limit, bide_errcode());
    return bulk;
}

bide_bulk *bide_db_bulk(bide_db *db, const char *table, const char *const *columns)
{
    if (db && (!table || !*table)) {
        bide_fail(BIDE_EINVAL, "bulk: the name of a table is wanted");
        return NULL;
    }
    if (db && columns && !columns[0]) {
        bide_fail(BIDE_EINVAL, "bulk: columns are wanted, or NULL for all");
        return NULL;
    }
    struct db_connection *c = bide__db_enter(db, false);
    if (!c)
        return NULL;
    bide_bulk *bulk = begin(c, table, columns);
    if (!bulk) {
        BIDE_KEEP_ERROR(why);
        bide__db_done(c);
        return NULL;
    }
    bulk->connection = c;
    for (; columns && columns[bulk->width]; bulk->width++)
        continue;
    return bulk;
}

/* A clock is set only where there is a limit: most rows are kept, and nothing is waited for.
 * waits: in the driver */
static int add_in_time(bide_bulk *bulk, const struct bide_value *values, size_t count)
{
    double seconds = bulk->connection->pool->opts.timeout;
    if (seconds == BIDE_FOREVER)
        return bulk->ops->add(bulk, values, count);
    BIDE_TIMEOUT(limit, seconds);
    return bide_scope_result(limit, bulk->ops->add(bulk, values, count));
}

int bide_bulk_add(bide_bulk *bulk, const struct bide_value *values, size_t count)
{
    if (!bulk)
        return bide_errcode();
    if (bulk->over)
        return bide_fail(BIDE_ECLOSED, "bulk: it is over");
    if (!bulk->width)
        bulk->width = count;
    if (!count || count != bulk->width)
        return bide_fail(BIDE_EINVAL, "bulk: %zu values for %zu columns", count, bulk->width);
    int rc = bide__enter();
    if (rc < 0)
        return rc;              /* nothing was done */
    rc = add_in_time(bulk, values, count);
    if (rc < 0)
        bulk->over = true;
    return rc;
}

/* waits: in the driver */
static int add_all(bide_bulk *bulk, const struct bide_value *values, size_t rows)
{
    if (bulk->ops->add_all)
        return bulk->ops->add_all(bulk, values, rows);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rows; i++)
        rc = bulk->ops->add(bulk, values + i * bulk->width, bulk->width);
    return rc;
}

int bide__bulk_add_all(bide_bulk *bulk, const struct bide_value *values, size_t rows)
{
    if (bulk->over)
        return bide_fail(BIDE_ECLOSED, "bulk: it is over");
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    BIDE_TIMEOUT(limit, bulk->connection->pool->opts.timeout);
    rc = bide_scope_result(limit, add_all(bulk, values, rows));
    if (rc < 0)
        bulk->over = true;
    return rc;
}

/* waits: in the driver */
int64_t bide_bulk_finish(bide_bulk *bulk)
{
    if (!bulk)
        return bide_errcode();
    if (bulk->over)
        return bide_fail(BIDE_ECLOSED, "bulk: it is over");
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    bulk->over = true;
    BIDE_TIMEOUT(limit, bulk->connection->pool->opts.timeout);
    int64_t rows = bulk->ops->finish(bulk);
    if (rows >= 0) {
        bulk->finished = true;
        bulk->connection->in_bulk = false;
    }
    return rows < 0 ? bide_scope_result(limit, (int)rows) : rows;
}

void bide_bulk_close(bide_bulk *bulk)
{
    if (!bulk)
        return;
    struct db_connection *c = bulk->connection;
    if (!bulk->finished)        /* else it may be others' */
        c->in_bulk = false;
    bulk->ops->close(bulk);
    bide__db_done(c);
}
