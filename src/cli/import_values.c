/* cli/import_values.c -- rows of a batch as values, and into the table in bulk.
 *
 * Where the server reads texts for every type, and knows more shapes than we do (PostgreSQL: dates
 * as its settings say, "yes", 1e3 for a number), fields go as they are.  What has not the shape of
 * its column is then only doubtful: it is kept apart and tried behind the others, so that the
 * usual mistake costs the rest nothing.  Elsewhere it is refused here, for SQLite would keep it.
 *
 * Texts stay in the batch: the driver has them where they are. */
#include "cli/import.h"
#include "db/handle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for rows");
}

int import_values_open(struct import_writer *w)
{
    size_t count = w->im->columns.count;
    w->chunk_rows = count < IMPORT_CHUNK_VALUES ? IMPORT_CHUNK_VALUES / count : 1;
    for (size_t i = 0; i < 2; i++) {
        struct import_chunk *chunk = &w->chunks[i];
        chunk->values = malloc(w->chunk_rows * count * sizeof *chunk->values);
        if (!chunk->values)
            return out_of_memory();
    }
    return 0;
}

void import_values_close(struct import_writer *w)
{
    for (size_t i = 0; i < 2; i++) {
        free(w->chunks[i].values);
        free(w->chunks[i].scratch);
    }
}

/* ---- a row ---- */

/* Room for the texts without doubled quotes, each with a NUL, of a row and all behind it: what is
 * there stays where it is. */
static int make_scratch(struct import_writer *w, struct import_chunk *chunk,
                        const struct import_batch *b, const struct import_row *row)
{
    size_t rows = (size_t)(b->rows + b->count - row);
    size_t wanted = b->size - row->at + rows * w->im->columns.count;
    if (chunk->scratch_size > 0 || wanted <= chunk->scratch_room)
        return 0;
    free(chunk->scratch);
    chunk->scratch = malloc(wanted);
    chunk->scratch_room = chunk->scratch ? wanted : 0;
    return chunk->scratch ? 0 : out_of_memory();
}

/* A text in which quotes were doubled, without. */
static const char *undouble(struct import_chunk *chunk, const struct import_batch *b,
                            const struct csv_field *field, size_t *size)
{
    char *text = chunk->scratch + chunk->scratch_size;
    *size = csv_copy(&b->format, field, text);
    text[*size] = '\0';
    chunk->scratch_size += *size + 1;
    return text;
}

/* 1: the field has its value; 0: it does not fit the column. */
static int make_value(const struct import_writer *w, size_t column, const char *text, size_t size,
                      struct bide_value *value)
{
    enum import_type type = w->im->columns.list[column].type;
    if (!w->as_texts)
        return import_type_value(type, text, size, value) == 0;
    *value = bide_value_sized(text, size);
    return import_type_fits(type, text, size);
}

/* The row does not fit: 0, or < 0. */
static int misfit(struct import_writer *w, struct import_batch *b, struct import_row *row,
                  size_t column, const char *text, size_t size)
{
    const struct import_column *c = &w->im->columns.list[column];
    if (w->as_texts) {
        row->doubt = (uint16_t)(column + 1);
        b->doubtful++;
        return 0;
    }
    char why[160];
    snprintf(why, sizeof why, "expected %s, got '%.*s'", import_type_noun(c->type),
             (int)(size < 100 ? size : 100), text);
    return import_writer_refuse(w, b, row, c->name, why);
}

/* 1: the chunk has the row; 0: it does not go with the others. */
static int make_values(struct import_writer *w, struct import_batch *b, struct import_row *row,
                       struct import_chunk *chunk)
{
    const struct import_columns *c = &w->im->columns;
    const struct csv_field *field = b->fields + (size_t)(row - b->rows) * c->count;
    struct bide_value *values = chunk->values + chunk->rows * c->count;
    for (size_t i = 0; i < c->count; i++, field++) {
        const char *text = field->text;
        size_t size = field->size;
        if (import_is_null(w->im->options, field)) {
            values[i] = BIDE_NULL;
            continue;
        }
        if (field->doubled && make_scratch(w, chunk, b, row) < 0)
            return bide_errcode();
        if (field->doubled)
            text = undouble(chunk, b, field, &size);
        if (!make_value(w, i, text, size, &values[i]) && !row->doubt)
            return misfit(w, b, row, i, text, size);
    }
    return 1;
}

/* ---- rows together ---- */

/* From *at on, as many as it takes. */
static int fill(struct import_writer *w, struct import_batch *b, const struct import_part *part,
                size_t *at, struct import_chunk *chunk)
{
    chunk->rows = chunk->scratch_size = 0;
    for (; *at < part->to && chunk->rows < w->chunk_rows; ++*at) {
        if (!import_row_goes(&b->rows[*at], part->doubtful))
            continue;
        int rc = make_values(w, b, &b->rows[*at], chunk);
        if (rc < 0)
            return rc;
        chunk->rows += (size_t)rc;
    }
    return 0;
}

static int put(void *arg)
{
    struct import_chunk *chunk = arg;
    return chunk->rows ? bide__bulk_add_all(chunk->bulk, chunk->values, chunk->rows) : 0;
}

/* SQLite's thread has one while the next is made. */
BIDE_WAITS static int put_and_fill(struct import_writer *w, struct import_batch *b,
                                   const struct import_part *part, size_t *at,
                                   struct import_chunk *ready, struct import_chunk *next)
{
    BIDE_GROUP(thread);
    int rc = w->immediate ? bide_spawn(thread, put, ready) : put(ready);
    if (rc == 0)
        rc = bide_yield();
    if (rc == 0)
        rc = fill(w, b, part, at, next);
    return rc < 0 ? rc : bide_group_wait(thread);
}

int import_values_add(struct import_writer *w, bide_bulk *bulk, struct import_batch *b,
                      const struct import_part *part)
{
    struct import_chunk *ready = &w->chunks[0], *next = &w->chunks[1];
    size_t at = part->from;
    ready->bulk = next->bulk = bulk;
    int rc = fill(w, b, part, &at, ready);
    while (rc == 0 && at < part->to) {
        rc = put_and_fill(w, b, part, &at, ready, next);
        struct import_chunk *full = next;
        next = ready;
        ready = full;
    }
    return rc < 0 ? rc : put(ready);
}

int64_t import_values_put(struct import_writer *w, bide_db *change, struct import_batch *b,
                          const struct import_part *part)
{
    bide_auto(bulk) bulk = bide_db_bulk(change, w->im->options->table, w->names);
    if (!bulk)
        return bide_errcode();
    int rc = import_values_add(w, bulk, b, part);
    return rc < 0 ? rc : bide_bulk_finish(bulk);
}
