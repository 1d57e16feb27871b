/* cli/import_writer.c -- a writer: batches into the table, each in a transaction.
 *
 * All rows of a batch are tried at once.  If the server refuses one, it does not say which in all
 * cases, so the halves are tried, and theirs: a bad row among thousands costs a dozen tries, and
 * everything else goes in in bulk. */
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    struct import *im;
    bool immediate;             /* SQLite: the lock is taken before the rows are */
    const char **names;         /* of the columns, ended by NULL */
    struct bide_value *values;  /* of one row */
    char *scratch;              /* its fields in which quotes were doubled */
    size_t scratch_room;
};

/* ---- values ---- */

static int out_of_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for rows");
}

/* Room for a row's texts without doubled quotes, each with a NUL. */
static int make_scratch(struct writer *w, const struct import_row *row)
{
    size_t wanted = row->size + w->im->columns.count + 1;
    if (wanted <= w->scratch_room)
        return 0;
    free(w->scratch);
    w->scratch = malloc(wanted);
    w->scratch_room = w->scratch ? wanted : 0;
    return w->scratch ? 0 : out_of_memory();
}

static bool is_null(const struct import_options *o, const struct csv_field *field)
{
    return !field->quoted && field->size == strlen(o->null) &&
        memcmp(field->text, o->null, field->size) == 0;
}

static int refuse(struct writer *w, struct import_batch *b, struct import_row *row,
                  const char *column, const char *why)
{
    row->refused = true;
    return import_batch_refuse(b, w->im->options->files[b->file], b->line + row->line, column, why,
                               b->text + row->at, row->size);
}

/* 1: the values are those of the row; 0: it is refused. */
static int make_values(struct writer *w, struct import_batch *b, struct import_row *row)
{
    const struct import_columns *c = &w->im->columns;
    const struct csv_field *field = b->fields + (size_t)(row - b->rows) * c->count;
    size_t used = 0;
    for (size_t i = 0; i < c->count; i++, field++) {
        const char *text = field->text;
        size_t size = field->size;
        if (is_null(w->im->options, field)) {
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
        if (import_type_value(c->list[i].type, text, size, &w->values[i]) < 0) {
            char why[160];
            snprintf(why, sizeof why, "expected %s, got '%.*s'", import_type_noun(c->list[i].type),
                     (int)(size < 100 ? size : 100), text);
            int rc = refuse(w, b, row, c->list[i].name, why);
            return rc < 0 ? rc : 0;
        }
    }
    return 1;
}

/* ---- rows ---- */

/* Some rows of a batch: how many are in; < 0: none. */
BIDE_WAITS static int64_t put_at_once(struct writer *w, bide_db *change, struct import_batch *b,
                                      size_t from, size_t to)
{
    size_t count = w->im->columns.count;
    bide_auto(bulk) bulk = bide_db_bulk(change, w->im->options->table, w->names);
    if (!bulk)
        return bide_errcode();
    for (size_t i = from; i < to; i++) {
        int rc = b->rows[i].refused ? 0 : make_values(w, b, &b->rows[i]);
        if (rc == 1)
            rc = bide_bulk_add(bulk, w->values, count);
        if (rc < 0)
            return rc;
    }
    return bide_bulk_finish(bulk);
}

/* Is the failure that of a row, so that others may go in?  (The SQLSTATE's first two digits: data,
 * constraints, sizes, and what triggers raise.) */
static bool is_of_a_row(const struct import *im)
{
    const char *state = bide_db_failure(im->db)->sqlstate;
    return bide_errcode() == BIDE_EDB &&
        (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 ||
         strncmp(state, "54", 2) == 0 || strncmp(state, "P0", 2) == 0);
}

static int refuse_failed(struct writer *w, struct import_batch *b, size_t index)
{
    const struct bide_db_failure *why = bide_db_failure(w->im->db);
    char message[512];
    snprintf(message, sizeof message, "%s", *why->message ? why->message : bide_errmsg());
    return refuse(w, b, &b->rows[index], *why->column ? why->column : NULL, message);
}

/* The same within a savepoint; *again: nothing is in, for rows are refused. */
BIDE_WAITS static int64_t put_or_undo(struct writer *w, bide_db *change, struct import_batch *b,
                                      size_t from, size_t to, bool *again)
{
    bide_auto(db) step = bide_db_begin(change);
    if (!step)
        return bide_errcode();
    int64_t rows = put_at_once(w, step, b, from, to);
    *again = rows < 0 && is_of_a_row(w->im);
    int rc = 0;
    if (rows >= 0)
        rc = bide_db_commit(step);
    else if (*again)
        rc = to - from == 1 ? refuse_failed(w, b, from) : 0;
    if (rc == 0 && *again)
        rc = bide_db_rollback(step);
    *again = *again && rc == 0;
    return rc < 0 ? rc : rows;
}

/* Some rows, of which any may be refused: how many are in. */
BIDE_WAITS static int64_t put_in_halves(struct writer *w, bide_db *change, struct import_batch *b,
                                        size_t from, size_t to)
{
    bool again = false;
    int64_t rows = put_or_undo(w, change, b, from, to, &again);
    if (rows >= 0 || !again)
        return rows;
    if (to - from == 1)
        return 0;
    size_t middle = from + (to - from) / 2;
    rows = put_in_halves(w, change, b, from, middle);
    if (rows < 0)
        return rows;
    int64_t more = put_in_halves(w, change, b, middle, to);
    return more < 0 ? more : rows + more;
}

/* ---- batches ---- */

BIDE_WAITS static bide_db *begin(struct writer *w)
{
    struct import *im = w->im;
    if (im->whole)
        return bide_db_begin(im->whole);
    return bide_db_begin(im->db, .immediate = w->immediate);
}

static int refuse_all(const struct import_batch *b)
{
    const char *end = memchr(b->refused, '\n', b->refused_size);
    return bide_fail(BIDE_EINVAL, "--strict: %.*s", (int)(end - b->refused), b->refused);
}

/* Makes a batch last: its refused rows, its state, its rows. */
BIDE_WAITS static int finish(struct writer *w, bide_db *change, const struct import_batch *b,
                             int64_t rows)
{
    struct import *im = w->im;
    if (im->options->strict && b->refused_count)
        return refuse_all(b);
    int rc = import_reject_write(&im->reject, b);
    if (rc == 0)
        rc = import_state_note(im, change, b, (uint64_t)rows);
    return rc < 0 ? rc : bide_db_commit(change);
}

BIDE_WAITS static int finish_in_order(struct writer *w, bide_db *change,
                                      const struct import_batch *b, int64_t rows)
{
    struct import *im = w->im;
    if (b->refused_count == 0 || im->reject.fd < 0)
        return finish(w, change, b, rows);
    bide_auto(permit) turn = bide_lock_acquire(&im->reject.order);
    return turn ? finish(w, change, b, rows) : bide_errcode();
}

/* How many rows are in; < 0: none, and *again says whether the halves are worth a try. */
BIDE_WAITS static int64_t try_rows(struct writer *w, struct import_batch *b, bool halves,
                                   bool *again)
{
    bide_auto(db) change = begin(w);
    if (!change)
        return bide_errcode();
    int64_t rows = halves ? put_in_halves(w, change, b, 0, b->count)
                          : put_at_once(w, change, b, 0, b->count);
    *again = rows < 0 && !halves && is_of_a_row(w->im);
    int rc = rows < 0 ? 0 : finish_in_order(w, change, b, rows);
    return rc < 0 ? rc : rows;
}

BIDE_WAITS static int64_t write_rows(struct writer *w, struct import_batch *b)
{
    bool again = false;
    int64_t rows = try_rows(w, b, false, &again);
    return again ? try_rows(w, b, true, &again) : rows;
}

BIDE_WAITS static int write_batch(struct writer *w, struct import_batch *b)
{
    struct import *im = w->im;
    int64_t rows = write_rows(w, b);
    im->reading -= b->count;
    if (rows < 0)
        return (int)rows;
    im->rows += (uint64_t)rows;
    im->refused += b->refused_count;
    if (b->taken > im->taken)
        im->taken = b->taken;
    return 0;
}

static int open_writer(struct writer *w, struct import *im)
{
    size_t count = im->columns.count;
    *w = (struct writer){ .im = im, .immediate = strcmp(bide_db_kind(im->db), "sqlite") == 0 };
    w->names = calloc(count + 1, sizeof *w->names);
    w->values = calloc(count, sizeof *w->values);
    if (!w->names || !w->values)
        return out_of_memory();
    for (size_t i = 0; i < count; i++)
        w->names[i] = im->columns.list[i].name;
    return 0;
}

static void close_writer(struct writer *w)
{
    free(w->names);
    free(w->values);
    free(w->scratch);
}

int import_writer(void *import)
{
    struct import *im = import;
    struct writer w;
    struct import_batch *b;
    int rc = open_writer(&w, im);
    while (rc == 0 && (rc = bide_queue_get(im->full, &b)) > 0) {
        rc = write_batch(&w, b);
        if (bide_queue_put_nowait(im->empty, &b) < 0)
            import_batch_free(b);
    }
    if (rc < 0)
        import_note_error(im);
    close_writer(&w);
    return rc;
}
