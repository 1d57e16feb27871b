/* A body that Content-Encoding says is coded.
 *
 * Its bytes come from the connection into a buffer, and from there through the decoder into the
 * reader's memory, or, for those who look at it in place, into a second buffer.  All of that is
 * there from the first read to the last byte. */
#include "http/response_body.h"

#include "base/memory.h"
#include "http/coding.h"

#include <math.h>
#include <string.h>

enum { BUFFER_SIZE = 16384, LIST_MAX = 200 };

struct coded {
    struct coding *coding;
    bool ended;                 /* all is decoded */
    char *out;                  /* decoded, for peeking; NULL: nobody has yet */
    size_t out_from, out_to;
    size_t from, to, room;      /* of in */
    char in[];                  /* as it came */
};

/* The header's value, put together if it came in pieces. */
static struct text find_list(const struct bide_response *r, char list[LIST_MAX])
{
    size_t size = 0;
    for (unsigned i = 0; i < r->head.count; i++) {
        const struct field *field = &r->head.fields[i];
        if (field->header != HEADER_CONTENT_ENCODING || field->value_size == 0)
            continue;
        if (field->value_size + 2u > LIST_MAX - size)
            return text_of("(a list too long)", 17);
        if (size > 0)
            list[size++] = ',';
        memcpy(list + size, r->text + field->value, field->value_size);
        size += field->value_size;
    }
    return text_of(list, size);
}

static uint64_t ratio_max(double times)
{
    if (times >= 1e18)
        return BIDE_UNLIMITED;
    return (uint64_t)ceil(times);
}

static int no_memory(struct coding *coding)
{
    bide__coding_free(coding);
    return bide_fail(BIDE_ENOMEM, "out of memory for decoding the body");
}

int bide__response_decode(struct bide_response *r)
{
    char list[LIST_MAX];
    struct text value = find_list(r, list);
    struct coding_limits limits = { .ratio_max = ratio_max(r->session->o.inflate_max) };
    struct coding *coding;
    const char *why;
    int rc = bide__coding_open(&coding, value, &limits, &why);
    if (rc < 0)
        return bide_fail(rc, "Content-Encoding %.*s: %s", (int)value.size, value.at, why);
    if (!coding)
        return 0;
    uint64_t length = body_expected(&r->body);
    size_t room = length < BUFFER_SIZE ? (size_t)length : BUFFER_SIZE;
    r->coded = bide__alloc(sizeof *r->coded + room);
    if (!r->coded)
        return no_memory(coding);
    *r->coded = (struct coded){ .coding = coding, .room = room };
    return 0;
}

void bide__coded_free(struct coded *c)
{
    if (!c)
        return;
    bide__coding_free(c->coding);
    bide__free(c->out);
    bide__free(c);
}

bool bide__coded_at_end(const struct coded *c)
{
    return c->ended && c->out_from == c->out_to;
}

/* Decodes into buf what is in the buffer: 1: that was the end. */
static int run(struct bide_response *r, char *buf, size_t *size)
{
    struct coded *c = r->coded;
    const char *in = c->in + c->from;
    size_t left = c->to - c->from;
    int rc = bide__coding_run(c->coding, &in, &left, buf, size, r->body.done);
    c->from = c->to - left;
    c->ended = rc == 1;
    if (rc >= 0)
        return rc;
    r->body.broken = true;
    return bide_fail(rc, "decoding: %s", bide__coding_why(c->coding));
}

/* More of what came, into the buffer, which is empty. */
BIDE_WAITS static ssize_t refill(struct bide_response *r, double idle)
{
    struct coded *c = r->coded;
    ssize_t got = bide__body_read(&r->body, r->connection->stream, c->in, c->room, idle);
    if (got >= 0) {
        c->from = 0;
        c->to = (size_t)got;
    }
    if (got > 0)
        bide__response_trace(r, BIDE_TRACE_BODY, NULL, got);
    return got;
}

/* Waits only as long as there is nothing to hand over. */
BIDE_WAITS static ssize_t decode(struct bide_response *r, char *buf, size_t size, double idle)
{
    struct coded *c = r->coded;
    size_t got = 0;
    while (!c->ended) {
        size_t made = size - got;
        int rc = run(r, buf + got, &made);
        got += made;
        if (rc < 0)
            return rc;
        if (rc == 1 || got == size)
            break;
        if (c->from < c->to || r->body.done)
            continue;
        ssize_t more = refill(r, got > 0 ? BODY_NOW : idle);
        if (more == BIDE_EAGAIN && got > 0)
            break;
        if (more < 0)
            return more;
    }
    return (ssize_t)got;
}

ssize_t bide__coded_peek(struct bide_response *r, const char **data, double idle)
{
    struct coded *c = r->coded;
    if (c->out_from == c->out_to && !c->ended) {
        if (!c->out && !(c->out = bide__alloc(BUFFER_SIZE)))
            return bide_fail(BIDE_ENOMEM, "out of memory for decoding the body");
        ssize_t got = decode(r, c->out, BUFFER_SIZE, idle);
        if (got < 0)
            return got;
        c->out_from = 0;
        c->out_to = (size_t)got;
    }
    *data = c->out + c->out_from;
    return (ssize_t)(c->out_to - c->out_from);
}

void bide__coded_consume(struct coded *c, size_t size)
{
    c->out_from += size;
}

ssize_t bide__coded_take(struct bide_response *r, char *buf, size_t size, double idle)
{
    struct coded *c = r->coded;
    size_t there = c->out_to - c->out_from;
    if (there == 0)
        return decode(r, buf, size, idle);
    if (size > there)
        size = there;
    memcpy(buf, c->out + c->out_from, size);
    c->out_from += size;
    return (ssize_t)size;
}
