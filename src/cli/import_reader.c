/* cli/import_reader.c -- the one reader: text into batches of rows.
 *
 * A batch ends where its text, its fields or the file end, and where an earlier run has gone
 * on: the stretches that it finished are passed over, and since the text is the same, so are the
 * rows' ends. */
#include "cli/import.h"
#include "cli/import_source.h"
#include "http/ws_utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file being read. */
struct import_reading {
    struct import *im;
    size_t file;
    struct import_source source;
    struct csv_format format;
    struct csv_row row;
    char *rest;                 /* text that is read and belongs to no batch yet */
    size_t rest_size, rest_room;
    uint64_t offset, line;      /* of the rest's beginning */
    bool over;                  /* behind the rest there is nothing */
    size_t *places, width;      /* its header's, to be put into the columns */
};

static const char *name_of(const struct import_reading *r)
{
    return r->source.name;
}

/* ---- text ---- */

/* Has up to `size` bytes of text at `text`, of which *used are there. */
BIDE_WAITS static int fill(struct import_reading *r, char *text, size_t *used, size_t size)
{
    while (*used < size && !r->over) {
        ssize_t got = import_source_read(&r->source, text + *used, size - *used);
        if (got < 0)
            return (int)got;
        r->over = got == 0;
        *used += (size_t)got;
    }
    return 0;
}

static int keep_rest(struct import_reading *r, const char *text, size_t size)
{
    if (size > r->rest_room) {
        char *rest = realloc(r->rest, size);
        if (!rest)
            return bide_fail(BIDE_ENOMEM, "%s: out of memory", name_of(r));
        r->rest = rest;
        r->rest_room = size;
    }
    if (size)
        memmove(r->rest, text, size);
    r->rest_size = size;
    return 0;
}

static int drop_rest(struct import_reading *r, size_t size, size_t lines)
{
    r->offset += size;
    r->line += lines;
    return keep_rest(r, r->rest + size, r->rest_size - size);
}

/* ---- rows ---- */

static bool is_blank(const struct csv_row *row)
{
    return row->count == 1 && row->fields[0].size == 0 && !row->fields[0].quoted;
}

static int refuse(struct import_reading *r, struct import_batch *b, const char *text,
                  const char *why)
{
    char column[32] = "";
    if (r->row.column > 0)
        snprintf(column, sizeof column, "field %zu", r->row.column + 1);
    return import_batch_refuse(b, name_of(r), r->line, column[0] ? column : NULL, why, text,
                               r->row.text_size);
}

static int take_row(struct import_reading *r, struct import_batch *b, const char *text)
{
    const struct import_columns *c = &r->im->columns;
    char why[96];
    r->row.column = 0;
    if (r->row.count != c->width) {
        if (is_blank(&r->row))
            return 0;
        snprintf(why, sizeof why, "%zu fields, and the header has %zu", r->row.count, c->width);
        return refuse(r, b, text, why);
    }
    if (!bide__ws_utf8_is(text, r->row.text_size))
        return refuse(r, b, text, "is not UTF-8 (see --encoding)");
    if (memchr(text, '\0', r->row.text_size))
        return refuse(r, b, text, "there is a NUL in it");
    return import_batch_add(b, &r->row, (size_t)(text - b->text), r->line, c);
}

/* Takes the rows that are whole and before `limit`; *used bytes are dealt with. */
static int take_rows(struct import_reading *r, struct import_batch *b, uint64_t limit, size_t *used)
{
    size_t row_max = r->im->options->row_max, width = r->im->columns.count;
    size_t fields_max = r->im->batch_size / IMPORT_FIELD_BYTES;
    while (r->offset < limit && *used < b->size && b->count * width < fields_max) {
        const char *text = b->text + *used;
        size_t size = b->size - *used;
        enum csv_result result = csv_read(&r->format, text, size, r->over, &r->row);
        if (result == CSV_MORE && size >= row_max) {
            csv_give_up(text, size, "the row is longer than --max-row, or a quote has no end",
                        &r->row);
            result = CSV_WRONG;
        }
        if (result == CSV_MORE)
            break;
        int rc = result == CSV_ROW ? take_row(r, b, text) : refuse(r, b, text, r->row.why);
        if (rc < 0)
            return rc;
        *used += r->row.size;
        r->offset += r->row.size;
        r->line += r->row.lines;
    }
    return 0;
}

/* Fills a batch; a row that does not fit makes it larger. */
BIDE_WAITS static int fill_batch(struct import_reading *r, struct import_batch *b, uint64_t limit)
{
    size_t used = 0;
    import_batch_clear(b);
    b->file = r->file;
    b->format = r->format;
    b->start = r->offset;
    b->line = r->line;
    int rc = import_batch_grow(b, r->rest_size);
    if (rc < 0)
        return rc;
    if (r->rest_size)
        memcpy(b->text, r->rest, r->rest_size);
    b->size = r->rest_size;
    for (;;) {
        rc = fill(r, b->text, &b->size, b->room);
        b->text[b->size] = '\0';
        if (rc == 0)
            rc = take_rows(r, b, limit, &used);
        if (rc < 0 || used > 0 || (r->over && b->size == 0))
            break;
        /* The places of fields stay good: there are none yet. */
        rc = import_batch_grow(b, b->room * 2);
        if (rc < 0)
            break;
    }
    b->end = r->offset;
    b->end_line = r->line;
    b->taken = r->im->before + r->source.taken;
    return rc < 0 ? rc : keep_rest(r, b->text + used, b->size - used);
}

/* ---- files ---- */

/* The separator and the header, from the text at the beginning. */
static int read_header(struct import_reading *r)
{
    struct import *im = r->im;
    const struct import_options *o = im->options;
    r->format = o->format;
    if (!r->format.separator)
        r->format.separator = csv_guess(r->rest, r->rest_size, r->format.quote);
    enum csv_result result = csv_read(&r->format, r->rest, r->rest_size, r->over, &r->row);
    if (result == CSV_MORE && r->over)
        return bide_fail(BIDE_EINVAL, "%s: is empty", name_of(r));
    if (result == CSV_MORE)
        return bide_fail(BIDE_EINVAL, "%s: its first row has no end", name_of(r));
    if (result == CSV_WRONG)
        return bide_fail(BIDE_EINVAL, "%s: its first row: %s", name_of(r), r->row.why);
    if (!bide__ws_utf8_is(r->rest, r->row.text_size))
        return bide_fail(BIDE_EINVAL, "%s: its first row is not UTF-8: see --encoding", name_of(r));
    if (import_columns_place(&im->columns, o, &r->format, &r->row, name_of(r)) < 0)
        return bide_errcode();
    return o->no_header ? 0 : drop_rest(r, r->row.size, r->row.lines);
}

static void close_file(struct import_reading *r)
{
    import_source_close(&r->source);
    free(r->rest);
    free(r->row.fields);
    free(r->places);
}

/* Each file has the fields in an order of its own. */
static int keep_places(struct import_reading *r)
{
    const struct import_columns *c = &r->im->columns;
    r->places = malloc(c->count * sizeof *r->places);
    if (!r->places)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    memcpy(r->places, c->places, c->count * sizeof *r->places);
    r->width = c->width;
    return 0;
}

BIDE_WAITS static int open_file(struct import_reading *r, struct import *im, size_t file)
{
    const struct import_options *o = im->options;
    *r = (struct import_reading){ .im = im, .file = file, .line = 1,
                                   .rest_room = im->batch_size };
    r->row.room = IMPORT_COLUMNS_MAX;
    r->row.fields = calloc(IMPORT_COLUMNS_MAX, sizeof *r->row.fields);
    r->rest = malloc(r->rest_room);
    r->source.encoding = (iconv_t)-1;
    int rc = r->row.fields && r->rest ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
    if (rc == 0)
        rc = import_source_open(&r->source, o->files[file], o->encoding);
    if (rc == 0)
        rc = fill(r, r->rest, &r->rest_size, r->rest_room);
    if (rc == 0)
        rc = read_header(r);
    if (rc == 0)
        rc = keep_places(r);
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        close_file(r);
    }
    return rc;
}

/* Goes to the end of a stretch that was dealt with. */
BIDE_WAITS static int pass_over(struct import_reading *r, const struct import_stretch *done)
{
    uint64_t size = done->end - r->offset;
    size_t rest = size < r->rest_size ? (size_t)size : r->rest_size;
    int rc = drop_rest(r, rest, 0);
    if (rc == 0)
        rc = import_source_skip(&r->source, size - rest);
    r->offset = done->end;
    r->line = done->end_line;
    return rc;
}

BIDE_WAITS static int read_batch(struct import_reading *r, uint64_t limit)
{
    struct import *im = r->im;
    struct import_batch *b;
    int rc = bide_queue_get(im->empty, &b);
    if (rc <= 0)
        return rc < 0 ? rc : bide_fail(BIDE_ECLOSED, "the import is over");
    rc = fill_batch(r, b, limit);
    im->reading += b->count;
    bool nothing = b->start == b->end;
    if (rc < 0 || nothing) {
        im->reading -= b->count;
        if (bide_queue_put_nowait(im->empty, &b) < 0)
            import_batch_free(b);
        return rc < 0 ? rc : 0;
    }
    rc = bide_queue_put(im->full, &b);
    if (rc < 0)
        import_batch_free(b);
    return rc;
}

BIDE_WAITS static int read_rows(struct import_reading *r)
{
    struct import *im = r->im;
    int rc = 0;
    memcpy(im->columns.places, r->places, im->columns.count * sizeof *r->places);
    im->columns.width = r->width;
    while (rc == 0 && !(r->over && r->rest_size == 0)) {
        const struct import_stretch *done = import_state_next(&im->state, r->file, r->offset);
        if (done && done->start == r->offset)
            rc = pass_over(r, done);
        else
            rc = read_batch(r, done ? done->start : UINT64_MAX);
        if (rc == 0 && r->rest_size == 0)
            rc = fill(r, r->rest, &r->rest_size, 1);
    }
    im->before += r->source.size;
    return rc;
}

BIDE_WAITS static int read_file(struct import *im, size_t file)
{
    struct import_reading r;
    int rc = open_file(&r, im, file);
    if (rc < 0)
        return rc;
    rc = read_rows(&r);
    BIDE_KEEP_ERROR(why);
    close_file(&r);
    return rc;
}

void import_reader_close(struct import *im)
{
    if (im->first)
        close_file(im->first);
    free(im->first);
    im->first = NULL;
}

/* Standard input cannot be opened twice, so the first file stays open. */
int import_reader_look(struct import *im)
{
    const struct import_options *o = im->options;
    struct import_reading *first = malloc(sizeof *first), other;
    int rc = first ? open_file(first, im, 0) : bide_fail(BIDE_ENOMEM, "out of memory");
    if (rc < 0) {
        free(first);
        return rc;
    }
    im->first = first;
    im->total = first->source.size;
    import_columns_guess(&im->columns, o, &first->format, first->rest, first->rest_size,
                         first->over);
    for (size_t i = 1; i < o->file_count; i++) {
        rc = open_file(&other, im, i);
        if (rc < 0)
            return rc;
        import_columns_guess(&im->columns, o, &other.format, other.rest, other.rest_size,
                             other.over);
        im->total += other.source.size;
        close_file(&other);
    }
    return 0;
}

bool import_reader_can_again(const struct import *im)
{
    const struct import_options *o = im->options;
    for (size_t i = 0; i < o->file_count; i++) {
        struct stat info;
        if (strcmp(o->files[i], "-") == 0 || stat(o->files[i], &info) < 0 ||
            !S_ISREG(info.st_mode))
            return false;
    }
    return true;
}

int import_reader(void *import)
{
    struct import *im = import;
    im->before = im->taken = 0;
    int rc = im->first ? read_rows(im->first) : read_file(im, 0);
    import_reader_close(im);
    for (size_t i = 1; rc == 0 && i < im->options->file_count; i++)
        rc = read_file(im, i);
    if (rc < 0)
        import_note_error(im);
    else
        bide_queue_close(im->full);
    return rc;
}
