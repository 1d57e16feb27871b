/* A stream's life: who is inside, its buffer, abort and close.  Reading and writing have files
 * of their own. */
#include "io/stream.h"
#include "base/memory.h"
#include "core/park.h"
#include "io/buffers.h"
#include <string.h>

void bide__stream_init(bide_stream *s, const struct stream_ops *ops)
{
    *s = (bide_stream){ .ops = ops, .line_max = BIDE_LINE_MAX };
    bide__buffers_hold();
}

void bide__stream_drop_buffer(bide_stream *s)
{
    if (!s->buffer)
        return;
    if (s->room == BUFFER_ROOM)
        bide__buffer_give(s->buffer);
    else
        bide__free(s->buffer);
    s->buffer = NULL;
    s->begin = s->end = s->room = 0;
    s->flags &= (uint8_t)~STREAM_LINE;
}

void bide__stream_release(bide_stream *s)
{
    bide__stream_drop_buffer(s);
    bide__buffers_drop();
}

/* A line's NUL stands where the next byte was. */
static void restore(bide_stream *s)
{
    if (s->flags & STREAM_LINE)
        s->buffer[s->begin] = s->replaced;
    s->flags &= (uint8_t)~STREAM_LINE;
}

static int refusal(const bide_stream *s, unsigned direction)
{
    if (s->flags & STREAM_ABORTED)
        return bide_fail(BIDE_ECLOSED, "closed");
    if (direction == STREAM_READING && s->flags & STREAM_LOST)
        return bide_fail(BIDE_ENOMEM, "out of memory, bytes were lost");
    if (direction == STREAM_WRITING && s->flags & STREAM_CUT_SHORT)
        return bide_fail(BIDE_ECLOSED, "an earlier write was cut short");
    return 0;
}

static int enter(bide_stream *s, unsigned direction)
{
    int rc = bide__enter();
    return rc < 0 ? rc : refusal(s, direction);
}

int bide__stream_enter(bide_stream *s, unsigned direction, const char *verb)
{
    if (!s)
        return bide_errcode();
    if (s->flags & direction)
        return bide_fail(BIDE_EBUSY, "%s: another task is doing this here", verb);
    s->flags |= (uint8_t)direction;
    int rc = enter(s, direction);
    if (rc < 0)
        return (int)bide__stream_leave(s, direction, verb, rc);
    if (direction == STREAM_READING)
        restore(s);
    return 0;
}

ssize_t bide__stream_leave(bide_stream *s, unsigned direction, const char *verb, ssize_t rc)
{
    s->flags &= (uint8_t)~direction;
    if (s->flags & STREAM_CLOSED && !(s->flags & (STREAM_READING | STREAM_WRITING)))
        s->ops->close(s);
    if (rc < 0 && rc != BIDE_ECANCELED)
        bide_within("%s", verb);
    return rc;
}

/* waits: through the stream's operations */
ssize_t bide__stream_fill(bide_stream *s)
{
    if (s->begin == s->end)
        bide__stream_drop_buffer(s);
    if (!s->buffer) {
        int rc = s->ops->await(s);
        if (rc < 0)
            return rc;
        s->buffer = bide__buffer_take();
        if (!s->buffer)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        s->room = BUFFER_ROOM;
    }
    ssize_t n = s->ops->read(s, s->buffer + s->end, s->room - s->end);
    if (n > 0)
        s->end += (size_t)n;
    return n;
}

ssize_t bide__stream_fill_now(bide_stream *s)
{
    if (!s->ops->read_now)
        return BIDE_EAGAIN;
    if (!s->buffer && !(s->buffer = bide__buffer_take()))
        return BIDE_ENOMEM;
    if (s->begin == s->end) {
        s->begin = s->end = 0;
        s->room = s->room ? s->room : BUFFER_ROOM;
    }
    ssize_t n = s->ops->read_now(s, s->buffer + s->end, s->room - s->end);
    if (n > 0)
        s->end += (size_t)n;
    else if (s->begin == s->end)
        bide__stream_drop_buffer(s);
    return n;
}

/* A buffer of another size with the same contents, from `begin` on. */
static bool resize(bide_stream *s, size_t room, size_t begin)
{
    char *larger = bide__alloc(room + 1);
    if (!larger)
        return false;
    size_t size = s->end - s->begin;
    if (size)
        memcpy(larger + begin, s->buffer + s->begin, size);
    bide__stream_drop_buffer(s);
    s->buffer = larger;
    s->room = room;
    s->begin = begin;
    s->end = begin + size;
    return true;
}

int bide__stream_make_room(bide_stream *s)
{
    if (s->end < s->room || s->begin == s->end)
        return 0;
    if (s->begin > 0) {
        s->end -= s->begin;
        memmove(s->buffer, s->buffer + s->begin, s->end);
        s->begin = 0;
        return 0;
    }
    size_t room = s->room < s->line_max / 2 ? s->room * 2 : s->line_max;
    return resize(s, room, 0) ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

void bide__stream_unread(bide_stream *s, const void *data, size_t size)
{
    size_t total = size + s->end - s->begin;
    if (size == 0)
        return;
    if (s->begin < size && !resize(s, total > BUFFER_ROOM ? total : BUFFER_ROOM, size)) {
        s->flags |= STREAM_LOST;
        return;
    }
    s->begin -= size;
    memcpy(s->buffer + s->begin, data, size);
}

void bide_stream_consume(bide_stream *s, size_t size)
{
    if (!s)
        return;
    restore(s);
    s->begin += size < s->end - s->begin ? size : s->end - s->begin;
}

size_t bide_stream_buffered(const bide_stream *s)
{
    return s ? s->end - s->begin : 0;
}

void bide_stream_rest(bide_stream *s)
{
    if (s && s->begin == s->end && !(s->flags & STREAM_READING))
        bide__stream_drop_buffer(s);
}

bool bide_stream_readable(bide_stream *s)
{
    return s && (s->begin < s->end || s->flags & STREAM_ABORTED || s->ops->readable(s));
}

void bide_stream_line_max(bide_stream *s, size_t size)
{
    if (s)
        s->line_max = size;
}

void bide_stream_high_water(bide_stream *s, size_t size)
{
    if (s && s->ops->high_water)
        s->ops->high_water(s, size);
}

int bide_stream_fd(const bide_stream *s)
{
    int fd = s ? bide__stream_fd(s) : -1;
    bide__fd_expose(fd);
    return fd;
}

const char *bide_stream_peer(bide_stream *s)
{
    return s && s->ops->peer ? s->ops->peer(s) : "";
}

void bide_stream_abort(bide_stream *s)
{
    if (!s || s->flags & STREAM_ABORTED)
        return;
    s->flags |= STREAM_ABORTED;
    s->ops->abort(s);
}

void bide_stream_close(bide_stream *s)
{
    if (!s)
        return;
    bide_stream_abort(s);
    if (s->flags & (STREAM_READING | STREAM_WRITING))
        s->flags |= STREAM_CLOSED;
    else
        s->ops->close(s);
}
