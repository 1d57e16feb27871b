/* The body: one function per framing, and a buffer that grows as bytes come.
 *
 * The buffer follows what has arrived, not what was announced: a length is only a claim. */
#include "http/body.h"

#include "base/memory.h"
#include "io/stream.h"

#include <bide/scope.h>

#include <string.h>

enum { WHOLE_START = 512, WHOLE_STEP_MAX = 1 << 20 };

void bide__body_start(struct body *body, const struct framing *framing)
{
    body->kind = (uint8_t)framing->kind;
    body->done = framing->kind == BODY_NONE;
    body->broken = false;
    body->left = body->length = framing->length;
    if (framing->kind == BODY_CHUNKED)
        memset(&body->chunked, 0, sizeof body->chunked);
}

/* Waits for at least one byte in the stream's buffer. */
BIDE_WAITS static ssize_t peek(bide_stream *stream, const char **data, double idle)
{
    BIDE_TIMEOUT(limit, idle);
    ssize_t size = bide_stream_peek(stream, data);
    if (size < 0)
        return bide_scope_result(limit, (int)size);
    return size;
}

BIDE_WAITS static ssize_t read_some(bide_stream *stream, void *buf, size_t size, double idle)
{
    if (idle == BIDE_FOREVER)
        return bide_read(stream, buf, size);
    BIDE_TIMEOUT(limit, idle);
    ssize_t got = bide_read(stream, buf, size);
    if (got < 0)
        return bide_scope_result(limit, (int)got);
    return got;
}

BIDE_WAITS static ssize_t read_length(struct body *body, bide_stream *stream, void *buf,
                                      size_t size, double idle)
{
    if (size > body->left)
        size = (size_t)body->left;
    ssize_t got = read_some(stream, buf, size, idle);
    if (got == 0)
        return bide_fail(BIDE_EEOF, "the body was cut short: %llu of %llu bytes came",
                         (unsigned long long)(body->length - body->left),
                         (unsigned long long)body->length);
    if (got > 0) {
        body->left -= (uint64_t)got;
        body->done = body->left == 0;
    }
    return got;
}

BIDE_WAITS static ssize_t read_until_close(struct body *body, bide_stream *stream, void *buf,
                                           size_t size, double idle)
{
    ssize_t got = read_some(stream, buf, size, idle);
    if (got == 0)
        body->done = true;
    return got;
}

/* Decodes from the stream's buffer, at most `size` bytes at a time so that the payload fits. */
BIDE_WAITS static ssize_t read_chunked(struct body *body, bide_stream *stream, char *buf,
                                       size_t size, double idle)
{
    size_t got = 0;
    while (got < size && !body->done) {
        const char *data;
        if (got > 0 && bide_stream_buffered(stream) == 0)
            break;
        ssize_t there = peek(stream, &data, idle);
        if (there < 0)
            return got > 0 ? (ssize_t)got : there;
        if (there == 0)
            return bide_fail(BIDE_EEOF, "the body was cut short in the middle of its chunks");
        struct text payload;
        size_t most = (size_t)there < size - got ? (size_t)there : size - got;
        ssize_t taken = bide__chunked_take(&body->chunked, data, most, &payload);
        if (taken < 0)
            return bide_fail((int)taken, "%s", body->chunked.why);
        memcpy(buf + got, payload.at, payload.size);
        got += payload.size;
        body->done = body->chunked.done;
        bide_stream_consume(stream, (size_t)taken);
    }
    return (ssize_t)got;
}

ssize_t bide__body_read(struct body *body, bide_stream *stream, void *buf, size_t size,
                        double idle)
{
    if (body->broken)
        return bide_fail(BIDE_ECLOSED, "an earlier read of this body has failed");
    ssize_t got = 0;
    if (body->done || size == 0)
        return 0;
    switch ((enum body_kind)body->kind) {
    case BODY_NONE:
        break;
    case BODY_LENGTH:
        got = read_length(body, stream, buf, size, idle);
        break;
    case BODY_CHUNKED:
        got = read_chunked(body, stream, buf, size, idle);
        break;
    case BODY_UNTIL_CLOSE:
    case BODY_TUNNEL:
        got = read_until_close(body, stream, buf, size, idle);
        break;
    }
    body->broken = got < 0 && got != BIDE_ECANCELED && got != BIDE_ETIMEDOUT;
    return got;
}

/* Room for at least one more byte and the NUL. */
static int make_room(struct whole *whole, const struct body *body, size_t max)
{
    if (whole->size + 1 < whole->room)
        return 0;
    size_t step = whole->room < WHOLE_STEP_MAX ? whole->room : WHOLE_STEP_MAX;
    size_t room = whole->room + (step ? step : WHOLE_START);
    if (body->kind == BODY_LENGTH && body->length < WHOLE_STEP_MAX)
        room = (size_t)body->length + 2;
    if (room - 2 > max)
        room = max + 2;         /* one byte more than allowed: so it shows */
    char *text = bide__resize(whole->text, room);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory for a body of %zu bytes", room);
    whole->text = text;
    whole->room = room;
    return 0;
}

int bide__body_read_whole(struct body *body, bide_stream *stream, struct whole *whole,
                          size_t max, double idle)
{
    if (max > SIZE_MAX / 2)
        max = SIZE_MAX / 2;
    if (body->kind == BODY_LENGTH && body->length > max)
        return bide_fail(BIDE_ELIMIT, "the body has %llu bytes, more than the %zu allowed",
                         (unsigned long long)body->length, max);
    for (;;) {
        int rc = make_room(whole, body, max);
        if (rc < 0)
            return rc;
        ssize_t got = bide__body_read(body, stream, whole->text + whole->size,
                                      whole->room - whole->size - 1, idle);
        if (got < 0)
            return (int)got;
        whole->size += (size_t)got;
        whole->text[whole->size] = '\0';
        if (whole->size > max)
            return bide_fail(BIDE_ELIMIT, "the body is longer than the %zu bytes allowed", max);
        if (body->done)
            return 0;
    }
}

/* One step of skipping: false if no more can be skipped. */
static bool skip_some(struct body *body, bide_stream *stream)
{
    const char *data = stream->buffer + stream->begin;
    size_t there = bide_stream_buffered(stream), taken = there;
    struct text payload;
    if (there == 0)
        return false;
    if (body->kind == BODY_LENGTH) {
        taken = there < body->left ? there : (size_t)body->left;
        body->left -= taken;
        body->done = body->left == 0;
    } else if (body->kind == BODY_CHUNKED) {
        ssize_t rc = bide__chunked_take(&body->chunked, data, there, &payload);
        if (rc < 0)
            return false;
        taken = (size_t)rc;
        body->done = body->chunked.done;
    } else {
        return false;
    }
    bide_stream_consume(stream, taken);
    return true;
}

bool bide__body_skip(struct body *body, bide_stream *stream)
{
    while (!body->done && !body->broken)
        if (!skip_some(body, stream))
            return false;
    return body->done;
}
