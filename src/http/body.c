/* The body: one function per framing, and a buffer that grows as bytes come.
 *
 * The buffer follows what has arrived, not what was announced: a length is only a claim. */
#include "http/body.h"

#include "base/memory.h"
#include "io/stream.h"

#include <bide/scope.h>

#include <string.h>

enum { WHOLE_START = 512, WHOLE_STEP_MAX = 1 << 20, LENT_MIN = 64 };

void bide__body_start(struct body *body, const struct framing *framing)
{
    body->kind = (uint8_t)framing->kind;
    body->done = framing->kind == BODY_NONE;
    body->broken = false;
    body->left = body->length = framing->length;
    body->ready = 0;
    if (framing->kind == BODY_CHUNKED)
        memset(&body->chunked, 0, sizeof body->chunked);
}

static int fail_chunked(struct body *body, int code)
{
    body->broken = true;
    return bide_fail(code, "%s", body->chunked.why);
}

static int fail_short(struct body *body)
{
    body->broken = true;
    if (body->kind == BODY_CHUNKED)
        return bide_fail(BIDE_EEOF, "the body was cut short in the middle of its chunks");
    return bide_fail(BIDE_EEOF, "the body was cut short: %llu of %llu bytes came",
                     (unsigned long long)(body->length - body->left),
                     (unsigned long long)body->length);
}

/* ---- what has arrived ---- */

/* What the stream has buffered and nobody else is about to read. */
static size_t arrived(bide_stream *stream, const char **data)
{
    if (stream->flags & (STREAM_READING | STREAM_ABORTED | STREAM_CLOSED))
        return 0;
    if (stream->flags & STREAM_LINE)
        bide_stream_consume(stream, 0);         /* puts back what the line's NUL stands for */
    *data = stream->buffer + stream->begin;
    return bide_stream_buffered(stream);
}

/* Goes over what frames the payload, until there is some, or nothing more has arrived. */
static int pass_framing(struct body *body, bide_stream *stream)
{
    while (body->ready == 0 && !body->done) {
        const char *data;
        struct text payload;
        size_t there = arrived(stream, &data);
        if (there == 0)
            return 0;
        ssize_t taken = bide__chunked_take(&body->chunked, data, there, &payload);
        if (taken < 0)
            return fail_chunked(body, (int)taken);
        body->ready = payload.size;
        body->done = body->chunked.done;
        bide_stream_consume(stream, (size_t)taken - payload.size);
    }
    return 0;
}

/* The payload that has arrived; 0: none. */
static ssize_t peek_now(struct body *body, bide_stream *stream, const char **data)
{
    int rc = body->kind == BODY_CHUNKED ? pass_framing(body, stream) : 0;
    if (rc < 0 || body->done)
        return rc;
    size_t there = arrived(stream, data);
    if (body->kind == BODY_LENGTH && there > body->left)
        there = (size_t)body->left;
    if (body->kind == BODY_CHUNKED && there > body->ready)
        there = body->ready;
    return (ssize_t)there;
}

void bide__body_take(struct body *body, bide_stream *stream, size_t size)
{
    bide_stream_consume(stream, size);
    if (body->kind == BODY_LENGTH) {
        body->left -= size;
        body->done = body->left == 0;
    } else if (body->kind == BODY_CHUNKED) {
        body->ready -= size;
    }
}

static ssize_t read_now(struct body *body, bide_stream *stream, char *buf, size_t size)
{
    size_t got = 0;
    for (;;) {
        const char *data;
        ssize_t there = peek_now(body, stream, &data);
        if (there < 0)
            return there;
        size_t piece = (size_t)there < size - got ? (size_t)there : size - got;
        if (piece == 0)
            return (ssize_t)got;
        memcpy(buf + got, data, piece);
        bide__body_take(body, stream, piece);
        got += piece;
    }
}

/* ---- what is to come ---- */

/* Waits for at least one byte in the stream's buffer.  0: the body ends with the stream. */
BIDE_WAITS static ssize_t await(struct body *body, bide_stream *stream, double idle)
{
    const char *data;
    BIDE_TIMEOUT(limit, idle);
    ssize_t size = bide_stream_peek(stream, &data);
    if (size < 0)
        return bide_scope_result(limit, (int)size);
    if (size == 0 && body->kind != BODY_UNTIL_CLOSE && body->kind != BODY_TUNNEL)
        return fail_short(body);
    body->done |= size == 0;
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

/* Without chunks the bytes go straight to where they are wanted. */
BIDE_WAITS static ssize_t read_plain(struct body *body, bide_stream *stream, void *buf,
                                     size_t size, double idle)
{
    bool known = body->kind == BODY_LENGTH;
    if (known && size > body->left)
        size = (size_t)body->left;
    ssize_t got = read_some(stream, buf, size, idle);
    if (got == 0 && known)
        return fail_short(body);
    if (got > 0 && known)
        body->left -= (uint64_t)got;
    if (got >= 0)
        body->done = known ? body->left == 0 : got == 0;
    return got;
}

/* Notes whether a failure has been the last. */
static ssize_t note(struct body *body, ssize_t got)
{
    if (got < 0 && got != BIDE_ECANCELED && got != BIDE_ETIMEDOUT && got != BIDE_EAGAIN)
        body->broken = true;
    return got;
}

static int refuse_broken(void)
{
    return bide_fail(BIDE_ECLOSED, "an earlier read of this body has failed");
}

ssize_t bide__body_read(struct body *body, bide_stream *stream, void *buf, size_t size,
                        double idle)
{
    if (body->broken)
        return refuse_broken();
    while (!body->done && size > 0) {
        ssize_t got = read_now(body, stream, buf, size);
        if (got != 0 || body->done)
            return got;
        if (idle == BODY_NOW)
            return BIDE_EAGAIN;
        if (body->kind != BODY_CHUNKED)
            return note(body, read_plain(body, stream, buf, size, idle));
        got = await(body, stream, idle);
        if (got < 0)
            return note(body, got);
    }
    return 0;
}

ssize_t bide__body_peek(struct body *body, bide_stream *stream, const char **data, double idle)
{
    if (body->broken)
        return refuse_broken();
    while (!body->done) {
        ssize_t there = peek_now(body, stream, data);
        if (there != 0 || body->done)
            return there;
        if (idle == BODY_NOW)
            return BIDE_EAGAIN;
        there = await(body, stream, idle);
        if (there < 0)
            return note(body, there);
    }
    return 0;
}

/* ---- all of it ---- */

void bide__whole_lend(struct whole *whole, struct scratch *scratch, uint64_t expected)
{
    size_t left = (size_t)(scratch->end - scratch->at) / 2;
    size_t room = left < WHOLE_START ? left : WHOLE_START;
    if (expected != UINT64_MAX)
        room = expected < left ? (size_t)expected + 2 : 0;
    if (whole->text || room > left || (expected == UINT64_MAX && room < LENT_MIN) || room == 0)
        return;
    whole->text = bide__scratch_take(scratch, room);
    whole->lent = whole->text != NULL;
    whole->room = whole->text ? room : 0;
}

void bide__whole_end(struct whole *whole)
{
    if (whole->text && !whole->lent)
        bide__free(whole->text);
}

/* Memory of its own, instead of what was lent. */
static char *move_out(struct whole *whole, size_t room)
{
    char *text = bide__alloc(room);
    if (text)
        memcpy(text, whole->text, whole->size);
    return text;
}

int bide__whole_make_room(struct whole *whole, uint64_t expected, size_t max)
{
    if (whole->size + 1 < whole->room)
        return 0;
    size_t step = whole->room < WHOLE_STEP_MAX ? whole->room : WHOLE_STEP_MAX;
    size_t room = whole->room + (step ? step : WHOLE_START);
    if (expected < WHOLE_STEP_MAX && expected + 2 > whole->room)
        room = (size_t)expected + 2;
    if (room - 2 > max)
        room = max + 2;         /* one byte more than allowed: so it shows */
    char *text = whole->lent ? move_out(whole, room) : bide__resize(whole->text, room);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory for a body of %zu bytes", room);
    whole->lent = false;
    whole->text = text;
    whole->room = room;
    return 0;
}

int bide__whole_check(const struct whole *whole, const struct body *body, size_t max)
{
    if (body->kind == BODY_LENGTH && body->length > max)
        return bide_fail(BIDE_ELIMIT, "the body has %llu bytes, more than the %zu allowed",
                         (unsigned long long)body->length, max);
    if (whole->size > max)
        return bide_fail(BIDE_ELIMIT, "the body is longer than the %zu bytes allowed", max);
    return 0;
}

int bide__body_read_whole(struct body *body, bide_stream *stream, struct whole *whole,
                          size_t max, double idle)
{
    if (max > SIZE_MAX / 2)
        max = SIZE_MAX / 2;
    for (;;) {
        int rc = bide__whole_check(whole, body, max);
        if (rc < 0 || body->done)
            return rc;
        rc = bide__whole_make_room(whole, body_expected(body), max);
        if (rc < 0)
            return rc;
        ssize_t got = bide__body_read(body, stream, whole->text + whole->size,
                                      whole->room - whole->size - 1, idle);
        if (got < 0)
            return (int)got;
        whole->size += (size_t)got;
        whole->text[whole->size] = '\0';
    }
}

bool bide__body_skip(struct body *body, bide_stream *stream)
{
    if (body->done || body->broken)
        return body->done && !body->broken;
    BIDE_KEEP_ERROR(held);
    while (!body->done) {
        const char *data;
        ssize_t there = body->kind == BODY_LENGTH || body->kind == BODY_CHUNKED
                            ? peek_now(body, stream, &data) : 0;
        if (there > 0)
            bide__body_take(body, stream, (size_t)there);
        else if (!body->done)
            return false;
    }
    return body->done && !body->broken;
}

void bide__body_end(struct body *body)
{
    if (body->kind == BODY_CHUNKED)
        bide__chunked_end(&body->chunked);
}
