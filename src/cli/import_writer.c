/* cli/import_writer.c -- a writer: batches into the table, each in a transaction.
 *
 * All rows of a batch are tried at once.  If the server refuses one and says which (PostgreSQL: the
 * line of the COPY), it is tried alone, and those before and behind it are; else the halves are,
 * and theirs.  So a bad row among thousands costs a few tries, and everything else goes in in
 * bulk.  What the server says is taken for a hint only: each part is tried, whatever it said. */
#include "cli/database_kind.h"
#include "cli/databases.h"
#include "cli/import.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 10 };            /* of a batch that others are in the way of */

int import_writer_refuse(struct import_writer *w, struct import_batch *b, struct import_row *row,
                         const char *column, const char *why)
{
    row->refused = true;
    return import_batch_refuse(b, w->im->options->files[b->file], b->line + row->line, column, why,
                               b->text + row->at, row->size);
}

/* ---- what the server says ---- */

/* By the SQLSTATE's first two digits: data, constraints, views, sizes, and what triggers raise. */
bool import_is_of_a_row(const struct import *im)
{
    static const char *const classes[] = { "22", "23", "44", "54", "P0" };
    const char *state = bide_db_failure(im->db)->sqlstate;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(state, classes[i], 2) == 0)
            return bide_errcode() == BIDE_EDB;
    return false;
}

/* Somebody else's transaction was in the way: the server has undone this one, and says so of a
 * deadlock and its like (SQLSTATE class 40). */
bool import_is_of_others(const struct import *im)
{
    return bide_errcode() == BIDE_EDB && strncmp(bide_db_failure(im->db)->sqlstate, "40", 2) == 0;
}

/* Behind the table's name, which the server says without its schema, or NULL. */
static const char *pass_table(const char *at, const char *table)
{
    const char *name = table;
    for (const char *dot = strchr(table, '.'); dot; dot = strchr(dot + 1, '.')) {
        bool doubled = dot[1] == '.';
        dot += doubled;
        name = doubled ? name : dot + 1;
    }
    for (; *name; name++, at++) {
        name += *name == '.';   /* of two */
        if (*at != *name)
            return NULL;
    }
    return at;
}

/* Behind "COPY table, line " in the server's language, or NULL. */
static const char *find_line(const struct import *im)
{
    const char *at = strstr(bide_db_failure(im->db)->context, "COPY ");
    at = at ? pass_table(at + 5, im->options->table) : NULL;
    if (!at)
        return NULL;
    at += strcspn(at, "0123456789\n");
    return isdigit((unsigned char)*at) ? at : NULL;
}

/* Which of the rows that went it was, or the part's end. */
static size_t find_row(const struct import *im, const struct import_batch *b,
                       const struct import_part *part)
{
    const char *at = find_line(im);
    unsigned long line = at ? strtoul(at, NULL, 10) : 0;
    for (size_t i = part->from; line && i < part->to; i++)
        if (import_row_goes(&b->rows[i], part->doubtful) && --line == 0)
            return i;
    return part->to;
}

/* The column in "3, column id: "x"", if it is one of ours. */
static const char *find_column(const struct import *im)
{
    const struct import_columns *c = &im->columns;
    const char *at = find_line(im);
    if (!at)
        return NULL;
    at += strspn(at, "0123456789");
    at += strspn(at, ", ");
    at += strcspn(at, " :\n");
    for (size_t i = 0; *at == ' ' && i < c->count; i++) {
        size_t size = strlen(c->list[i].name);
        if (strncmp(at + 1, c->list[i].name, size) == 0 && strchr(":,\n", at[1 + size]))
            return c->list[i].name;
    }
    return NULL;
}

static int refuse_failed(struct import_writer *w, struct import_batch *b, struct import_row *row)
{
    const struct bide_db_failure *why = bide_db_failure(w->im->db);
    const char *column = *why->column ? why->column : find_column(w->im);
    char message[512];
    snprintf(message, sizeof message, "%s", *why->message ? why->message : bide_errmsg());
    return import_writer_refuse(w, b, row, column, message);
}

/* ---- rows ---- */

/* Within a savepoint: how many are in; *bad < part->to: none are, for that one is refused, or one
 * that is not known. */
BIDE_WAITS static int64_t try_part(struct import_writer *w, bide_db *change,
                                   struct import_batch *b, const struct import_part *part,
                                   size_t *bad)
{
    bide_auto(db) step = bide_db_begin(change);
    *bad = part->to;
    if (!step)
        return bide_errcode();
    int64_t rows = import_values_put(w, step, b, part);
    if (rows >= 0)
        return bide_db_commit(step) < 0 ? bide_errcode() : rows;
    if (!import_is_of_a_row(w->im))
        return rows;
    size_t count = part->to - part->from, middle = part->from + count / 2;
    *bad = part->halves ? part->to : find_row(w->im, b, part);
    if (*bad == part->to)
        *bad = middle;
    int rc = count == 1 ? refuse_failed(w, b, &b->rows[part->from]) : 0;
    return rc < 0 ? rc : bide_db_rollback(step);
}

static bool has_any(const struct import_batch *b, const struct import_part *part)
{
    for (size_t i = part->from; i < part->to; i++)
        if (import_row_goes(&b->rows[i], part->doubtful))
            return true;
    return false;
}

/* Some rows, of which any may be refused: how many are in.  What stands before the first that the
 * server names should go in; where it does not, names are not heeded, which bounds the depth. */
BIDE_WAITS static int64_t put_part(struct import_writer *w, bide_db *change,
                                   struct import_batch *b, struct import_part part)
{
    int64_t all = 0;
    while (has_any(b, &part)) {
        size_t bad;
        int64_t rows = try_part(w, change, b, &part, &bad);
        if (rows < 0 || bad == part.to || part.to - part.from == 1)
            return rows < 0 ? rows : all + rows;
        struct import_part before = { part.from, bad, part.doubtful, true };
        rows = put_part(w, change, b, before);
        if (rows < 0)
            return rows;
        all += rows;
        struct import_part alone = { bad, bad + 1, part.doubtful, true };
        rows = put_part(w, change, b, alone);
        if (rows < 0)
            return rows;
        all += rows;
        part.from = bad + 1;
    }
    return all;
}

int64_t import_writer_put_doubtful(struct import_writer *w, bide_db *change,
                                   struct import_batch *b)
{
    struct import_part doubtful = { 0, b->count, true, false };
    return b->doubtful ? put_part(w, change, b, doubtful) : 0;
}

/* All rows of a batch, and the doubtful behind them. */
BIDE_WAITS static int64_t put_rows(struct import_writer *w, bide_db *change,
                                   struct import_batch *b, bool in_parts)
{
    struct import_part good = { 0, b->count, false, false };
    int64_t rows = in_parts ? put_part(w, change, b, good) : import_values_put(w, change, b, &good);
    int64_t more = rows < 0 ? 0 : import_writer_put_doubtful(w, change, b);
    return rows < 0 ? rows : more < 0 ? more : rows + more;
}

/* ---- batches ---- */

bide_db *import_writer_begin(struct import_writer *w)
{
    return w->im->whole ? bide_db_begin(w->im->whole)
                        : bide_db_begin(w->db, .immediate = w->immediate);
}

static int refuse_all(const struct import_batch *b)
{
    const char *end = memchr(b->refused, '\n', b->refused_size);
    return bide_fail(BIDE_EINVAL, "--strict: %.*s", (int)(end - b->refused), b->refused);
}

BIDE_WAITS static int finish(struct import *im, bide_db *change, const struct import_batch *b,
                             const struct import_stretch *list, size_t count)
{
    if (im->options->strict && b->refused_count)
        return refuse_all(b);
    int rc = import_reject_write(&im->reject, b);
    if (rc == 0)
        rc = import_state_note(im, change, list, count);
    if (rc < 0)
        return rc;
    rc = bide_db_commit(change);
    if (rc < 0 && b->refused_count && !import_is_of_a_row(im) && !import_is_of_others(im))
        im->reject.unsure = true;       /* cancelled or cut off: it may be made all the same */
    return rc;
}

/* Where rows are refused, one after the other: how long their file is belongs to the state. */
int import_writer_finish(struct import_writer *w, bide_db *change, const struct import_batch *b,
                         const struct import_stretch *list, size_t count)
{
    struct import *im = w->im;
    if (b->refused_count == 0 || im->reject.fd < 0)
        return finish(im, change, b, list, count);
    bide_auto(permit) turn = bide_lock_acquire(&im->reject.order);
    uint64_t before = im->reject.size;
    int rc = turn ? finish(im, change, b, list, count) : bide_errcode();
    if (turn && rc < 0 && !im->reject.unsure)
        import_reject_cut(&im->reject, before);
    return rc;
}

/* Constraints that wait for the commit would not tell which row it was. */
BIDE_WAITS static int check_at_once(struct import_writer *w, bide_db *change)
{
    int64_t rc = w->as_texts ? bide_db_execute(change, "set constraints all immediate") : 0;
    return rc < 0 ? (int)rc : 0;
}

/* How many rows are in; < 0: none, and *again says whether the parts are worth a try. */
BIDE_WAITS static int64_t try_rows(struct import_writer *w, struct import_batch *b, bool in_parts,
                                   bool *again)
{
    bide_auto(db) change = import_writer_begin(w);
    if (!change)
        return bide_errcode();
    int64_t rows = in_parts && check_at_once(w, change) < 0 ? bide_errcode()
                                                            : put_rows(w, change, b, in_parts);
    if (rows >= 0) {
        struct import_stretch one = import_batch_stretch(b, (uint64_t)rows);
        int rc = import_writer_finish(w, change, b, &one, 1);
        rows = rc < 0 ? rc : rows;
    }
    *again = rows < 0 && !in_parts && import_is_of_a_row(w->im);
    return rows;
}

BIDE_WAITS static int64_t write_once(struct import_writer *w, struct import_batch *b)
{
    bool again = false;
    int64_t rows = try_rows(w, b, false, &again);
    return again ? try_rows(w, b, true, &again) : rows;
}

/* Rows that were refused stay so. */
BIDE_WAITS static int64_t write_rows(struct import_writer *w, struct import_batch *b)
{
    int64_t rows = write_once(w, b);
    for (int more = TRIES - 1; rows < 0 && more > 0; more--) {
        if (w->im->whole || !import_is_of_others(w->im))
            break;
        rows = write_once(w, b);
    }
    return rows;
}

BIDE_WAITS static int write_batch(struct import_writer *w, struct import_batch *b)
{
    struct import *im = w->im;
    int64_t rows = im->spans ? import_span_put(w, b) : write_rows(w, b);
    im->reading -= b->count;
    if (b->taken > im->taken)
        im->taken = b->taken;
    if (rows < 0 || im->spans)
        return rows < 0 ? (int)rows : 0;
    im->rows += (uint64_t)rows;
    im->refused += b->refused_count;
    return 0;
}

BIDE_WAITS static int open_writer(struct import_writer *w, struct import *im)
{
    size_t count = im->columns.count;
    const struct database_kind *kind = database_kind(im->db);
    *w = (struct import_writer){ .im = im, .immediate = kind->one_writer,
                                 .as_texts = kind->reads_texts };
    w->names = calloc(count + 1, sizeof *w->names);
    if (!w->names || import_values_open(w) < 0)
        return bide_fail(BIDE_ENOMEM, "out of memory for rows");
    for (size_t i = 0; i < count; i++)
        w->names[i] = im->columns.list[i].name;
    if (im->whole)
        return 0;
    w->db = bide_db_acquire(im->db);
    int rc = w->db ? database_relax(w->db) : bide_errcode();
    return rc < 0 ? rc : import_sign(im, w->db);
}

static void close_writer(struct import_writer *w)
{
    import_span_close(w);
    bide_db_close(w->db);
    free(w->names);
    import_values_close(w);
}

int import_writer(void *import)
{
    struct import *im = import;
    struct import_writer w;
    struct import_batch *b;
    int rc = open_writer(&w, im);
    while (rc == 0 && (rc = bide_queue_get(im->full, &b)) > 0) {
        rc = write_batch(&w, b);
        if (bide_queue_put_nowait(im->empty, &b) < 0)
            import_batch_free(b);
    }
    if (rc == 0)
        rc = import_span_end(&w);
    if (rc < 0)
        import_note_error(im);
    close_writer(&w);
    return rc;
}
