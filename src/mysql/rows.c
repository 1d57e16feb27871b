#include "mysql/rows.h"

#include "base/memory.h"
#include "mysql/decode.h"

struct mysql_row { struct mysql_row *next; struct bide_value values[]; };
struct mysql_rows {
    bide_rows base;             /* first */
    struct mysql_connection *c; /* of streamed ones, until they have ended */
    bool binary;
    struct mysql_arena memory;  /* of the columns */
    struct mysql_column *columns;
    struct mysql_arena kept;    /* of the rows; of a stream's one row */
    struct mysql_row *first, **tail;
    struct mysql_row *row;      /* on which they stand */
};
static const struct rows_ops ops;

static struct mysql_rows *rows_of(bide_rows *rows) { return (struct mysql_rows *)(void *)rows; }
static const struct mysql_rows *const_rows_of(const bide_rows *rows)
{
    return (const struct mysql_rows *)(const void *)rows;
}

static void free_rows(struct mysql_rows *rows)
{
    bide__mysql_free_arena(&rows->memory);
    bide__mysql_free_arena(&rows->kept);
    bide__free(rows);
}

bide_rows *bide__mysql_rows(struct mysql_connection *c, bool streamed)
{
    struct mysql_rows *rows = bide__zalloc(sizeof *rows);
    if (!rows) {
        bide__mysql_no_memory();
        return NULL;
    }
    rows->base.ops = &ops;
    rows->c = streamed ? c : NULL;
    rows->tail = &rows->first;
    rows->binary = c->answer == ANSWER_BINARY;
    rows->base.width = mysql_field_count(c->my);
    const MYSQL_FIELD *fields = c->result ? mysql_fetch_fields(c->result) : c->my->fields;
    rows->columns = bide__mysql_columns(&rows->memory, fields, rows->base.width);
    if (rows->columns)
        return &rows->base;
    free_rows(rows);
    bide__mysql_no_memory();
    return NULL;
}

/* ---- one row --------------------------------------------------------------------------------- */

/* The texts of a stream's row stay where libmariadb has them: they are good until the next. */
static int decode_text(struct mysql_connection *c, struct mysql_rows *rows, struct mysql_row *row)
{
    MYSQL_ROW texts = c->got.row;
    const unsigned long *sizes = mysql_fetch_lengths(c->result);
    for (size_t i = 0; i < rows->base.width; i++) {
        struct bide_value *v = &row->values[i];
        *v = BIDE_NULL;
        if (!texts[i])
            continue;
        bide__mysql_decode_text(&rows->columns[i], texts[i], sizes[i], v);
        bool is_text = v->type == BIDE_VALUE_TEXT || v->type == BIDE_VALUE_BYTES
            || v->type == BIDE_VALUE_NUMERIC;
        if (!is_text || rows->c)
            continue;
        v->as.s = bide__mysql_take_text(&rows->kept, v->as.s, v->size);
        if (!v->as.s)
            return bide__mysql_no_memory();
    }
    return 0;
}

static int decode_binary(struct mysql_connection *c, struct mysql_rows *rows, struct mysql_row *row)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rows->base.width; i++)
        rc = bide__mysql_decode_binary(&rows->columns[i], c->statement, (unsigned)i, &rows->kept,
                                       &row->values[i]);
    return rc;
}

/* The next row of the answer: 1, 0, < 0. */
BIDE_WAITS static int take_row(struct mysql_connection *c, struct mysql_rows *rows,
                               struct mysql_row **taken)
{
    int rc = bide__mysql_fetch(c);
    if (rc <= 0)
        return rc;
    struct mysql_row *row = bide__mysql_take(&rows->kept, sizeof *row
                                             + rows->base.width * sizeof *row->values);
    if (!row)
        return bide__mysql_no_memory();
    row->next = NULL;
    *taken = row;
    rc = rows->binary ? decode_binary(c, rows, row) : decode_text(c, rows, row);
    return rc < 0 ? rc : 1;
}

/* ---- all of them ----------------------------------------------------------------------------- */

BIDE_WAITS static int take_all(struct mysql_connection *c, struct mysql_rows *rows,
                               size_t bytes_max)
{
    struct mysql_row *row;
    int rc;
    while ((rc = take_row(c, rows, &row)) > 0) {
        *rows->tail = row;
        rows->tail = &row->next;
        rows->base.count++;
        if (rows->kept.bytes > bytes_max)
            return bide_fail(BIDE_ELIMIT, "the result has more than %zu bytes (.result_max)",
                             bytes_max);
    }
    return rc;
}

int bide__mysql_rows_take(struct mysql_connection *c, bide_rows *base, size_t bytes_max)
{
    return take_all(c, rows_of(base), bytes_max);
}

/* ---- one by one ------------------------------------------------------------------------------ */

/* The end of a stream, or its failure: the connection is given back. */
static int end_stream(struct mysql_rows *rows, int rc)
{
    struct mysql_connection *c = rows->c;
    rows->c = NULL;
    rows->row = NULL;
    bide__mysql_leave(c);
    return rc;
}

BIDE_WAITS static int next_streamed(struct mysql_rows *rows)
{
    struct mysql_connection *c = rows->c;
    if (!c)
        return 0;
    bide__mysql_clear(&rows->kept);
    int rc = take_row(c, rows, &rows->row);
    if (rc > 0) {
        rows->base.count++;
        return 1;
    }
    if (rc == 0) {
        int64_t rest = bide__mysql_drop_rest(c);        /* a procedure's */
        rc = rest < 0 ? (int)rest : bide__mysql_end_statement(c);
    }
    return end_stream(rows, rc);
}

static int next(bide_rows *base)
{
    struct mysql_rows *rows = rows_of(base);
    if (base->connection)
        return next_streamed(rows);
    rows->row = rows->row ? rows->row->next : rows->first;
    if (rows->row)
        return 1;
    rows->first = NULL;         /* there is none any more */
    return 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int value(bide_rows *base, size_t column, struct bide_value *v)
{
    *v = rows_of(base)->row->values[column];
    return 0;
}

static const char *name(const bide_rows *base, size_t column)
{
    return const_rows_of(base)->columns[column].name;
}

static const char *type(const bide_rows *base, size_t column)
{
    return const_rows_of(base)->columns[column].type;
}

/* ---- closing --------------------------------------------------------------------------------- */

static void close_rows(bide_rows *base)
{
    struct mysql_rows *rows = rows_of(base);
    if (rows->c) {
        bide__mysql_skip_near(rows->c);
        bide__mysql_leave(rows->c);
    }
    free_rows(rows);
}

static const struct rows_ops ops = { next, value, name, type, close_rows };
