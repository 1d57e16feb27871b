/* cli/import_columns.c -- which field goes to which column, and what the columns hold.
 *
 * --columns a,b=c takes the field "a" for the column "a" and the field "b" for the column
 * "c"; where there is no header it names the fields in their order, and '-' leaves one out. */
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for columns");
}

static int add(struct import_columns *c, const char *from, size_t from_size, const char *name,
               size_t size)
{
    struct import_column *list = realloc(c->list, (c->count + 1) * sizeof *list);
    if (!list)
        return out_of_memory();
    c->list = list;
    struct import_column *one = &list[c->count++];
    *one = (struct import_column){ .name = strndup(name, size) };
    if (from)
        one->from = strndup(from, from_size);
    return one->name && (one->from || !from) ? 0 : out_of_memory();
}

int import_columns_read(struct import_columns *c, const struct import_options *o)
{
    const char *at = o->columns;
    while (at) {
        size_t size = strcspn(at, ",");
        const char *equals = memchr(at, '=', size);
        size_t from_size = equals ? (size_t)(equals - at) : 0;
        const char *name = equals ? equals + 1 : at;
        size_t name_size = size - (size_t)(name - at);
        if (name_size == 0 || (equals && from_size == 0))
            return bide_fail(BIDE_EINVAL, "--columns: expected names, or FIELD=COLUMN, got '%s'",
                             o->columns);
        if (add(c, equals ? at : NULL, from_size, name, name_size) < 0)
            return bide_errcode();
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return 0;
}

/* ---- a file's header ---- */

/* A field of a header, as a text of the caller's. */
static char *header_text(const struct csv_format *f, const struct csv_field *field)
{
    char *text = malloc(field->size + 1);
    if (text)
        text[csv_copy(f, field, text)] = '\0';
    return text;
}

/* Every field is a column. */
static int take_header(struct import_columns *c, const struct csv_format *f,
                       const struct csv_row *header, bool named, const char *file)
{
    for (size_t i = 0; i < header->count; i++) {
        char number[32];
        snprintf(number, sizeof number, "c%zu", i + 1);
        char *name = named ? header_text(f, &header->fields[i]) : strdup(number);
        int rc = name ? 0 : out_of_memory();
        if (rc == 0 && !*name)
            rc = bide_fail(BIDE_EINVAL, "%s: field %zu of the header has no name", file, i + 1);
        if (rc == 0)
            rc = add(c, NULL, 0, name, strlen(name));
        free(name);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int place_one(struct import_columns *c, size_t index, const struct csv_format *f,
                     const struct csv_row *header, const char *file)
{
    const struct import_column *one = &c->list[index];
    const char *wanted = one->from ? one->from : one->name;
    for (size_t i = 0; i < header->count; i++) {
        char *name = header_text(f, &header->fields[i]);
        bool same = name && strcmp(name, wanted) == 0;
        free(name);
        if (same) {
            c->places[index] = i;
            return 0;
        }
    }
    return bide_fail(BIDE_EINVAL, "%s: there is no field '%s' in the header", file, wanted);
}

/* Without a header: the columns are the fields in order. */
static int place_in_order(struct import_columns *c, const char *file)
{
    size_t kept = 0;
    if (c->count > c->width)
        return bide_fail(BIDE_EINVAL, "%s: has %zu fields a row, and --columns names %zu", file,
                         c->width, c->count);
    for (size_t i = 0; i < c->count; i++) {
        c->places[kept] = i;
        if (strcmp(c->list[i].name, "-") == 0) {
            free(c->list[i].name);
            free(c->list[i].from);
        } else {
            c->list[kept++] = c->list[i];
        }
    }
    c->count = kept;
    return kept ? 0 : bide_fail(BIDE_EINVAL, "--columns: leaves no column");
}

int import_columns_place(struct import_columns *c, const struct import_options *o,
                         const struct csv_format *f, const struct csv_row *header,
                         const char *file)
{
    bool first = !c->places;
    c->width = header->count;
    if (first && c->count == 0 && take_header(c, f, header, !o->no_header, file) < 0)
        return bide_errcode();
    if (first)
        c->places = calloc(c->count, sizeof *c->places);
    if (!c->places)
        return out_of_memory();
    if (o->no_header) {
        if (first)
            return place_in_order(c, file);
        size_t last = c->places[c->count - 1];
        return last < c->width ? 0 : bide_fail(BIDE_EINVAL, "%s: has only %zu fields a row", file,
                                               c->width);
    }
    for (size_t i = 0; i < c->count; i++)
        if (place_one(c, i, f, header, file) < 0)
            return bide_errcode();
    return 0;
}

/* ---- types ---- */

static void look_at(struct import_columns *c, const struct import_options *o,
                    const struct csv_row *row)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct csv_field *field = &row->fields[c->places[i]];
        if (import_is_null(o, field))
            continue;
        enum import_type type = field->doubled ? TYPE_TEXT
                                               : import_type_of(field->text, field->size);
        c->list[i].type = import_type_join(c->list[i].type, type);
    }
}

void import_columns_guess(struct import_columns *c, const struct import_options *o,
                          const struct csv_format *f, const char *text, size_t size, bool last)
{
    struct csv_field *fields = calloc(IMPORT_COLUMNS_MAX, sizeof *fields);
    struct csv_row row = { .fields = fields, .room = IMPORT_COLUMNS_MAX };
    for (size_t seen = 0; fields && seen < o->sample && size > 0; seen++) {
        enum csv_result result = csv_read(f, text, size, last, &row);
        if (result == CSV_MORE)
            break;
        if (result == CSV_ROW && row.count == c->width)
            look_at(c, o, &row);
        text += row.size;
        size -= row.size;
    }
    free(fields);
}

void import_columns_free(struct import_columns *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->list[i].name);
        free(c->list[i].from);
    }
    free(c->list);
    free(c->places);
    *c = (struct import_columns){ 0 };
}
