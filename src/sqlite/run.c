/* A statement, run on the thread of its file, and its rows. */
#include "sqlite/batch.h"
#include "sqlite/bind.h"
#include "sqlite/connection.h"

#include "base/memory.h"

#include <string.h>

/* Of streamed rows, so many are read ahead at a time. */
enum { AHEAD_ROWS = 256, AHEAD_BYTES = 65536 };

struct sqlite_rows {
    bide_rows base;             /* first */
    struct job dropping;        /* of streamed ones that were not read to their end */
    struct sqlite_connection *c;        /* of streamed ones */
    struct sqlite_batch batch;
    size_t at;                  /* rows of the batch that were handed out */
    bool more;                  /* there may be rows behind the batch */
    sqlite3_stmt *statement;    /* of streamed ones, while there is more */
    char *names;                /* the names of all columns, then their types */
    const char **columns;       /* 2 * width, into names */
};
static const struct rows_ops ops;

static struct sqlite_rows *rows_of(bide_rows *rows)
{
    return (struct sqlite_rows *)(void *)rows;
}

static struct sqlite_rows *dropped_by(struct job *job)
{
    return (struct sqlite_rows *)(void *)((char *)job - offsetof(struct sqlite_rows, dropping));
}

/* ---- on the thread --------------------------------------------------------------------------- */

struct job_of_rows {
    struct sqlite_connection *c;
    const struct db_statement *statement;
    struct sqlite_rows *rows;
    size_t rows_max, bytes_max; /* of this batch */
    struct sqlite_refusal why;
};

static const char *name_of(sqlite3_stmt *s, size_t column)
{
    const char *name = sqlite3_column_name(s, (int)column);
    return name ? name : "";
}

static const char *type_of(sqlite3_stmt *s, size_t column)
{
    const char *type = sqlite3_column_decltype(s, (int)column);
    return type ? type : "";
}

static int note_columns(struct sqlite_rows *rows, sqlite3_stmt *s)
{
    size_t width = (size_t)sqlite3_column_count(s), bytes = 0;
    for (size_t i = 0; i < width; i++)
        bytes += strlen(name_of(s, i)) + strlen(type_of(s, i)) + 2;
    rows->columns = bide__alloc(2 * width * sizeof *rows->columns + 1);
    rows->names = bide__alloc(bytes + 1);
    if (!rows->columns || !rows->names)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    char *at = rows->names;
    for (size_t i = 0; i < width; i++) {
        rows->columns[2 * i] = at;
        at = stpcpy(at, name_of(s, i)) + 1;
        rows->columns[2 * i + 1] = at;
        at = stpcpy(at, type_of(s, i)) + 1;
    }
    rows->base.width = rows->batch.width = width;
    return 0;
}

/* Steps until the batch is full or the statement has ended.  > 0: there may be more.  Which columns
 * there are is known after the first step: a table that has changed has the statement prepared anew
 * there. */
static int step(struct job_of_rows *job, sqlite3_stmt *s)
{
    struct sqlite_batch *batch = &job->rows->batch;
    bool dropped = job->statement && job->statement->result == DB_DROPPED;
    for (;;) {
        int code = sqlite3_step(s);
        if (code != SQLITE_DONE && code != SQLITE_ROW)
            return bide__sqlite_note(job->c, code, &job->why);
        if (!dropped && !job->rows->columns && note_columns(job->rows, s) < 0)
            return bide_errcode();
        if (code == SQLITE_DONE)
            return 0;
        if (!dropped && bide__sqlite_batch_add(batch, s) < 0)
            return bide_errcode();
        if (batch->rows >= job->rows_max || batch->bytes > job->bytes_max)
            return 1;
    }
}

static bool is_script(const struct db_statement *s)
{
    return s->result == DB_DROPPED && s->count == 0;
}

/* Nothing runs if there is more than one statement where one is wanted; comments are none. */
static int check_rest(struct job_of_rows *job, const char *rest)
{
    sqlite3_stmt *more = NULL;
    rest += strspn(rest, " \t\r\n;");
    if (!*rest || is_script(job->statement))
        return 0;
    int code = sqlite3_prepare_v3(job->c->file, rest, -1, 0, &more, NULL);
    bool is_comment = code == SQLITE_OK && !more;
    sqlite3_finalize(more);
    if (is_comment)
        return 0;
    return bide_fail(BIDE_EINVAL, "one statement is wanted; after it comes \"%.30s\"", rest);
}

/* sqlite3_changes64() alone is of an earlier statement, after one that changes no rows at all. */
static int64_t changes_since(struct sqlite_connection *c, int64_t total)
{
    return sqlite3_total_changes64(c->file) == total ? 0 : sqlite3_changes64(c->file);
}

static int run_prepared(struct job_of_rows *job, sqlite3_stmt *s)
{
    const struct db_statement *st = job->statement;
    int64_t total = sqlite3_total_changes64(job->c->file);
    if (job->c->reading && !sqlite3_stmt_readonly(s))
        return bide__sqlite_note_reading(&job->why);
    int rc = bide__sqlite_check_places(s, st->count);
    if (rc == 0)
        rc = bide__sqlite_bind(s, st->values, st->count, st->result == DB_STREAMED);
    if (rc == 0)
        rc = step(job, s);
    if (rc == 0 && (st->result == DB_DROPPED || !sqlite3_column_count(s)))
        job->rows->base.count = changes_since(job->c, total);
    return rc;
}

static int run_one(struct job_of_rows *job, const char *sql, const char **rest)
{
    struct sqlite_connection *c = job->c;
    sqlite3_stmt *s = NULL;
    int code = bide__sqlite_prepare(&c->statements, c->file, sql, &s, rest);
    if (code != SQLITE_OK)
        return bide__sqlite_note_at(c, code, sql, &job->why);
    if (!s)
        return 0;
    int rc = check_rest(job, *rest);
    if (rc == 0)
        rc = run_prepared(job, s);
    if (rc > 0 && job->statement->result == DB_STREAMED)
        job->rows->statement = s;       /* goes on */
    else
        bide__sqlite_put_back(&c->statements, s);
    return rc;
}

static int run_job(void *arg)
{
    struct job_of_rows *job = arg;
    const struct bide_begin_opts *begins = job->statement->begins;
    const char *sql = job->statement->sql, *rest = "";
    int rc;
    do {
        job->c->was_open = sqlite_is_open(job->c);
        rc = run_one(job, sql, &rest);
        sql = rest;
    } while (rc == 0 && is_script(job->statement) && *rest);
    if (rc == 0 && begins)
        job->c->reading = begins->read_only;
    return rc;
}

static int go_on(void *arg)
{
    struct job_of_rows *job = arg;
    struct sqlite_rows *rows = job->rows;
    bide__sqlite_batch_clear(&rows->batch);
    int rc = step(job, rows->statement);
    if (rc <= 0) {
        bide__sqlite_put_back(&job->c->statements, rows->statement);
        rows->statement = NULL;
    }
    return rc;
}

/* ---- in tasks -------------------------------------------------------------------------------- */

static void free_rows(struct sqlite_rows *rows)
{
    bide__sqlite_batch_free(&rows->batch);
    bide__free(rows->columns);
    bide__free(rows->names);
    bide__free(rows);
}

bide_rows *bide__sqlite_run(struct db_connection *base, const struct db_statement *st)
{
    struct sqlite_connection *c = sqlite_of(base);
    bool is_undone = atomic_load(&c->lost) && strcasecmp(st->sql, "rollback") == 0;
    if (is_undone)
        atomic_store(&c->lost, false);
    if (bide__sqlite_check(c) < 0)
        return NULL;
    struct sqlite_rows *rows = bide__zalloc(sizeof *rows);
    if (!rows) {
        bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
        return NULL;
    }
    rows->base.ops = &ops;
    rows->c = c;
    if (is_undone)
        return &rows->base;
    bool streamed = st->result == DB_STREAMED;
    struct job_of_rows job = {
        .c = c, .statement = st, .rows = rows, .rows_max = streamed ? AHEAD_ROWS : SIZE_MAX,
        .bytes_max = streamed ? AHEAD_BYTES : SIZE_MAX,
    };
    if (st->result == DB_WHOLE)
        rows->batch.bytes_max = st->result_max;
    int rc = bide__sqlite_do(c, run_job, &job, "sqlite");
    if (rc >= 0) {
        rows->more = rc > 0;
        if (st->result == DB_WHOLE && rows->base.width)
            rows->base.count = (int64_t)rows->batch.rows;
        return &rows->base;
    }
    bide__sqlite_refuse(c, rc, &job.why);
    BIDE_KEEP_ERROR(why);
    free_rows(rows);
    return NULL;
}

BIDE_WAITS static int read_ahead(struct sqlite_rows *rows)
{
    struct job_of_rows job = { .c = rows->c, .rows = rows, .rows_max = AHEAD_ROWS,
                               .bytes_max = AHEAD_BYTES };
    if (bide__sqlite_check(rows->c) < 0)
        return bide_errcode();
    int rc = bide__sqlite_do(rows->c, go_on, &job, "sqlite rows");
    rows->at = 0;
    rows->more = rc > 0;
    return bide__sqlite_refuse(rows->c, rc, &job.why);
}

static int next(bide_rows *base)
{
    struct sqlite_rows *rows = rows_of(base);
    if (rows->at == rows->batch.rows && rows->more) {
        int rc = read_ahead(rows);
        if (rc < 0)
            return rc;
    }
    if (rows->at == rows->batch.rows)
        return 0;
    rows->at++;
    if (rows->base.connection)
        rows->base.count++;
    return 1;
}

static int value(bide_rows *base, size_t column, struct bide_value *v)
{
    struct sqlite_rows *rows = rows_of(base);
    *v = rows->batch.values[(rows->at - 1) * rows->batch.width + column];
    return 0;
}

static const char *name(const bide_rows *base, size_t column)
{
    return ((const struct sqlite_rows *)(const void *)base)->columns[2 * column];
}

static const char *type(const bide_rows *base, size_t column)
{
    return ((const struct sqlite_rows *)(const void *)base)->columns[2 * column + 1];
}

/* On the thread, behind what is on its way there. */
static void put_back(struct job *job)
{
    struct sqlite_rows *rows = dropped_by(job);
    bide__sqlite_put_back(&rows->c->statements, rows->statement);
}

static void free_dropped(struct job *job)
{
    struct sqlite_rows *rows = dropped_by(job);
    atomic_fetch_sub(&rows->c->told, 1);
    free_rows(rows);
}

/* The statement of streamed rows is the thread's. */
static void close_rows(bide_rows *base)
{
    struct sqlite_rows *rows = rows_of(base);
    if (!rows->statement) {
        free_rows(rows);
        return;
    }
    rows->dropping = (struct job){ .work = put_back, .done = free_dropped, .name = "sqlite rows" };
    atomic_fetch_add(&rows->c->told, 1);
    if (bide__executor_submit(rows->c->thread, &rows->dropping) == 0)
        return;
    put_back(&rows->dropping);          /* there is no thread, so nothing runs */
    free_dropped(&rows->dropping);
}

static const struct rows_ops ops = { next, value, name, type, close_rows };
