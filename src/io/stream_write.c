/* Writing: unbuffered, whole or failed.  A failure after the first byte closes the stream to
 * writes, for nobody knows how much of it the peer has. */
#include "io/stream.h"
#include "base/inline.h"
#include "io/print.h"
#include <bide/error.h>

enum { WINDOW = 16, PIECES_MAX = 1024 };

/* What is left to write. */
struct rest { const struct iovec *pieces; int count; size_t skip; };

static void pass_over(struct rest *r, size_t size)
{
    r->skip += size;
    while (r->count && r->skip >= r->pieces->iov_len) {
        r->skip -= r->pieces->iov_len;
        r->pieces++;
        r->count--;
    }
}

/* In the middle of a piece, which is rare: a copy of the next few. */
/* waits: through the stream's operations */
COLD static ssize_t write_rest(bide_stream *s, const struct rest *r)
{
    struct iovec window[WINDOW];
    int count = r->count < WINDOW ? r->count : WINDOW;
    for (int i = 0; i < count; i++)
        window[i] = r->pieces[i];
    window[0].iov_base = (char *)window[0].iov_base + r->skip;
    window[0].iov_len -= r->skip;
    return s->ops->writev(s, window, count);
}

/* The caller's pieces as they are, if possible. */
/* waits: through the stream's operations */
static ssize_t write_some(bide_stream *s, const struct rest *r)
{
    if (r->skip)
        return write_rest(s, r);
    return s->ops->writev(s, r->pieces, r->count < PIECES_MAX ? r->count : PIECES_MAX);
}

int bide__stream_write(bide_stream *s, const struct iovec *pieces, int count)
{
    struct rest r = { pieces, count, 0 };
    if (s->flags & STREAM_ENDED)
        return bide_fail(-EPIPE, "the writing side was ended");
    pass_over(&r, 0);
    for (bool begun = false; r.count; begun = true) {
        ssize_t n = write_some(s, &r);
        if (n < 0) {
            if (begun)
                s->flags |= STREAM_CUT_SHORT;
            return (int)n;
        }
        pass_over(&r, (size_t)n);
    }
    return 0;
}

int bide_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    int rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    rc = bide__stream_write(s, pieces, count);
    return (int)bide__stream_leave(s, STREAM_WRITING, "write", rc);
}

int bide_write(bide_stream *s, const void *data, size_t size)
{
    struct iovec piece = { (void *)(uintptr_t)data, size };
    return bide_writev(s, &piece, 1);
}

int bide_printf(bide_stream *s, const char *fmt, ...)
{
    struct printed p;
    va_list args;
    va_start(args, fmt);
    int rc = bide__print(&p, fmt, args);
    va_end(args);
    if (rc == 0)
        rc = bide_write(s, p.text, p.size);
    bide__print_end(&p);
    return rc;
}

/* `from` stays taken between the pieces, so that nobody reads in between; a piece leaves its
 * buffer when it has been written. */
static int64_t copy(bide_stream *to, bide_stream *from, void (*moved)(void *, size_t), void *arg)
{
    int64_t total = 0;
    for (;;) {
        if (from->begin == from->end) {
            ssize_t n = bide__stream_fill(from);
            if (n <= 0)
                return n < 0 ? n : total;
        }
        size_t size = from->end - from->begin;
        int rc = bide_write(to, from->buffer + from->begin, size);
        if (rc < 0)
            return rc;
        bide_stream_consume(from, size);
        total += (int64_t)size;
        if (moved)
            moved(arg, size);
    }
}

int64_t bide_copy(bide_stream *to, bide_stream *from, void (*moved)(void *arg, size_t size),
                  void *arg)
{
    int rc = bide__stream_enter(from, STREAM_READING, "read");
    if (rc < 0)
        return rc;
    return bide__stream_leave(from, STREAM_READING, "copy", copy(to, from, moved, arg));
}

/* waits: through the stream's operations */
static int end(bide_stream *s)
{
    if (s->flags & STREAM_ENDED)
        return 0;
    int rc = s->ops->write_end(s);
    if (rc >= 0)
        s->flags |= STREAM_ENDED;
    return rc;
}

int bide_write_end(bide_stream *s)
{
    int rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    return (int)bide__stream_leave(s, STREAM_WRITING, "write", end(s));
}
