/* Rows in bulk: one prepared insert, run by the thread for some hundred rows at a time, in one
 * transaction (within another: a savepoint). */
#include "sqlite/batch.h"
#include "sqlite/bind.h"
#include "sqlite/connection.h"

#include "base/memory.h"

enum { SOME_ROWS = 1000, SOME_BYTES = 262144 };

struct sqlite_bulk {
    bide_bulk base;             /* first */
    struct sqlite_connection *c;
    struct sqlite_batch batch;
    int64_t rows;               /* that are in */
    char *table;
    char *insert;               /* NULL: made with the first row */
    bool begun;
    bool within;                /* within a transaction */
};

struct job_of_bulk {
    struct sqlite_bulk *bulk;
    const char *sql;
    const struct bide_value *values;    /* rows * the batch's width */
    size_t rows;
    struct sqlite_refusal why;
};

static const struct bulk_ops ops;

static struct sqlite_bulk *bulk_of(bide_bulk *bulk)
{
    return (struct sqlite_bulk *)(void *)bulk;
}

/* ---- on the thread --------------------------------------------------------------------------- */

static int say(void *arg)
{
    struct job_of_bulk *job = arg;
    struct sqlite_connection *c = job->bulk->c;
    if (!job->bulk->begun && c->reading)
        return bide__sqlite_note_reading(&job->why);
    if (!job->bulk->begun)
        job->bulk->within = sqlite_is_open(c);
    return bide__sqlite_note(c, sqlite3_exec(c->file, job->sql, NULL, NULL, NULL), &job->why);
}

static int insert(struct job_of_bulk *job, sqlite3_stmt *s)
{
    size_t width = job->bulk->batch.width;
    for (size_t i = 0; i < job->rows; i++) {
        int rc = bide__sqlite_bind_row(s, job->values + i * width, width);
        if (rc == 0)
            rc = bide__sqlite_note(job->bulk->c, sqlite3_step(s), &job->why);
        if (rc < 0)
            return rc;
        sqlite3_reset(s);
        job->bulk->rows++;
    }
    return 0;
}

static int insert_batch(void *arg)
{
    struct job_of_bulk *job = arg;
    struct sqlite_connection *c = job->bulk->c;
    sqlite3_stmt *s = NULL;
    const char *rest;
    int code = bide__sqlite_prepare(&c->statements, c->file, job->bulk->insert, &s, &rest);
    if (code != SQLITE_OK)
        return bide__sqlite_note(c, code, &job->why);
    int rc = insert(job, s);
    bide__sqlite_put_back(&c->statements, s);
    return rc;
}

/* ---- in tasks -------------------------------------------------------------------------------- */

BIDE_WAITS static int run(struct job_of_bulk *job, bide_fn *fn)
{
    struct sqlite_connection *c = job->bulk->c;
    if (bide__sqlite_check(c) < 0)
        return bide_errcode();
    int rc = bide__sqlite_do(c, fn, job, "sqlite bulk");
    return bide__sqlite_refuse(c, rc, &job->why);
}

BIDE_WAITS static int run_say(struct sqlite_bulk *bulk, const char *sql)
{
    return run(&(struct job_of_bulk){ .bulk = bulk, .sql = sql }, say);
}

/* insert into "t" ("a", "b") values (?, ?) */
static char *insert_text(const char *table, const char *const *columns, size_t width)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendf(text, "insert into \"%w\"", table);
    for (size_t i = 0; columns && i < width; i++)
        sqlite3_str_appendf(text, "%s\"%w\"", i ? ", " : " (", columns[i]);
    sqlite3_str_appendall(text, columns ? ") values (" : " values (");
    for (size_t i = 0; i < width; i++)
        sqlite3_str_appendall(text, i ? ", ?" : "?");
    sqlite3_str_appendall(text, ")");
    return sqlite3_str_finish(text);
}

static void free_bulk(struct sqlite_bulk *bulk)
{
    bide__sqlite_batch_free(&bulk->batch);
    sqlite3_free(bulk->table);
    sqlite3_free(bulk->insert);
    bide__free(bulk);
}

bide_bulk *bide__sqlite_bulk(struct db_connection *base, const char *table,
                             const char *const *columns)
{
    struct sqlite_bulk *bulk = bide__zalloc(sizeof *bulk);
    if (!bulk) {
        bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
        return NULL;
    }
    bulk->base.ops = &ops;
    bulk->c = sqlite_of(base);
    size_t width = 0;
    while (columns && columns[width])
        width++;
    bulk->table = sqlite3_mprintf("%s", table);
    if (columns)
        bulk->insert = insert_text(table, columns, width);
    int rc = bulk->table && (bulk->insert || !columns)
        ? run_say(bulk, "savepoint bide_bulk") : bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    bulk->begun = rc == 0;
    if (rc == 0)
        return &bulk->base;
    BIDE_KEEP_ERROR(why);
    free_bulk(bulk);
    return NULL;
}

BIDE_WAITS static int put(struct sqlite_bulk *bulk, const struct bide_value *values, size_t rows)
{
    struct job_of_bulk job = { .bulk = bulk, .values = values, .rows = rows };
    int rc = rows ? run(&job, insert_batch) : 0;
    return rc < 0 ? bide_within("row %lld", (long long)bulk->rows + 1) : 0;
}

BIDE_WAITS static int flush(struct sqlite_bulk *bulk)
{
    int rc = put(bulk, bulk->batch.values, bulk->batch.rows);
    bide__sqlite_batch_clear(&bulk->batch);
    return rc;
}

static int add(bide_bulk *base, const struct bide_value *values, size_t count)
{
    struct sqlite_bulk *bulk = bulk_of(base);
    bulk->batch.width = count;
    if (!bulk->insert)
        bulk->insert = insert_text(bulk->table, NULL, count);
    if (!bulk->insert)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    int rc = bide__sqlite_batch_copy(&bulk->batch, values);
    if (rc == 0 && (bulk->batch.rows >= SOME_ROWS || bulk->batch.bytes >= SOME_BYTES))
        rc = flush(bulk);
    return rc;
}

/* Nothing is copied: whoever waits here keeps it. */
static int add_all(bide_bulk *base, const struct bide_value *values, size_t rows)
{
    struct sqlite_bulk *bulk = bulk_of(base);
    int rc = flush(bulk);
    bulk->batch.width = base->width;
    return rc < 0 ? rc : put(bulk, values, rows);
}

static int64_t finish(bide_bulk *base)
{
    struct sqlite_bulk *bulk = bulk_of(base);
    int rc = flush(bulk);
    if (rc == 0)
        rc = run_say(bulk, "release bide_bulk");
    if (rc < 0)
        return rc;
    bulk->begun = false;
    return bulk->rows;
}

static void close_bulk(bide_bulk *base)
{
    struct sqlite_bulk *bulk = bulk_of(base);
    if (bulk->begun)
        bide__sqlite_tell(&bulk->c->base, bulk->within
                          ? "rollback to bide_bulk; release bide_bulk" : "rollback");
    free_bulk(bulk);
}

static const struct bulk_ops ops = { add, add_all, finish, close_bulk };
