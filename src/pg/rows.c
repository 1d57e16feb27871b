/* Rows of a result, and of one that comes in portions. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/decode.h"
#include "pg/portion.h"

#include <string.h>

struct pg_column { const char *name; Oid type; pg_reader *read; };
struct pg_rows {
    bide_rows base;             /* first */
    PGresult *result;           /* whole, or the portion of a stream */
    int at, count;              /* its rows that were handed out, and that there are */
    struct pg_connection *c;    /* of a stream */
    struct pg_request *request; /* the same, while there may be more */
    bool more;                  /* it is a portion: others come behind it, or the end */
    bool over;                  /* the stream has come to its end, or has told why not */
    struct pg_column columns[]; /* a stream's names are behind: its results come and go */
};
static const struct rows_ops ops;

static struct pg_rows *rows_of(bide_rows *rows) { return (struct pg_rows *)(void *)rows; }
static const struct pg_rows *const_rows_of(const bide_rows *rows)
{
    return (const struct pg_rows *)(const void *)rows;
}

static size_t size_of_names(const PGresult *result)
{
    size_t size = 0;
    for (int i = 0; i < PQnfields(result); i++)
        size += strlen(PQfname(result, i)) + 1;
    return size;
}

static void set_columns(struct pg_rows *rows, bool streamed)
{
    const PGresult *result = rows->result;
    int width = PQnfields(result);
    char *names = (char *)(rows->columns + width);
    for (int i = 0; i < width; i++) {
        const char *name = PQfname(result, i);
        Oid type = PQftype(result, i);
        rows->columns[i] = (struct pg_column){
            streamed ? names : name, type, bide__pg_reader(type, PQfformat(result, i) == 1)
        };
        if (streamed)
            names = stpcpy(names, name) + 1;
    }
}

bide_rows *bide__pg_rows(struct pg_connection *c, PGresult *result, struct pg_request *streamed)
{
    size_t width = (size_t)PQnfields(result);
    struct pg_rows *rows = bide__alloc(sizeof *rows + width * sizeof *rows->columns +
                                       (streamed ? size_of_names(result) : 0));
    if (!rows) {
        PQclear(result);
        if (streamed)
            bide__pg_request_leave(c, streamed);
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    *rows = (struct pg_rows){ .base = { .ops = &ops, .width = width }, .result = result,
                              .count = PQntuples(result), .c = c, .request = streamed,
                              .more = bide__pg_is_portion(result) };
    if (!streamed)
        rows->base.count = rows->count;
    set_columns(rows, streamed);
    return &rows->base;
}

/* ---- the next row ---------------------------------------------------------------------------- */

static void keep(struct pg_rows *rows, PGresult *result, bool more)
{
    PQclear(rows->result);      /* not before: the allocator takes longer then */
    rows->result = result;
    rows->more = more;
    rows->at = 0;
    rows->count = PQntuples(result);
}

/* Straight from what libpq has read: as a rule there are rows, and nobody need be told. */
static bool take_portion(struct pg_rows *rows)
{
    struct pg_connection *c = rows->c;
    struct pg_request *r = rows->request;
    if (c->head != r || r->result || PQisBusy(c->pg))
        return false;
    PGresult *result = PQgetResult(c->pg);
    if (bide__pg_is_portion(result)) {
        keep(rows, result, true);
        return true;
    }
    if (result)
        bide__pg_give(c, result);
    return false;
}

/* As it was told; the pump looks for more. */
BIDE_WAITS static int await_portion(struct pg_rows *rows)
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
    keep(rows, r->result, bide__pg_is_portion(r->result));
    r->result = NULL;
    return 0;
}

BIDE_WAITS static int fetch(struct pg_rows *rows)
{
    return take_portion(rows) ? 0 : await_portion(rows);
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

BIDE_WAITS static int next_portion(struct pg_rows *rows)
{
    if (!rows->request && !rows->over)
        return bide_fail(BIDE_ECLOSED, "the rows were given up when their task was cancelled");
    if (!rows->request)
        return 0;
    int rc = rows->more ? fetch(rows) : 0;
    if (rc < 0)
        return rc;
    return rows->count > 0 ? 1 : end_stream(rows);
}

static int next(bide_rows *base)
{
    struct pg_rows *rows = rows_of(base);
    if (rows->at == rows->count) {
        int rc = base->connection ? next_portion(rows) : 0;
        if (rc <= 0)
            return rc;
    }
    rows->at++;
    if (base->connection)
        base->count++;
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
    const struct pg_column *is = &rows->columns[column];
    return is->read(base, is->type, PQgetvalue(rows->result, row, at), (size_t)size, v);
}

static const char *name(const bide_rows *base, size_t column)
{
    return const_rows_of(base)->columns[column].name;
}

static const char *type(const bide_rows *base, size_t column)
{
    return bide__pg_type_name(const_rows_of(base)->columns[column].type);
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
