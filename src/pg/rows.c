/* Rows of a result, and of one that comes row by row. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/decode.h"

struct pg_rows {
    bide_rows base;             /* first */
    PGresult *result;           /* whole, or the row of a stream */
    int at;                     /* rows that were handed out */
    struct pg_connection *c;    /* of a stream */
    struct pg_request *request; /* the same, while there may be more */
    bool fresh;                 /* the stream's first row was not handed out yet */
    bool over;                  /* the stream has come to its end, or has told why not */
};
static const struct rows_ops ops;

static struct pg_rows *rows_of(bide_rows *rows) { return (struct pg_rows *)(void *)rows; }
static const struct pg_rows *const_rows_of(const bide_rows *rows)
{
    return (const struct pg_rows *)(const void *)rows;
}

bide_rows *bide__pg_rows(struct pg_connection *c, PGresult *result, struct pg_request *streamed)
{
    struct pg_rows *rows = bide__zalloc(sizeof *rows);
    if (!rows) {
        PQclear(result);
        if (streamed)
            bide__pg_request_leave(c, streamed);
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    *rows = (struct pg_rows){ .base = { .ops = &ops, .width = (size_t)PQnfields(result) },
                              .result = result, .c = c, .request = streamed, .fresh = true };
    if (!streamed)
        rows->base.count = PQntuples(result);
    return &rows->base;
}

/* ---- the next row ---------------------------------------------------------------------------- */

BIDE_WAITS static int fetch(struct pg_rows *rows)
{
    struct pg_connection *c = rows->c;
    struct pg_request *r = rows->request;
    bide__pg_take(c);           /* mostly it is in libpq's buffer */
    if (!r->result && !r->ended && !r->rc)
        bide__pg_pump(c);
    int rc = bide__pg_request_wait(c, r);
    if (rc < 0) {
        rows->request = NULL;
        return rc;
    }
    PQclear(rows->result);
    rows->result = r->result;
    r->result = NULL;
    return 0;
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
    int row = rows->at - 1, at = (int)column;
    if (PQgetisnull(rows->result, row, at)) {
        *v = BIDE_NULL;
        return 0;
    }
    return bide__pg_decode(base, PQftype(rows->result, at), PQfformat(rows->result, at) == 1,
                           PQgetvalue(rows->result, row, at),
                           (size_t)PQgetlength(rows->result, row, at), v);
}

static const char *name(const bide_rows *base, size_t column)
{
    return PQfname(const_rows_of(base)->result, (int)column);
}

static const char *type(const bide_rows *base, size_t column)
{
    return bide__pg_type_name(PQftype(const_rows_of(base)->result, (int)column));
}

static void close_rows(bide_rows *base)
{
    struct pg_rows *rows = rows_of(base);
    PQclear(rows->result);
    if (rows->request)
        bide__pg_request_leave(rows->c, rows->request);
    bide__free(rows);
}

static const struct rows_ops ops = { next, value, name, type, close_rows };
