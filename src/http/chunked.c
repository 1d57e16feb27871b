/* A state machine over single bytes for all but the payload, which is skipped whole. */
#include "http/chunked.h"

#include "base/memory.h"

#include "bide/error.h"

enum state {
    SIZE,                       /* hexadecimal digits */
    BLANK,                      /* white space behind the size: only ';' may follow it */
    EXTENSION,
    SIZE_LF,
    PAYLOAD,
    PAYLOAD_CR,
    PAYLOAD_LF,
    TRAILER_START,              /* of a line; CR: the end */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
};

static int refuse(struct chunked *c, int code, const char *why)
{
    c->why = why;
    return code;
}

static int limit_extension(struct chunked *c)
{
    if (++c->extension > CHUNKED_EXTENSION_MAX)
        return refuse(c, BIDE_ELIMIT, "the chunk extensions are too large");
    return 0;
}

static int take_size(struct chunked *c, char byte)
{
    if (char_is(byte, CHAR_HEX)) {
        if (c->digits == 16)
            return refuse(c, BIDE_EHTTP, "a chunk's size does not fit in 64 bits");
        c->digits++;
        c->left = c->left << 4 | char_hex(byte);
        return 0;
    }
    if (c->digits == 0)
        return refuse(c, BIDE_EHTTP, "a chunk does not begin with its size");
    if (c->left > INT64_MAX)
        return refuse(c, BIDE_EHTTP, "a chunk's size does not fit in 64 bits");
    if (byte == '\r')
        c->state = SIZE_LF;
    else if (byte == ';')
        c->state = EXTENSION;
    else if (byte == ' ' || byte == '\t')
        c->state = BLANK;
    else
        return refuse(c, BIDE_EHTTP, "a chunk's size is not hexadecimal");
    return c->state == SIZE_LF ? 0 : limit_extension(c);
}

static int take_extension(struct chunked *c, char byte)
{
    if (byte == '\r' && c->state == EXTENSION)
        c->state = SIZE_LF;
    else if (byte == ';')
        c->state = EXTENSION;
    else if (c->state == BLANK ? byte != ' ' && byte != '\t' : !char_is(byte, CHAR_FIELD))
        return refuse(c, BIDE_EHTTP, "a chunk's extension has a forbidden character in it");
    return limit_extension(c);
}

static int expect(struct chunked *c, char byte, char wanted, enum state next)
{
    if (byte != wanted)
        return refuse(c, BIDE_EHTTP, wanted == '\r' ? "a chunk is longer than its size said"
                                                    : "a line of the chunks does not end in CRLF");
    c->state = (uint8_t)next;
    return 0;
}

static int take_size_lf(struct chunked *c, char byte)
{
    c->digits = 0;
    return expect(c, byte, '\n', c->left > 0 ? PAYLOAD : TRAILER_START);
}

static int keep_trailer(struct chunked *c, char byte)
{
    if (c->kept == c->room) {
        uint16_t room = c->room ? (uint16_t)(2 * c->room) : 128;
        char *more = bide__resize(c->trailers, room);
        if (!more)
            return refuse(c, BIDE_ENOMEM, "out of memory for the trailers");
        c->trailers = more;
        c->room = room;
    }
    c->trailers[c->kept++] = byte;
    return 0;
}

static int take_trailer(struct chunked *c, char byte)
{
    if (++c->trailer > CHUNKED_TRAILER_MAX)
        return refuse(c, BIDE_ELIMIT, "the trailers are too large");
    if (c->keep_trailers && !(c->state == TRAILER_START && byte == '\r')) {
        int rc = keep_trailer(c, byte);
        if (rc < 0)
            return rc;
    }
    if (c->state == TRAILER_LF)
        return expect(c, byte, '\n', TRAILER_START);
    if (byte == '\r' && c->state != TRAILER_NAME)
        c->state = c->state == TRAILER_START ? END_LF : TRAILER_LF;
    else if (c->state == TRAILER_VALUE && char_is(byte, CHAR_FIELD))
        return 0;
    else if (c->state == TRAILER_NAME && byte == ':')
        c->state = TRAILER_VALUE;
    else if (c->state != TRAILER_VALUE && char_is(byte, CHAR_TOKEN))
        c->state = TRAILER_NAME;
    else
        return refuse(c, BIDE_EHTTP, "a trailer is no proper header");
    return 0;
}

/* Any byte but payload. */
static int take_byte(struct chunked *c, char byte)
{
    switch ((enum state)c->state) {
    case SIZE:
        return take_size(c, byte);
    case BLANK:
    case EXTENSION:
        return take_extension(c, byte);
    case SIZE_LF:
        return take_size_lf(c, byte);
    case PAYLOAD_CR:
        return expect(c, byte, '\r', PAYLOAD_LF);
    case PAYLOAD_LF:
        return expect(c, byte, '\n', SIZE);
    case TRAILER_START:
    case TRAILER_NAME:
    case TRAILER_VALUE:
    case TRAILER_LF:
        return take_trailer(c, byte);
    case END_LF:
        c->done = byte == '\n';
        return expect(c, byte, '\n', SIZE);
    case PAYLOAD:
        break;
    }
    return 0;
}

ssize_t bide__chunked_take(struct chunked *c, const char *at, size_t size, struct text *payload)
{
    size_t i = 0;
    *payload = text_of(at, 0);
    while (i < size && !c->done) {
        if (c->state == PAYLOAD) {
            size_t piece = size - i < c->left ? size - i : (size_t)c->left;
            *payload = text_of(at + i, piece);
            c->left -= piece;
            if (c->left == 0)
                c->state = PAYLOAD_CR;
            return (ssize_t)(i + piece);
        }
        int rc = take_byte(c, at[i++]);
        if (rc < 0)
            return rc;
    }
    return (ssize_t)i;
}

void bide__chunked_end(struct chunked *c)
{
    bide__free(c->trailers);
    c->trailers = NULL;
    c->kept = c->room = 0;
}

size_t bide__chunked_head(char out[CHUNKED_HEAD_SIZE], uint64_t size)
{
    unsigned shift = 60;
    size_t at = 0;
    while (shift > 0 && size >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        out[at++] = "0123456789abcdef"[size >> shift & 15];
        if (shift == 0)
            break;
    }
    out[at++] = '\r';
    out[at++] = '\n';
    return at;
}
