/* Rows in bulk: the connection that they have, and when it is done. */
#include "db/handle.h"
#include "db/pool.h"

/* waits: in the driver */
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
    struct db_connection *c = bide__db_enter(db);
    if (!c)
        return NULL;
    bide_bulk *bulk = c->pool->driver->bulk(c, table, columns);
    if (!bulk) {
        BIDE_KEEP_ERROR(why);
        bide__db_done(c);
        return NULL;
    }
    bulk->connection = c;
    c->in_bulk = true;
    for (; columns && columns[bulk->width]; bulk->width++)
        continue;
    return bulk;
}

/* waits: in the driver */
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
    int rc = bulk->ops->add(bulk, values, count);
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
    int64_t rows = bulk->ops->finish(bulk);
    bulk->over = true;
    return rows;
}

void bide_bulk_close(bide_bulk *bulk)
{
    if (!bulk)
        return;
    struct db_connection *c = bulk->connection;
    bulk->ops->close(bulk);
    c->in_bulk = false;
    bide__db_done(c);
}
