/* A parser of text/event-stream (HTML standard, 9.2.5 and 9.2.6), fed piece by piece.
 *
 * Lines end in LF, CR or CRLF, also mixed, and may be cut anywhere; an event is out as soon as the
 * empty line behind it has begun to end, so a CR is not held back for the LF that may follow.  An
 * event that is cut off by the end of the stream is dropped, as the standard says. */
#ifndef BIDE_HTTP_SSE_H
#define BIDE_HTTP_SSE_H

#include "http/chars.h"

#include <bide/sse.h>
#include <sys/types.h>

enum { SSE_EVENT_MAX = 1 << 20 };       /* bytes of a line, and of an event's data */

struct sse_text {
    char *at;                   /* NULL: nothing yet */
    size_t size, room;
};

struct sse {
    size_t max;                 /* 0: SSE_EVENT_MAX */
    struct sse_text line;       /* the beginning of a line whose end is still to come */
    struct sse_text data;       /* each line with an LF behind it */
    struct sse_text type, id;
    uint64_t retry_ms;
    bool has_retry;
    bool begun;                 /* what may be a byte order mark has been passed */
    bool after_cr;              /* an LF that comes now belongs to the CR before it */
    bool given;                 /* data and type were handed out, and are forgotten next */
    const char *why;            /* after a refusal: a static sentence */
};

/* Takes bytes up to and including the end of the next event: returns how many.  event->type is
 * NULL if there was none in them: hand it more.  BIDE_ELIMIT, BIDE_ENOMEM: see ->why.  A struct of
 * zeroes is ready to use. */
ssize_t bide__sse_take(struct sse *s, const char *at, size_t size, struct bide_sse_event *event);
/* Frees what it holds; the struct is zero then. */
void bide__sse_end(struct sse *s);

#endif
