/* cli/import_batch.c -- a batch's memory: its text, its rows, and what was refused of them. */
#include "cli/csv_write.h"
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for rows");
}

struct import_batch *import_batch_new(size_t size)
{
    struct import_batch *b = calloc(1, sizeof *b);
    if (b && import_batch_grow(b, size) == 0)
        return b;
    out_of_memory();
    free(b);
    return NULL;
}

void import_batch_clear(struct import_batch *b)
{
    b->size = b->count = b->doubtful = b->refused_size = b->refused_count = 0;
}

/* Doubles an array until it has room for `wanted` items. */
static int grow(void *array, size_t *room, size_t wanted, size_t item)
{
    void **memory = array;
    size_t more = *room ? *room : 256;
    while (more < wanted)
        more *= 2;
    if (more == *room)
        return 0;
    void *larger = realloc(*memory, more * item);
    if (!larger)
        return out_of_memory();
    *memory = larger;
    *room = more;
    return 0;
}

int import_batch_grow(struct import_batch *b, size_t room)
{
    if (room <= b->room)
        return 0;
    char *text = realloc(b->text, room + 1);
    if (!text)
        return out_of_memory();
    b->text = text;
    b->room = room;
    return 0;
}

int import_batch_add(struct import_batch *b, const struct csv_row *row, size_t at, uint64_t line,
                     const struct import_columns *c)
{
    size_t used = b->count * c->count;
    if (grow(&b->rows, &b->rows_room, b->count + 1, sizeof *b->rows) < 0 ||
        grow(&b->fields, &b->fields_room, used + c->count, sizeof *b->fields) < 0)
        return bide_errcode();
    b->rows[b->count++] = (struct import_row){ .at = (uint32_t)at, .size = (uint32_t)row->text_size,
                                               .line = (uint32_t)(line - b->line) };
    for (size_t i = 0; i < c->count; i++)
        b->fields[used + i] = row->fields[c->places[i]];
    return 0;
}

struct import_stretch import_batch_stretch(const struct import_batch *b, uint64_t rows)
{
    return (struct import_stretch){ .file = b->file, .start = b->start, .end = b->end,
                                    .end_line = b->end_line, .rows = rows,
                                    .refused = b->refused_count };
}

/* The text may move, and the fields with it. */
static int make_text(struct import_batch *b, size_t size, size_t width)
{
    const char *before = b->text;
    if (b->size + size <= b->room)
        return 0;
    size_t wanted = b->size + size, twice = b->room * 2;
    if (import_batch_grow(b, wanted > twice ? wanted : twice) < 0)
        return bide_errcode();
    for (size_t i = 0; i < b->count * width; i++)
        b->fields[i].text = b->text + (b->fields[i].text - before);
    return 0;
}

static int copy_row(struct import_batch *b, const struct import_batch *from,
                    const struct import_row *row, size_t width)
{
    size_t used = b->count * width;
    const struct csv_field *fields = from->fields + (size_t)(row - from->rows) * width;
    if (make_text(b, row->size + 1, width) < 0 ||
        grow(&b->rows, &b->rows_room, b->count + 1, sizeof *b->rows) < 0 ||
        grow(&b->fields, &b->fields_room, used + width, sizeof *b->fields) < 0)
        return bide_errcode();
    if (b->count == 0)
        b->line = from->line + row->line;
    struct import_row *one = &b->rows[b->count++];
    *one = *row;
    one->at = (uint32_t)b->size;
    one->line = (uint32_t)(from->line + row->line - b->line);
    memcpy(b->text + b->size, from->text + row->at, row->size);
    for (size_t i = 0; i < width; i++) {
        b->fields[used + i] = fields[i];
        b->fields[used + i].text = b->text + b->size + (fields[i].text - (from->text + row->at));
    }
    b->size += row->size;
    b->text[b->size++] = '\0';
    b->doubtful++;
    return 0;
}

int import_batch_set_aside(struct import_batch *b, const struct import_batch *from, size_t width)
{
    b->format = from->format;
    if (grow(&b->refused, &b->refused_room, b->refused_size + from->refused_size, 1) < 0)
        return bide_errcode();
    if (from->refused_size)
        memcpy(b->refused + b->refused_size, from->refused, from->refused_size);
    b->refused_size += from->refused_size;
    b->refused_count += from->refused_count;
    for (size_t i = 0; from->doubtful && i < from->count; i++)
        if (import_row_goes(&from->rows[i], true) &&
            copy_row(b, from, &from->rows[i], width) < 0)
            return bide_errcode();
    return 0;
}

int import_batch_refuse(struct import_batch *b, const char *file, uint64_t line,
                        const char *column, const char *why, const char *text, size_t size)
{
    static const struct csv_format format = { ',', '"' };
    size_t names = strlen(file) + (column ? strlen(column) : 0) + strlen(why);
    size_t most = b->refused_size + CSV_ROOM(names + size) + 64;
    b->refused_count++;
    if (grow(&b->refused, &b->refused_room, most, 1) < 0)
        return bide_errcode();
    char *at = csv_write(&format, b->refused + b->refused_size, file, strlen(file));
    at += sprintf(at, ",%llu,", (unsigned long long)line);
    if (column)
        at = csv_write(&format, at, column, strlen(column));
    *at++ = ',';
    at = csv_write(&format, at, why, strlen(why));
    *at++ = ',';
    at = csv_write(&format, at, text, size);
    *at++ = '\n';
    b->refused_size = (size_t)(at - b->refused);
    return 0;
}

void import_batch_free(struct import_batch *b)
{
    if (!b)
        return;
    free(b->text);
    free(b->rows);
    free(b->fields);
    free(b->refused);
    free(b);
}
