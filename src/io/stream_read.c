/* Reading, all of it over one buffer.  Who asks for more than a buffer holds while nothing is
 * buffered gets it straight into their own memory. */
#include "io/stream.h"
#include <bide/error.h>
#include <string.h>

enum { END_MAX = 16 };

static size_t buffered(const bide_stream *s)
{
    return s->end - s->begin;
}

static size_t take(bide_stream *s, void *to, size_t size)
{
    size_t n = size < buffered(s) ? size : buffered(s);
    memcpy(to, s->buffer + s->begin, n);
    s->begin += n;
    return n;
}

/* Some bytes, buffered or fresh ones; 0: the end. */
/* waits: through the stream's operations */
static ssize_t read_some(bide_stream *s, void *to, size_t size)
{
    if (size == 0)
        return 0;
    if (!buffered(s)) {
        if (size >= BUFFER_ROOM)
            return s->ops->read(s, to, size);
        ssize_t n = bide__stream_fill(s);
        if (n <= 0)
            return n;
    }
    return (ssize_t)take(s, to, size);
}

ssize_t bide_read(bide_stream *s, void *buf, size_t size)
{
    int rc = bide__stream_enter(s, STREAM_READING, "read");
    if (rc < 0)
        return rc;
    return bide__stream_leave(s, STREAM_READING, "read", read_some(s, buf, size));
}

/* What came before a failure is put back, so that nothing is lost. */
static int read_whole(bide_stream *s, char *to, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read_some(s, to + got, size - got);
        if (n <= 0) {
            bide__stream_unread(s, to, got);
            return n < 0 ? (int)n : bide_fail(BIDE_EEOF, "the stream ended after %zu of %zu bytes",
                                              got, size);
        }
        got += (size_t)n;
    }
    return 0;
}

int bide_read_exactly(bide_stream *s, void *buf, size_t size)
{
    int rc = bide__stream_enter(s, STREAM_READING, "read");
    if (rc < 0)
        return rc;
    return (int)bide__stream_leave(s, STREAM_READING, "read", read_whole(s, buf, size));
}

/* More bytes behind those that are there: how many, 0: the end. */
static ssize_t read_more(bide_stream *s)
{
    int rc = bide__stream_make_room(s);
    return rc < 0 ? rc : bide__stream_fill(s);
}

static int too_long(const bide_stream *s)
{
    return bide_fail(BIDE_ELIMIT, "more than %zu bytes in one piece", s->line_max);
}

/* How many bytes there are through `end`, or to the end of the stream; does not take them. */
static ssize_t find_line(bide_stream *s, const char *end, size_t end_size)
{
    size_t looked = 0;
    for (;;) {
        const char *from = s->buffer ? s->buffer + s->begin : NULL;
        const char *found = buffered(s) > looked
            ? memmem(from + looked, buffered(s) - looked, end, end_size) : NULL;
        size_t size = found ? (size_t)(found - from) + end_size : buffered(s);
        if (found ? size > s->line_max : size >= s->line_max)
            return too_long(s);
        if (found)
            return (ssize_t)size;
        looked = size >= end_size ? size - end_size + 1 : 0;
        ssize_t n = read_more(s);
        if (n <= 0)
            return n < 0 ? n : (ssize_t)buffered(s);
    }
}

/* The byte that the NUL replaces comes back with the next read. */
char *bide__stream_take_text(bide_stream *s, size_t size)
{
    char *text = s->buffer + s->begin;
    s->begin += size;
    s->replaced = s->buffer[s->begin];
    s->buffer[s->begin] = '\0';
    s->flags |= STREAM_LINE;
    return text;
}

static ssize_t take_line(bide_stream *s, size_t size, char **line)
{
    *line = bide__stream_take_text(s, size);
    return (ssize_t)size;
}

ssize_t bide_read_until(bide_stream *s, const char *end, char **line)
{
    static char nothing[1];
    *line = nothing;
    int rc = bide__stream_enter(s, STREAM_READING, "read");
    if (rc < 0)
        return rc;
    size_t size = strlen(end);
    ssize_t n = size >= 1 && size <= END_MAX ? find_line(s, end, size)
        : bide_fail(BIDE_EINVAL, "a line's end has 1 to %d bytes, not %zu", END_MAX, size);
    if (n > 0)
        n = take_line(s, (size_t)n, line);
    return bide__stream_leave(s, STREAM_READING, "read", n);
}

static ssize_t look(bide_stream *s, const char **data, size_t have)
{
    while (buffered(s) <= have) {
        ssize_t n = have < s->line_max ? read_more(s) : too_long(s);
        if (n <= 0)
            return n;
    }
    *data = s->buffer + s->begin;
    return (ssize_t)buffered(s);
}

ssize_t bide_stream_peek(bide_stream *s, const char **data)
{
    return bide_stream_peek_more(s, data, 0);
}

ssize_t bide_stream_peek_more(bide_stream *s, const char **data, size_t have)
{
    *data = "";
    int rc = bide__stream_enter(s, STREAM_READING, "read");
    if (rc < 0)
        return rc;
    return bide__stream_leave(s, STREAM_READING, "read", look(s, data, have));
}
