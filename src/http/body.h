/* Reading a message's body from its stream, as its framing says; both sides use it.
 *
 * The struct knows how far the body is; the stream is the connection's.  Every way in which a body
 * can be wrong ends in an error with a sentence: cut short, chunks that are none, too long. */
#ifndef BIDE_HTTP_BODY_H
#define BIDE_HTTP_BODY_H

#include "http/chunked.h"
#include "http/framing.h"
#include "http/scratch.h"

#include <bide/stream.h>

struct body {
    uint8_t kind;               /* enum body_kind */
    bool done;                  /* its last byte has been taken from the stream */
    bool broken;                /* failed: nothing of the stream can be understood any more */
    uint64_t left, length;      /* BODY_LENGTH */
    size_t ready;               /* BODY_CHUNKED: the stream's buffer begins with so much payload */
    struct chunked chunked;
};

/* For `idle`: take only what is in the stream's buffer; if nothing is, BIDE_EAGAIN, without a
 * sentence. */
#define BODY_NOW (-1.0)

/* A body read whole: text has a NUL behind it and is freed with bide__free(). */
struct whole {
    char *text;
    size_t size, room;
    bool lent;                  /* text is not to be freed: a part of the message's memory */
};

void bide__body_start(struct body *body, const struct framing *framing);
/* Up to size bytes; 0: the end.  idle: seconds it may wait for them, or BODY_NOW. */
BIDE_WAITS ssize_t bide__body_read(struct body *body, bide_stream *stream, void *buf, size_t size,
                                   double idle);
/* The same without a copy: *data lies in the stream's buffer until bide__body_take() takes some of
 * it out. */
BIDE_WAITS ssize_t bide__body_peek(struct body *body, bide_stream *stream, const char **data,
                                   double idle);
void bide__body_take(struct body *body, bide_stream *stream, size_t size);
/* All of it, at most max bytes, else BIDE_ELIMIT.  May be called again after a failure. */
BIDE_WAITS int bide__body_read_whole(struct body *body, bide_stream *stream, struct whole *whole,
                                     size_t max, double idle);
/* Before the first of it: a small body finds room in what the message has left of its own memory,
 * and nothing is allocated.  expected as below. */
void bide__whole_lend(struct whole *whole, struct scratch *scratch, uint64_t expected);
/* Frees its text, if that is its own. */
void bide__whole_end(struct whole *whole);
/* Makes room for at least one byte more and the NUL, where `expected` bytes will come in all, or
 * UINT64_MAX: nobody knows.  0, or BIDE_ENOMEM. */
int bide__whole_make_room(struct whole *whole, uint64_t expected, size_t max);
/* 0, or BIDE_ELIMIT: it is, or is going to be, larger than max. */
int bide__whole_check(const struct whole *whole, const struct body *body, size_t max);
/* Frees what the body itself has kept, its trailers; they are none then. */
void bide__body_end(struct body *body);
/* Takes what is left out of the stream's buffer if it is there already: is the body done?
 * Does not wait. */
bool bide__body_skip(struct body *body, bide_stream *stream);

/* Its bytes in all, as far as it is known; else UINT64_MAX. */
static inline uint64_t body_expected(const struct body *body)
{
    return body->kind == BODY_LENGTH ? body->length : UINT64_MAX;
}

#endif
