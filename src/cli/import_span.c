/* cli/import_span.c -- many batches in one COPY and one transaction.
 *
 * A COPY has a ring of buffers of its own at the server, which is cold at first, and so are those
 * of one for each half megabyte: they cost the server 1.4 times the work of one COPY for all.  So
 * batches go on in the same COPY, for some seconds.  Their texts are not kept meanwhile, for memory
 * is to stay bounded.  If the server refuses a row, nothing of the span is in, and its stretches of
 * the files are read again when all else is done, batch by batch (import_writer.c).  So only what
 * can be read twice goes this way.
 *
 * Rows that have not the shape of their columns are set aside, and tried when the COPY has ended:
 * the usual mistake undoes no span. */
#include "cli/import.h"
#include <stdlib.h>

/* What ends a span besides its time: bytes of text, and rows that are set aside. */
#define SPAN_SIZE ((uint64_t)64 << 20)
#define ASIDE_SIZE ((size_t)64 << 10)
#define ASIDE_COUNT 1000

static void end(struct import_span *s)
{
    bide_bulk_close(s->bulk);
    bide_db_close(s->change);
    s->bulk = NULL;
    s->change = NULL;
}

BIDE_WAITS static int begin(struct import_writer *w, const struct import_batch *b)
{
    struct import_span *s = &w->span;
    if (!s->aside)
        s->aside = import_batch_new(ASIDE_SIZE);
    if (!s->aside)
        return bide_errcode();
    import_batch_clear(s->aside);
    s->file = s->aside->file = b->file;
    s->bytes = s->rows = s->count = 0;
    s->began = bide_now();
    s->change = import_writer_begin(w);
    s->bulk = bide_db_bulk(s->change, w->im->options->table, w->names);
    return s->bulk ? 0 : bide_errcode();
}

static int note(struct import_span *s, const struct import_batch *b)
{
    struct import_stretch one = import_batch_stretch(b, 0);
    struct import_stretch *last = s->count ? &s->list[s->count - 1] : NULL;
    if (last && last->end == one.start) {
        last->end = one.end;
        last->end_line = one.end_line;
        return 0;
    }
    if (import_stretch_room(&s->list, s->count, &s->room) < 0)
        return bide_errcode();
    s->list[s->count++] = one;
    return 0;
}

/* Something of it failed: 0 if it is that of a row, or of others, for then all is tried again. */
static int undo(struct import_writer *w)
{
    bool again = import_is_of_a_row(w->im) || import_is_of_others(w->im);
    BIDE_KEEP_ERROR(why);
    end(&w->span);
    w->im->pending -= w->span.rows;
    w->im->again = w->im->again || again;
    return again ? 0 : bide_errcode();
}

static int remember(struct import_writer *w)
{
    for (size_t i = 0; i < w->span.count; i++)
        if (import_state_add(&w->im->state, &w->span.list[i]) < 0)
            return bide_errcode();
    return 0;
}

/* The COPY has ended: what was set aside, and the commit. */
BIDE_WAITS static int finish(struct import_writer *w, int64_t rows)
{
    struct import *im = w->im;
    struct import_span *s = &w->span;
    int64_t more = import_writer_put_doubtful(w, s->change, s->aside);
    if (more < 0)
        return (int)more;
    s->list[0].rows = (uint64_t)(rows + more);
    s->list[0].refused = s->aside->refused_count;
    int rc = import_writer_finish(w, s->change, s->aside, s->list, s->count);
    if (rc < 0)
        return rc;
    im->pending -= s->rows;
    im->rows += s->list[0].rows;
    im->refused += s->list[0].refused;
    end(s);
    return remember(w);
}

int import_span_end(struct import_writer *w)
{
    struct import_span *s = &w->span;
    if (!s->change)
        return 0;
    int64_t rows = bide_bulk_finish(s->bulk);
    bide_bulk_close(s->bulk);
    s->bulk = NULL;
    int rc = rows < 0 ? (int)rows : finish(w, rows);
    return rc < 0 && s->change ? undo(w) : rc;
}

static bool is_full(const struct import_writer *w)
{
    const struct import_span *s = &w->span;
    return s->bytes >= SPAN_SIZE || s->aside->doubtful >= ASIDE_COUNT ||
        s->aside->size + s->aside->refused_size >= ASIDE_SIZE ||
        bide_now() - s->began >= w->im->options->commit;
}

BIDE_WAITS static int add(struct import_writer *w, struct import_batch *b)
{
    struct import_span *s = &w->span;
    const struct import_part all = { 0, b->count, false, false };
    int rc = note(s, b);
    if (rc == 0)
        rc = import_values_add(w, s->bulk, b, &all);
    if (rc == 0)
        rc = import_batch_set_aside(s->aside, b, w->im->columns.count);
    s->bytes += b->size;
    s->rows += b->count;
    w->im->pending += b->count;
    return rc;
}

int import_span_put(struct import_writer *w, struct import_batch *b)
{
    struct import_span *s = &w->span;
    if (s->change && s->file != b->file && import_span_end(w) < 0)
        return bide_errcode();
    int rc = s->change ? 0 : begin(w, b);
    if (rc == 0)
        rc = add(w, b);
    if (rc < 0)
        return undo(w);
    return is_full(w) ? import_span_end(w) : 0;
}

void import_span_close(struct import_writer *w)
{
    end(&w->span);
    free(w->span.list);
    import_batch_free(w->span.aside);
}
