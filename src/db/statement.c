/* Statements: what runs where, in turn and in time. */
#include "db/pool.h"

#include "core/park.h"

#include <bide/scope.h>

#include <string.h>

#define BLANKS " \t\r\n"

/* waits: in the driver */
static bide_rows *run_to_its_end(struct db_connection *c, const struct db_statement *s)
{
    BIDE_SHIELD(limit, c->pool->opts.connect_timeout);
    bide_rows *rows = c->pool->driver->run(c, s);
    if (!rows)
        bide_scope_result(limit, bide_errcode());
    return rows;
}

/* waits: in the driver */
static bide_rows *run_in_turn(struct db_connection *c, const struct db_statement *s)
{
    bide_auto(permit) turn = NULL;
    if (bide__db_turn(c, s, &turn) < 0)
        return NULL;
    return s->uncut ? run_to_its_end(c, s) : c->pool->driver->run(c, s);
}

bide_rows *bide__db_run(struct db_connection *c, const struct db_statement *s)
{
    double seconds = c->pool->opts.timeout;
    if (seconds == BIDE_FOREVER)
        return run_in_turn(c, s);
    BIDE_TIMEOUT(limit, seconds);
    bide_rows *rows = run_in_turn(c, s);
    if (!rows)
        bide_scope_result(limit, bide_errcode());
    return rows;
}

/* A script may do anything with its connection. */
static bool can_share(const struct db_statement *s)
{
    return s->result != DB_STREAMED && (s->result == DB_WHOLE || s->count);
}

/* A statement with its connection, which streamed rows keep until they are closed. */
BIDE_WAITS static bide_rows *run_on(bide_db *db, struct db_connection *c,
                                    const struct db_statement *s)
{
    bide__db_hold(db);
    bide_rows *rows = bide__db_run(c, s);
    bide__db_let_go(db);
    if (rows && s->result == DB_STREAMED) {
        rows->connection = c;
        c->streamed = rows;
        return rows;
    }
    if (c->streamed == s)
        c->streamed = NULL;
    BIDE_KEEP_ERROR(why);
    bide__db_done(c);
    return rows;
}

/* A statement's beginning, in one line. */
static void show(const char *sql, char *text, size_t size)
{
    char *at = text, *end = text + size - sizeof "...";
    sql += strspn(sql, BLANKS);
    while (*sql && at < end) {
        size_t blank = strspn(sql, BLANKS);
        *at++ = blank ? ' ' : *sql;
        sql += blank ? blank : 1;
    }
    strcpy(at, *sql ? "..." : "");
}

/* What it is called in errors. */
static bide_rows *within(bide_rows *rows, const char *sql)
{
    char shown[64];
    show(sql, shown, sizeof shown);
    if (!rows && bide_errcode() != BIDE_ECANCELED)
        bide_within("\"%s\"", shown);
    return rows;
}

BIDE_WAITS static bide_rows *run(bide_db *db, const char *sql, const struct bide_value *values,
                                 size_t count, enum db_result result)
{
    if (!db)
        return NULL;
    if (!sql) {
        bide_fail(BIDE_EINVAL, "a statement is wanted, not NULL");
        return NULL;
    }
    struct db_statement s = { .sql = sql, .values = values, .count = count, .result = result,
                              .result_max = db->pool->opts.result_max, .over = &db->over };
    struct db_connection *c = bide__db_enter(db, can_share(&s));
    if (!c && db->kind == DB_POOL)
        return NULL;            /* there is no connection, whatever the statement */
    return within(c ? run_on(db, c, &s) : NULL, sql);
}

bide_rows *bide_db_query_values(bide_db *db, const char *sql, const struct bide_value *values,
                                size_t count)
{
    return run(db, sql, values, count, DB_WHOLE);
}

bide_rows *bide_db_stream_values(bide_db *db, const char *sql, const struct bide_value *values,
                                 size_t count)
{
    return run(db, sql, values, count, DB_STREAMED);
}

int64_t bide_db_execute_values(bide_db *db, const char *sql, const struct bide_value *values,
                               size_t count)
{
    bide_auto(rows) rows = run(db, sql, values, count, DB_DROPPED);
    return rows ? rows->count : bide_errcode();
}

bide_rows *bide_db_row_values(bide_db *db, const char *sql, const struct bide_value *values,
                              size_t count)
{
    bide_auto(rows) rows = run(db, sql, values, count, DB_WHOLE);
    if (!rows)
        return NULL;
    int rc = bide_rows_next(rows);      /* does not wait: they are whole */
    if (rc > 0)
        return bide_steal(rows);
    if (rc == 0)
        bide_fail(BIDE_EDB, "no row");
    return within(NULL, sql);
}
