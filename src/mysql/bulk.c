/* Rows in bulk: inserts of many rows each, prepared, in one transaction (within another: a
 * savepoint).  So many rows as there are in a batch become statements of 256, 64, 16, 4 rows and
 * one, which are prepared once: few round trips, and few texts. */
#include "mysql/arena.h"
#include "mysql/connection.h"

#include "base/memory.h"
#include "db/name.h"

#include <string.h>

enum { ROWS_MOST = 256, STEP = 4, SOME_BYTES = 262144, PLACES_MOST = 65535 };

struct mysql_bulk {
    bide_bulk base;             /* first */
    struct mysql_connection *c;
    char *head;                 /* insert into `t` (`a`, `b`) values */
    struct mysql_arena texts;
    struct bide_value *values;  /* rows * width */
    size_t rows, rows_most;     /* of the batch */
    int64_t done;               /* rows that are in */
    bool begun;
    bool within;                /* a transaction */
};
static const struct bulk_ops ops;

static struct mysql_bulk *bulk_of(bide_bulk *bulk) { return (struct mysql_bulk *)(void *)bulk; }

/* ---- the statement --------------------------------------------------------------------------- */

static char *write_name(char *at, const char *name, bool of_table)
{
    char piece[DB_NAME_PIECE];
    *at++ = '`';
    for (size_t size; (size = bide__db_name_next(&name, '`', of_table, piece)) > 0;)
        at = mempcpy(at, piece, size);
    *at++ = '`';
    return at;
}

static char *head_text(const char *table, const char *const *columns)
{
    size_t size = 3 * strlen(table) + sizeof "insert into `` () values ";
    for (size_t i = 0; columns && columns[i]; i++)
        size += 2 * strlen(columns[i]) + sizeof ", ``";
    char *text = bide__alloc(size);
    if (!text)
        return NULL;
    char *at = write_name(stpcpy(text, "insert into "), table, true);
    for (size_t i = 0; columns && columns[i]; i++)
        at = write_name(stpcpy(at, i ? ", " : " ("), columns[i], false);
    stpcpy(at, columns ? ") values " : " values ");
    return text;
}

/* The head and so many times "(?, ?)". */
static char *statement_text(const struct mysql_bulk *bulk, size_t rows)
{
    size_t width = bulk->base.width;
    char *text = bide__alloc(strlen(bulk->head) + rows * (3 * width + 4) + 1);
    if (!text)
        return NULL;
    char *at = stpcpy(text, bulk->head);
    for (size_t row = 0; row < rows; row++) {
        at = stpcpy(at, row ? ", (" : "(");
        for (size_t i = 0; i < width; i++)
            at = stpcpy(at, i ? ",?" : "?");
        at = stpcpy(at, ")");
    }
    return text;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void free_bulk(struct mysql_bulk *bulk)
{
    bide__mysql_free_arena(&bulk->texts);
    bide__free(bulk->values);
    bide__free(bulk->head);
    bide__free(bulk);
}

/* One statement about the transaction, alone on the connection. */
BIDE_WAITS static int say(struct mysql_bulk *bulk, const char *within, const char *alone)
{
    struct mysql_connection *c = bulk->c;
    int rc = bide__mysql_enter(c);
    if (rc < 0)
        return rc;
    if (!bulk->begun)
        bulk->within = c->my->server_status & SERVER_STATUS_IN_TRANS;
    const char *sql = bulk->within ? within : alone;
    rc = bide__mysql_check_lost(c, sql);
    int64_t said = rc == 0 ? bide__mysql_say(c, sql) : rc;
    bide__mysql_leave(c);
    return said < 0 ? (int)said : 0;
}

bide_bulk *bide__mysql_bulk(struct db_connection *base, const char *table,
                            const char *const *columns)
{
    struct mysql_bulk *bulk = bide__zalloc(sizeof *bulk);
    if (!bulk) {
        bide__mysql_no_memory();
        return NULL;
    }
    bulk->base.ops = &ops;
    bulk->c = mysql_of(base);
    bulk->head = head_text(table, columns);
    int rc = bulk->head ? say(bulk, "savepoint bide_bulk", "start transaction")
                        : bide__mysql_no_memory();
    bulk->begun = rc == 0;
    if (rc == 0)
        return &bulk->base;
    BIDE_KEEP_ERROR(why);
    if (rc != BIDE_EDB && rc != BIDE_ENOMEM && !bulk->within)
        bide__mysql_tell(base, "rollback");     /* cancelled, it may have begun all the same */
    free_bulk(bulk);
    return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

BIDE_WAITS static int insert(struct mysql_bulk *bulk, const struct bide_value *values, size_t rows)
{
    char *sql = statement_text(bulk, rows);
    if (!sql)
        return bide__mysql_no_memory();
    struct db_statement s = { .sql = sql, .values = values, .count = rows * bulk->base.width,
                              .result = DB_DROPPED };
    bide_rows *none = bide__mysql_run(&bulk->c->base, &s);
    int rc = none ? 0 : bide_errcode();
    bide_rows_close(none);
    bide__free(sql);
    if (rc == 0)
        bulk->done += (int64_t)rows;
    return rc;
}

BIDE_WAITS static int flush(struct mysql_bulk *bulk)
{
    int rc = 0;
    size_t done = 0;
    for (size_t size = bulk->rows_most; rc == 0 && done < bulk->rows;) {
        if (bulk->rows - done < size) {
            size = size > STEP ? size / STEP : 1;
            continue;
        }
        rc = insert(bulk, bulk->values + done * bulk->base.width, size);
        done += size;
    }
    bulk->rows = 0;
    bide__mysql_clear(&bulk->texts);
    return rc < 0 ? bide_within("rows from %lld", (long long)bulk->done + 1) : 0;
}

/* With the first row the width is known. */
static int make_room(struct mysql_bulk *bulk)
{
    size_t rows = ROWS_MOST;
    while (rows > 1 && rows * bulk->base.width > PLACES_MOST)
        rows /= STEP;
    bulk->rows_most = rows;
    bulk->values = bide__alloc(rows * bulk->base.width * sizeof *bulk->values);
    return bulk->values ? 0 : bide__mysql_no_memory();
}

static int copy(struct mysql_bulk *bulk, const struct bide_value *values)
{
    struct bide_value *row = bulk->values + bulk->rows * bulk->base.width;
    for (size_t i = 0; i < bulk->base.width; i++) {
        row[i] = values[i];
        bool is_text = values[i].type == BIDE_VALUE_TEXT || values[i].type == BIDE_VALUE_BYTES
            || values[i].type == BIDE_VALUE_NUMERIC;
        if (!is_text)
            continue;
        row[i].as.s = bide__mysql_take_text(&bulk->texts, values[i].as.s, values[i].size);
        if (!row[i].as.s)
            return bide__mysql_no_memory();
    }
    bulk->rows++;
    return 0;
}

static int add(bide_bulk *base, const struct bide_value *values, size_t count)
{
    struct mysql_bulk *bulk = bulk_of(base);
    (void)count;                /* the width, which was looked at */
    int rc = bulk->values ? 0 : make_room(bulk);
    if (rc == 0)
        rc = copy(bulk, values);
    bool full = bulk->rows == bulk->rows_most || bulk->texts.bytes >= SOME_BYTES;
    return rc == 0 && full ? flush(bulk) : rc;
}

static int64_t finish(bide_bulk *base)
{
    struct mysql_bulk *bulk = bulk_of(base);
    int rc = flush(bulk);
    if (rc == 0)
        rc = say(bulk, "release savepoint bide_bulk", "commit");
    if (rc < 0)
        return rc;
    bulk->begun = false;
    return bulk->done;
}

static void close_bulk(bide_bulk *base)
{
    struct mysql_bulk *bulk = bulk_of(base);
    struct db_connection *c = &bulk->c->base;
    if (bulk->begun && bulk->within) {
        bide__mysql_tell(c, "rollback to savepoint bide_bulk");
        bide__mysql_tell(c, "release savepoint bide_bulk");
    } else if (bulk->begun) {
        bide__mysql_tell(c, "rollback");
    }
    free_bulk(bulk);
}

static const struct bulk_ops ops = { add, NULL, finish, close_bulk };
