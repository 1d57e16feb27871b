/* Rows: the next, a column by its name, and what was wrong. */
#include "db/convert.h"
#include "db/handle.h"

#include "base/memory.h"
#include "core/park.h"

#include <bide/scope.h>

#include <string.h>

/* ---- memory until the next row --------------------------------------------------------------- */

enum { BLOCK = 2048 };
struct rows_block { struct rows_block *next; size_t size, used; max_align_t bytes[]; };

void *bide__rows_keep(bide_rows *rows, size_t size)
{
    size_t whole = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct rows_block *b = rows->blocks;
    if (whole < size || !b || b->size - b->used < whole) {
        size_t room = whole < BLOCK ? BLOCK : whole;
        b = whole < size ? NULL : bide__alloc(sizeof *b + room);
        if (!b)
            return NULL;
        *b = (struct rows_block){ .next = rows->blocks, .size = room };
        rows->blocks = b;
    }
    void *place = (char *)b->bytes + b->used;
    b->used += whole;
    return place;
}

/* The last of them is kept for the next row. */
static void drop_blocks(bide_rows *rows, bool all)
{
    struct rows_block *b = rows->blocks, *next;
    for (; b && (b->next || all); b = next) {
        next = b->next;
        bide__free(b);
    }
    rows->blocks = b;
    if (b)
        b->used = 0;
}

/* ---- going on -------------------------------------------------------------------------------- */

static int note(bide_rows *rows)
{
    if (!rows->bad.code)
        rows->bad = bide_error_held_();
    return bide_errcode();
}

int bide_rows_end(bide_rows *rows)
{
    if (!rows)
        return bide_errcode();
    return rows->bad.code ? bide_fail(rows->bad.code, "%s", rows->bad.text) : 0;
}

/* waits: in the driver */
static int go_on(bide_rows *rows)
{
    double seconds = rows->connection ? bide__db_opts(rows->connection->pool)->timeout
                                      : BIDE_FOREVER;
    if (seconds == BIDE_FOREVER)
        return rows->ops->next(rows);
    BIDE_TIMEOUT(limit, seconds);
    return bide_scope_result(limit, rows->ops->next(rows));
}

/* The statement was cancelled with it, so there is no more: that must not look like the end. */
static int note_cut(bide_rows *rows)
{
    BIDE_KEEP_ERROR(why);
    bide_fail(BIDE_ECLOSED, "the rows were cut off when they were waited for and cancelled");
    note(rows);
    return BIDE_ECANCELED;
}

int bide_rows_next(bide_rows *rows)
{
    int rc = bide_rows_end(rows);
    if (rc == 0 && rows->connection)
        rc = bide__enter();
    if (rc < 0)
        return rc;
    if (rows->blocks)
        drop_blocks(rows, false);
    rows->next_column = 0;
    rc = go_on(rows);
    rows->on_row = rc > 0;
    if (rc == BIDE_ECANCELED)
        return note_cut(rows);
    return rc < 0 ? note(rows) : rc;
}

void bide_rows_close(bide_rows *rows)
{
    if (!rows)
        return;
    struct db_connection *c = rows->connection;
    drop_blocks(rows, true);
    if (c && c->streamed == rows)
        c->streamed = NULL;
    rows->ops->close(rows);
    if (c)
        bide__db_done(c);
}

size_t bide_rows_width(const bide_rows *rows) { return rows ? rows->width : 0; }
int64_t bide_rows_count(const bide_rows *rows) { return rows ? rows->count : 0; }
const char *bide_rows_name(const bide_rows *rows, size_t column)
{
    return rows && column < rows->width ? rows->ops->name(rows, column) : "";
}
const char *bide_rows_type(const bide_rows *rows, size_t column)
{
    return rows && column < rows->width ? rows->ops->type(rows, column) : "";
}

/* ---- finding a column ------------------------------------------------------------------------ */

enum { NOT_FOUND = -1 };

static ssize_t find(bide_rows *rows, const char *column)
{
    for (size_t i = 0; i < rows->width; i++) {
        size_t at = rows->next_column + i;
        if (at >= rows->width)
            at -= rows->width;
        if (strcmp(rows->ops->name(rows, at), column) == 0) {
            rows->next_column = at + 1 < rows->width ? at + 1 : 0;
            return (ssize_t)at;
        }
    }
    bide_fail(BIDE_EDB, "there is no column \"%s\"", column);
    note(rows);
    return NOT_FOUND;
}

static bool stands(bide_rows *rows)
{
    if (rows && rows->on_row)
        return true;
    if (rows) {
        bide_fail(BIDE_EINVAL, "the rows stand on no row: call bide_rows_next()");
        note(rows);
    }
    return false;
}

/* False: the rows are bad. */
static bool value_at(bide_rows *rows, size_t column, struct bide_value *value)
{
    *value = BIDE_NULL;
    if (rows->ops->value(rows, column, value) == 0)
        return true;
    bide_within("column \"%s\"", rows->ops->name(rows, column));
    note(rows);
    return false;
}

static bool value_of(bide_rows *rows, const char *column, struct bide_value *value)
{
    *value = BIDE_NULL;
    ssize_t at = stands(rows) ? find(rows, column) : NOT_FOUND;
    return at >= 0 && value_at(rows, (size_t)at, value);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The sentence was "what it is"; tells where. */
static void refuse(bide_rows *rows, const char *column)
{
    bide_within("column \"%s\"", column);
    note(rows);
}

/* What is there, as what was asked for; nothing and zero where it cannot be. */
static struct bide_value made_of(bide_rows *rows, const char *column, int type)
{
    struct bide_value v, made = { .type = type };
    bool there = value_of(rows, column, &v);
    if (there && v.type == made.type)
        return v;
    if (there && bide__db_make(&v, &made) < 0)
        refuse(rows, column);
    return made;
}

int64_t bide_rows_int(bide_rows *rows, const char *column)
{
    return made_of(rows, column, BIDE_VALUE_INT).as.i;
}

double bide_rows_real(bide_rows *rows, const char *column)
{
    return made_of(rows, column, BIDE_VALUE_REAL).as.d;
}

bool bide_rows_bool(bide_rows *rows, const char *column)
{
    return made_of(rows, column, BIDE_VALUE_BOOL).as.i != 0;
}

int64_t bide_rows_time(bide_rows *rows, const char *column)
{
    return made_of(rows, column, BIDE_VALUE_TIME).as.i;
}

const char *bide_rows_text(bide_rows *rows, const char *column)
{
    struct bide_value v;
    const char *text = "";
    if (!value_of(rows, column, &v))
        return text;
    char *place = NULL;
    if (v.type != BIDE_VALUE_TEXT && v.type != BIDE_VALUE_NUMERIC && v.type != BIDE_VALUE_NULL)
        place = bide__rows_keep(rows, DB_TEXT_SIZE);
    if (bide__db_to_text(&v, place, &text) < 0)
        refuse(rows, column);
    return text;
}

const void *bide_rows_bytes(bide_rows *rows, const char *column, size_t *size)
{
    struct bide_value v;
    *size = 0;
    if (!value_of(rows, column, &v) || v.type == BIDE_VALUE_NULL)
        return NULL;
    if (v.type == BIDE_VALUE_BYTES || v.type == BIDE_VALUE_TEXT) {
        *size = v.size;
        return v.as.s;
    }
    bide_fail(BIDE_EDB, "is %s, not bytes", bide__db_what(&v));
    refuse(rows, column);
    return NULL;
}

bool bide_rows_is_null(bide_rows *rows, const char *column)
{
    size_t before = rows ? rows->next_column : 0;
    struct bide_value v;
    bool null = value_of(rows, column, &v) && v.type == BIDE_VALUE_NULL;
    if (rows && !null)
        rows->next_column = before;     /* it is read next, as a rule */
    return null;
}

struct bide_value bide_rows_value(bide_rows *rows, const char *column)
{
    struct bide_value v;
    bide_ignore(value_of(rows, column, &v));
    return v;
}

struct bide_value bide_rows_at(bide_rows *rows, size_t column)
{
    struct bide_value v = BIDE_NULL;
    if (!stands(rows))
        return v;
    if (column < rows->width) {
        value_at(rows, column, &v);
        return v;
    }
    bide_fail(BIDE_EDB, "there is no column %zu (there are %zu)", column, rows->width);
    note(rows);
    return v;
}
