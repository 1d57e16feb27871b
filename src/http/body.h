/* Reading a message's body from its stream, as its framing says; both sides use it.
 *
 * The struct knows how far the body is; the stream is the connection's.  Every way in which a body
 * can be wrong ends in an error with a sentence: cut short, chunks that are none, too long. */
#ifndef BIDE_HTTP_BODY_H
#define BIDE_HTTP_BODY_H

#include "http/chunked.h"
#include "http/framing.h"

#include <bide/stream.h>

struct body {
    uint8_t kind;               /* enum body_kind */
    bool done;                  /* its last byte has been taken from the stream */
    bool broken;                /* failed: nothing of the stream can be understood any more */
    uint64_t left, length;      /* BODY_LENGTH */
    struct chunked chunked;
};

/* A body read whole: text has a NUL behind it and is freed with bide__free(). */
struct whole {
    char *text;
    size_t size, room;
};

void bide__body_start(struct body *body, const struct framing *framing);
/* Up to size bytes; 0: the end.  idle: seconds it may wait for them. */
BIDE_WAITS ssize_t bide__body_read(struct body *body, bide_stream *stream, void *buf, size_t size,
                                   double idle);
/* All of it, at most max bytes, else BIDE_ELIMIT.  May be called again after a failure. */
BIDE_WAITS int bide__body_read_whole(struct body *body, bide_stream *stream, struct whole *whole,
                                     size_t max, double idle);
/* Takes what is left out of the stream's buffer if it is there already: is the body done?
 * Does not wait. */
bool bide__body_skip(struct body *body, bide_stream *stream);

#endif
