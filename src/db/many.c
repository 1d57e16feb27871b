/* One statement, many values: what was changed, or the rows of all, one after the other.
 *
 * A driver that can sends them together and awaits one answer.  For the others they run in turn, in
 * a transaction, so that here as there all take effect or none. */
#include "db/joined.h"
#include "db/handle.h"
#include "db/pool.h"

#include "core/park.h"

#include <bide/scope.h>

static int check(const char *sql, const struct bide_value *values, size_t count, size_t times)
{
    if (!sql || (count && times && !values))
        return bide_fail(BIDE_EINVAL, "a statement and its values are wanted, not NULL");
    return 0;
}

/* ---- by a driver that can -------------------------------------------------------------------- */

/* waits: in the driver */
static int64_t run_in_turn(struct db_connection *c, const struct db_statement *s, size_t times,
                           bide_rows **each)
{
    const bide_db_driver *driver = c->pool->driver;
    BIDE_TIMEOUT(limit, c->pool->opts.timeout);
    bide_auto(permit) turn = NULL;
    int64_t rc = bide__db_turn(c, s, &turn);
    if (rc == 0)
        rc = each ? driver->fetch_many(c, s, times, each) : driver->many(c, s, times);
    return rc < 0 ? bide_scope_result(limit, (int)rc) : rc;
}

/* Into `each`, or, where that is NULL, how many were changed. */
BIDE_WAITS static int64_t run_many(bide_db *db, const struct db_statement *s, size_t times,
                                   bide_rows **each)
{
    struct db_connection *c = bide__db_enter(db, each != NULL);
    if (!c)
        return bide_errcode();
    bide__db_hold(db);
    int64_t rc = run_in_turn(c, s, times, each);
    bide__db_let_go(db);
    BIDE_KEEP_ERROR(why);
    bide__db_done(c);
    return rc;
}

/* ---- what was changed ------------------------------------------------------------------------ */

BIDE_WAITS static int64_t run_each(bide_db *db, struct db_statement *s, size_t times)
{
    bide_auto(db) all = bide_db_begin(db);
    if (!all)
        return bide_errcode();
    int64_t changed = 0;
    for (size_t i = 0; i < times; i++, s->values += s->count) {
        int64_t some = bide_db_execute_values(all, s->sql, s->values, s->count);
        if (some < 0)
            return bide_within("row %zu", i + 1);
        changed += some;
    }
    int rc = bide_db_commit(all);
    return rc < 0 ? rc : changed;
}

int64_t bide_db_execute_many(bide_db *db, const char *sql, const struct bide_value *values,
                             size_t count, size_t times)
{
    if (!db)
        return bide_errcode();
    int rc = check(sql, values, count, times);
    if (rc < 0)
        return rc;
    struct db_statement s = { .sql = sql, .values = values, .count = count, .result = DB_DROPPED,
                              .over = &db->over };
    return db->pool->driver->many ? run_many(db, &s, times, NULL) : run_each(db, &s, times);
}

/* ---- their rows ------------------------------------------------------------------------------ */

BIDE_WAITS static int fetch_each(bide_db *db, const struct db_statement *s, struct joined *rows)
{
    bide_auto(db) all = bide_db_begin(db);
    if (!all)
        return bide_errcode();
    const struct bide_value *values = s->values;
    for (size_t i = 0; i < rows->count; i++, values += s->count) {
        rows->each[i] = bide_db_query_values(all, s->sql, values, s->count);
        if (!rows->each[i])
            return bide_within("row %zu", i + 1);
    }
    return bide_db_commit(all);
}

bide_rows *bide_db_query_many(bide_db *db, const char *sql, const struct bide_value *values,
                              size_t count, size_t times)
{
    if (!db || check(sql, values, count, times) < 0)
        return NULL;
    struct db_statement s = { .sql = sql, .values = values, .count = count, .result = DB_WHOLE,
                              .result_max = db->pool->opts.result_max, .over = &db->over };
    struct joined *rows = bide__joined_new(times);
    bide_auto(rows) guard = rows ? &rows->base : NULL;
    if (!rows)
        return NULL;
    int64_t rc = db->pool->driver->fetch_many ? run_many(db, &s, times, rows->each)
                                              : fetch_each(db, &s, rows);
    if (rc < 0)
        return NULL;
    bide__joined_begin(rows);
    return bide_steal(guard);
}
