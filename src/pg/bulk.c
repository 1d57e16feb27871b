/* Rows in bulk: COPY in its text form, which the server reads for every type as it reads
 * parameters, so no table need be asked for its types.  In binary the server is hardly faster. */
#include "pg/copy.h"
#include "pg/encode.h"
#include "pg/form.h"

#include "base/memory.h"
#include "db/name.h"

#include <stdio.h>
#include <string.h>

/* Bytes of rows that are gathered before they are sent. */
enum { SOME_BYTES = 65536 };

struct pg_bulk {
    bide_bulk base;             /* first */
    struct pg_copy copy;
    struct pg_text rows, value;
};
static const struct bulk_ops ops;

static struct pg_bulk *bulk_of(bide_bulk *bulk) { return (struct pg_bulk *)(void *)bulk; }

/* ---- the statement --------------------------------------------------------------------------- */

static int write_name(struct pg_text *text, const char *name, bool of_table)
{
    char piece[DB_NAME_PIECE];
    int rc = bide__pg_write_bytes(text, "\"", 1);
    for (size_t size; rc == 0 && (size = bide__db_name_next(&name, '"', of_table, piece)) > 0;)
        rc = bide__pg_write_bytes(text, piece, size);
    return rc < 0 ? rc : bide__pg_write_bytes(text, "\"", 1);
}

static int write_text(struct pg_text *text, const char *words)
{
    return bide__pg_write_bytes(text, words, strlen(words));
}

/* copy "t" ("a", "b") from stdin */
static int write_statement(struct pg_text *text, const char *table, const char *const *columns)
{
    int rc = write_text(text, "copy ");
    if (rc == 0)
        rc = write_name(text, table, true);
    for (size_t i = 0; rc == 0 && columns && columns[i]; i++) {
        rc = write_text(text, i ? ", " : " (");
        if (rc == 0)
            rc = write_name(text, columns[i], false);
    }
    if (rc == 0)
        rc = write_text(text, columns && columns[0] ? ") from stdin" : " from stdin");
    return rc < 0 ? rc : bide__pg_write_bytes(text, "", 1);
}

BIDE_WAITS static int begin(struct pg_bulk *bulk, struct pg_connection *c, const char *table,
                            const char *const *columns)
{
    struct pg_text sql = { 0 };
    int rc = write_statement(&sql, table, columns);
    if (rc == 0)
        rc = bide__pg_copy_begin(&bulk->copy, c, sql.bytes, true);
    bide__free(sql.bytes);
    return rc;
}

bide_bulk *bide__pg_bulk(struct db_connection *base, const char *table, const char *const *columns)
{
    struct pg_bulk *bulk = bide__zalloc(sizeof *bulk);
    if (!bulk) {
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    bulk->base.ops = &ops;
    if (begin(bulk, pg_of(base), table, columns) == 0)
        return &bulk->base;
    BIDE_KEEP_ERROR(why);
    bide__free(bulk);
    return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int no_memory(void) { return bide_fail(BIDE_ENOMEM, "postgresql: out of memory"); }

/* Bytes that a value takes at most, with what stands behind it; 0: only writing tells. */
static size_t room_of(const struct bide_value *v)
{
    return v->type == BIDE_VALUE_TEXT ? PG_FORM_ROOM(v->size) + 1
        : v->type == BIDE_VALUE_INT ? PG_FORM_INT + 1 : v->type == BIDE_VALUE_NULL ? 3 : 0;
}

/* For a whole row; 0: some value does not tell. */
static size_t room_of_row(const struct bide_value *values, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        size_t room = room_of(&values[i]);
        if (!room)
            return 0;
        all += room;
    }
    return all;
}

/* There is room. */
static char *form_value(char *at, const struct bide_value *v)
{
    if (v->type == BIDE_VALUE_TEXT)
        return bide__pg_form_text(at, v->as.s, v->size);
    return v->type == BIDE_VALUE_INT ? bide__pg_form_int(at, v->as.i) : mempcpy(at, "\\N", 2);
}

static int write_escaped(struct pg_text *text, const char *bytes, size_t size)
{
    char *at = bide__pg_reserve(text, PG_FORM_ROOM(size));
    if (!at)
        return no_memory();
    text->size = (size_t)(bide__pg_form_text(at, bytes, size) - text->bytes);
    return 0;
}

static int write_value(struct pg_bulk *bulk, const struct bide_value *v)
{
    size_t room = room_of(v);
    if (room) {
        char *at = bide__pg_reserve(&bulk->rows, room);
        if (!at)
            return no_memory();
        bulk->rows.size = (size_t)(form_value(at, v) - bulk->rows.bytes);
        return 0;
    }
    switch (v->type) {
    case BIDE_VALUE_ARRAY:
    case BIDE_VALUE_BYTES: break;
    default: return bide__pg_write(&bulk->rows, v);
    }
    bulk->value.size = 0;
    int rc = bide__pg_write(&bulk->value, v);
    return rc < 0 ? rc : write_escaped(&bulk->rows, bulk->value.bytes, bulk->value.size);
}

BIDE_WAITS static int send_gathered(struct pg_bulk *bulk)
{
    int rc = bide__pg_copy_put(&bulk->copy, bulk->rows.bytes, bulk->rows.size);
    bulk->rows.size = 0;
    return rc;
}

static int write_any(struct pg_bulk *bulk, const struct bide_value *values, size_t count)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = i ? bide__pg_write_bytes(&bulk->rows, "\t", 1) : 0;
        if (rc == 0)
            rc = write_value(bulk, &values[i]);
    }
    return rc < 0 ? rc : bide__pg_write_bytes(&bulk->rows, "\n", 1);
}

/* Mostly a row's texts are at hand, and so is how much room they take. */
static int write_row(struct pg_bulk *bulk, const struct bide_value *values, size_t count)
{
    size_t room = room_of_row(values, count);
    if (!room)
        return write_any(bulk, values, count);
    char *at = bide__pg_reserve(&bulk->rows, room);
    if (!at)
        return no_memory();
    for (size_t i = 0; i < count; i++) {
        at = form_value(at, &values[i]);
        *at++ = '\t';
    }
    at[-1] = '\n';
    bulk->rows.size = (size_t)(at - bulk->rows.bytes);
    return 0;
}

static int add_all(bide_bulk *base, const struct bide_value *values, size_t rows)
{
    struct pg_bulk *bulk = bulk_of(base);
    int rc = bide__enter();
    for (; rc == 0 && rows; rows--, values += base->width) {
        rc = write_row(bulk, values, base->width);
        if (rc == 0 && bulk->rows.size >= SOME_BYTES)
            rc = send_gathered(bulk);
    }
    return rc;
}

static int add(bide_bulk *base, const struct bide_value *values, size_t count)
{
    struct pg_bulk *bulk = bulk_of(base);
    int rc = bide__enter();
    if (rc == 0)
        rc = write_row(bulk, values, count);
    return rc == 0 && bulk->rows.size >= SOME_BYTES ? send_gathered(bulk) : rc;
}

static int64_t finish(bide_bulk *base)
{
    struct pg_bulk *bulk = bulk_of(base);
    int rc = bide__enter();
    if (rc == 0)
        rc = send_gathered(bulk);
    return rc < 0 ? rc : bide__pg_copy_end(&bulk->copy);
}

static void close_bulk(bide_bulk *base)
{
    struct pg_bulk *bulk = bulk_of(base);
    bide__pg_copy_leave(&bulk->copy);
    bide__free(bulk->rows.bytes);
    bide__free(bulk->value.bytes);
    bide__free(bulk);
}

static const struct bulk_ops ops = { add, add_all, finish, close_bulk };
