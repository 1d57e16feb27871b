/* Rows of a result, and of one that comes row by row. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/decode.h"

#include <string.h>

/* Of a stream, whose results come and go. */
struct pg_column { const char *name; Oid type; bool binary; };
struct pg_rows {
    bide_rows base;             /* first */
    PGresult *result;           /* whole, or the row of a stream */
    int at;                     /* rows that were handed out */
    struct pg_connection *c;    /* of a stream */
    struct pg_request *request; /* the same, while there may be more */
    bool fresh;                 /* the stream's first row was not handed out yet */
    bool over;                  /* the stream has come to its end, or has told why not */
    struct pg_column *columns;  /* NULL: to be asked of the result, which is whole */
};
static const struct rows_ops ops;

static struct pg_rows *rows_of(bide_rows *rows) { return (struct pg_rows *)(void *)rows; }
static const struct pg_rows *const_rows_of(const bide_rows *rows)
{
    return (const struct pg_rows *)(const void *)rows;
}

/* In one piece, the names behind. */
static struct pg_column *copy_columns(const PGresult *result)
{
    int count = PQnfields(result);
    size_t size = (size_t)count * sizeof(struct pg_column) + 1;
    for (int i = 0; i < count; i++)
        size += strlen(PQfname(result, i)) + 1;
    struct pg_column *columns = bide__alloc(size);
    char *at = (char *)(columns + count);
    for (int i = 0; columns && i < count; i++) {
        columns[i] = (struct pg_column){ at, PQftype(result, i), PQfformat(result, i) == 1 };
        at = stpcpy(at, PQfname(result, i)) + 1;
    }
    return columns;
}

bide_rows *bide__pg_rows(struct pg_connection *c, PGresult *result, struct pg_request *streamed)
{
    struct pg_rows *rows = bide__zalloc(sizeof *rows);
    struct pg_column *columns = rows && streamed ? copy_columns(result) : NULL;
    if (!rows || (streamed && !columns)) {
        bide__free(rows);
        PQclear(result);
        if (streamed)
            bide__pg_request_leave(c, streamed);
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    *rows = (struct pg_rows){ .base = { .ops = &ops, .width = (size_t)PQnfields(result) },
                              .result = result, .c = c, .request = streamed, .fresh = true,
                              .columns = columns };
    if (!streamed)
        rows->base.count = PQntuples(result);
    return &rows->base;
}

/* ---- the next row ---------------------------------------------------------------------------- */

static void keep(struct pg_rows *rows, PGresult *result)
{
    PQclear(rows->result);      /* not before: the allocator takes longer then */
    rows->result = result;
}

/* Straight from what libpq has read: as a rule there is a row, and nobody need be told. */
static bool take_row(struct pg_rows *rows)
{
    struct pg_connection *c = rows->c;
    struct pg_request *r = rows->request;
    if (c->head != r || r->result || PQisBusy(c->pg))
        return false;
    PGresult *result = PQgetResult(c->pg);
    if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        keep(rows, result);
        return true;
    }
    if (result)
        bide__pg_give(c, result);
    return false;
}

/* As it was told; the pump looks for more. */
BIDE_WAITS static int await_row(struct pg_rows *rows)
{
    struct pg_connection *c = rows->c;
    struct pg_request *r = rows->request;
    bide__pg_take(c);
    if (!r->result && !r->ended && !r->rc)
        bide__pg_pump(c);
    int rc = bide__pg_request_wait(c, r);
    if (rc < 0) {
        rows->request = NULL;
        return rc;
    }
    keep(rows, r->result);
    r->result = NULL;
    return 0;
}

BIDE_WAITS static int fetch(struct pg_rows *rows)
{
    return take_row(rows) ? 0 : await_row(rows);
}

/* The end of a stream, or its failure; the request has its Sync to come. */
static int end_stream(struct pg_rows *rows)
{
    int rc = bide__pg_failed(rows->result) ? bide__pg_refuse(rows->c, rows->result) : 0;
    bide__pg_request_leave(rows->c, rows->request);
    rows->request = NULL;
    rows->over = true;
    return rc;
}

BIDE_WAITS static int next_streamed(struct pg_rows *rows)
{
    if (!rows->request && !rows->over)
        return bide_fail(BIDE_ECLOSED, "the rows were given up when their task was cancelled");
    if (!rows->request)
        return 0;
    if (!rows->fresh) {
        int rc = fetch(rows);
        if (rc < 0)
            return rc;
    }
    rows->fresh = false;
    if (PQresultStatus(rows->result) != PGRES_SINGLE_TUPLE)
        return end_stream(rows);
    rows->at = 1;
    rows->base.count++;
    return 1;
}

static int next(bide_rows *base)
{
    struct pg_rows *rows = rows_of(base);
    if (base->connection)
        return next_streamed(rows);
    if (rows->at >= PQntuples(rows->result))
        return 0;
    rows->at++;
    return 1;
}

/* ---- its values ------------------------------------------------------------------------------ */

static int value(bide_rows *base, size_t column, struct bide_value *v)
{
    struct pg_rows *rows = rows_of(base);
    int row = rows->at - 1, at = (int)column, size = PQgetlength(rows->result, row, at);
    if (size == 0 && PQgetisnull(rows->result, row, at)) {
        *v = BIDE_NULL;
        return 0;
    }
    const struct pg_column *is = rows->columns ? &rows->columns[column] : NULL;
    return bide__pg_decode(base, is ? is->type : PQftype(rows->result, at),
                           is ? is->binary : PQfformat(rows->result, at) == 1,
                           PQgetvalue(rows->result, row, at), (size_t)size, v);
}

static const char *name(const bide_rows *base, size_t column)
{
    const struct pg_rows *rows = const_rows_of(base);
    return rows->columns ? rows->columns[column].name : PQfname(rows->result, (int)column);
}

static const char *type(const bide_rows *base, size_t column)
{
    const struct pg_rows *rows = const_rows_of(base);
    return bide__pg_type_name(rows->columns ? rows->columns[column].type
                                            : PQftype(rows->result, (int)column));
}

static void close_rows(bide_rows *base)
{
    struct pg_rows *rows = rows_of(base);
    PQclear(rows->result);
    if (rows->request)
        bide__pg_request_leave(rows->c, rows->request);
    bide__free(rows->columns);
    bide__free(rows);
}

static const struct rows_ops ops = { next, value, name, type, close_rows };
