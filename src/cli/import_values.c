/* cli/import_values.c -- rows of a batch as values, and into the table in bulk.
 *
 * Where the server reads texts for every type, and knows more shapes than we do (PostgreSQL: dates
 * as its settings say, "yes", 1e3 for a number), fields go as they are.  What has not the shape of
 * its column is then only doubtful: it is kept apart and tried behind the others, so that the
 * usual mistake costs the rest nothing.  Elsewhere it is refused here, for SQLite would keep it. */
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for rows");
}

/* Room for a row's texts without doubled quotes, each with a NUL. */
static int make_scratch(struct import_writer *w, const struct import_row *row)
{
    size_t wanted = row->size + w->im->columns.count + 1;
    if (wanted <= w->scratch_room)
        return 0;
    free(w->scratch);
    w->scratch = malloc(wanted);
    w->scratch_room = w->scratch ? wanted : 0;
    return w->scratch ? 0 : out_of_memory();
}

/* 1: the field has its value; 0: it does not fit the column. */
static int make_value(const struct import_writer *w, size_t column, const char *text, size_t size)
{
    enum import_type type = w->im->columns.list[column].type;
    struct bide_value *value = &w->values[column];
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

/* 1: the values are those of the row; 0: it does not go with the others. */
static int make_values(struct import_writer *w, struct import_batch *b, struct import_row *row)
{
    const struct import_columns *c = &w->im->columns;
    const struct csv_field *field = b->fields + (size_t)(row - b->rows) * c->count;
    size_t used = 0;
    for (size_t i = 0; i < c->count; i++, field++) {
        const char *text = field->text;
        size_t size = field->size;
        if (import_is_null(w->im->options, field)) {
            w->values[i] = BIDE_NULL;
            continue;
        }
        if (field->doubled) {
            if (make_scratch(w, row) < 0)
                return bide_errcode();
            text = w->scratch + used;
            size = csv_copy(&b->format, field, w->scratch + used);
            used += size;
            w->scratch[used++] = '\0';
        }
        if (!make_value(w, i, text, size) && !row->doubt)
            return misfit(w, b, row, i, text, size);
    }
    return 1;
}

int import_values_add(struct import_writer *w, bide_bulk *bulk, struct import_batch *b,
                      const struct import_part *part)
{
    size_t count = w->im->columns.count;
    for (size_t i = part->from; i < part->to; i++) {
        bool goes = import_row_goes(&b->rows[i], part->doubtful);
        int rc = goes ? make_values(w, b, &b->rows[i]) : 0;
        if (rc == 1)
            rc = bide_bulk_add(bulk, w->values, count);
        if (rc < 0)
            return rc;
    }
    return 0;
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
