#include "sqlite/batch.h"

#include "base/memory.h"

#include <bide/error.h>

#include <string.h>

enum { BLOCK = 16384 };
struct batch_block { struct batch_block *next; size_t size, used; char bytes[]; };

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "sqlite: out of memory for rows");
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const char *keep(struct sqlite_batch *batch, const void *bytes, size_t size)
{
    struct batch_block *b = batch->blocks;
    if (!b || b->size - b->used <= size) {
        size_t room = size < BLOCK ? BLOCK : size + 1;
        b = bide__alloc(sizeof *b + room);
        if (!b)
            return NULL;
        *b = (struct batch_block){ .next = batch->blocks, .size = room };
        batch->blocks = b;
    }
    char *place = b->bytes + b->used;
    if (size)
        memcpy(place, bytes, size);
    place[size] = '\0';
    b->used += size + 1;
    batch->bytes += size + 1;
    return place;
}

/* Is there room for so many bytes of texts more? */
static int check_room(const struct sqlite_batch *batch, size_t size)
{
    size_t taken = batch->bytes + batch->rows * batch->width * sizeof *batch->values;
    if (!batch->bytes_max || (taken <= batch->bytes_max && size <= batch->bytes_max - taken))
        return 0;
    return bide_fail(BIDE_ELIMIT, "the result has more than %zu bytes (.result_max)",
                     batch->bytes_max);
}

static int keep_text(struct sqlite_batch *batch, struct bide_value *v, const void *bytes,
                     size_t size)
{
    if (check_room(batch, size) < 0)
        return BIDE_ELIMIT;
    v->size = size;
    v->as.s = keep(batch, bytes, size);
    return v->as.s ? 0 : out_of_memory();
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Where the next row's values go. */
static struct bide_value *next_row(struct sqlite_batch *batch)
{
    size_t used = batch->rows * batch->width;
    if (used + batch->width > batch->room) {
        size_t room = batch->room ? batch->room * 2 : 16 * batch->width;
        struct bide_value *values = bide__resize(batch->values, room * sizeof *values);
        if (!values)
            return NULL;
        batch->values = values;
        batch->room = room;
    }
    return batch->values + used;
}

static int take(struct sqlite_batch *batch, sqlite3_stmt *s, int column, struct bide_value *v)
{
    *v = BIDE_NULL;
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        *v = bide_value((long long)sqlite3_column_int64(s, column));
        return 0;
    case SQLITE_FLOAT:
        *v = bide_value(sqlite3_column_double(s, column));
        return 0;
    case SQLITE_TEXT:
        v->type = BIDE_VALUE_TEXT;
        break;
    case SQLITE_BLOB:
        v->type = BIDE_VALUE_BYTES;
        break;
    default:
        return 0;
    }
    const void *bytes = v->type == BIDE_VALUE_TEXT ? (const void *)sqlite3_column_text(s, column)
                                                   : sqlite3_column_blob(s, column);
    size_t size = (size_t)sqlite3_column_bytes(s, column);
    return bytes || !size ? keep_text(batch, v, bytes, size) : out_of_memory();
}

int bide__sqlite_batch_add(struct sqlite_batch *batch, sqlite3_stmt *statement)
{
    struct bide_value *row = next_row(batch);
    if (!row)
        return out_of_memory();
    for (size_t i = 0; i < batch->width; i++)
        if (take(batch, statement, (int)i, &row[i]) < 0)
            return bide_errcode();
    batch->rows++;
    return check_room(batch, 0);
}

int bide__sqlite_batch_copy(struct sqlite_batch *batch, const struct bide_value *values)
{
    struct bide_value *row = next_row(batch);
    if (!row)
        return out_of_memory();
    for (size_t i = 0; i < batch->width; i++) {
        row[i] = values[i];
        bool is_text = values[i].type == BIDE_VALUE_TEXT || values[i].type == BIDE_VALUE_BYTES
            || values[i].type == BIDE_VALUE_NUMERIC;
        if (is_text && keep_text(batch, &row[i], values[i].as.s, values[i].size) < 0)
            return bide_errcode();
    }
    batch->rows++;
    return 0;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void drop_blocks(struct sqlite_batch *batch, struct batch_block *kept)
{
    struct batch_block *b = batch->blocks, *next;
    for (; b; b = next) {
        next = b->next;
        if (b != kept)
            bide__free(b);
    }
    batch->blocks = kept;
}

void bide__sqlite_batch_clear(struct sqlite_batch *batch)
{
    struct batch_block *kept = batch->blocks;
    drop_blocks(batch, kept);
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
    }
    batch->rows = batch->bytes = 0;
}

void bide__sqlite_batch_free(struct sqlite_batch *batch)
{
    drop_blocks(batch, NULL);
    bide__free(batch->values);
    *batch = (struct sqlite_batch){ 0 };
}
