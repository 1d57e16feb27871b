/* Reading a response's body, as the calls for it share it.
 *
 *     response_read.c     under which limits, and what may follow what
 *     response_whole.c    bytes, text, JSON
 *     response_pieces.c   chunks, lines, events
 *     response_decode.c   between the connection and all of them */
#ifndef BIDE_HTTP_RESPONSE_BODY_H
#define BIDE_HTTP_RESPONSE_BODY_H

#include "http/response.h"

/* One call that reads: which, and what it fills. */
struct wanted {
    enum wanted_kind { WANT_SOME, WANT_RAW, WANT_WHOLE, WANT_CHUNK, WANT_LINE, WANT_EVENT } kind;
    void *buf;                  /* WANT_SOME, WANT_RAW: undecoded */
    size_t size;
    const char *chunk;
    char *line;
    struct bide_sse_event *event;
};

/* Does it; what it returns is as the kind's public call says, 0 for WANT_WHOLE.  Takes what is
 * there already without waiting, else waits within the limits of the call. */
BIDE_WAITS ssize_t bide__response_run(struct bide_response *r, struct wanted *wanted);

/* ---- one step each; idle: as for bide__body_read() ---- */

/* Up to size bytes, decoded; 0: the end. */
BIDE_WAITS ssize_t bide__response_take(struct bide_response *r, void *buf, size_t size,
                                       double idle);
/* The same without a copy, until bide__response_consume(). */
BIDE_WAITS ssize_t bide__response_peek(struct bide_response *r, const char **data, double idle);
void bide__response_consume(struct bide_response *r, size_t size);
BIDE_WAITS ssize_t bide__response_step_whole(struct bide_response *r, double idle);
BIDE_WAITS ssize_t bide__response_step_chunk(struct bide_response *r, struct wanted *wanted,
                                             double idle);
BIDE_WAITS ssize_t bide__response_step_line(struct bide_response *r, struct wanted *wanted,
                                            double idle);
BIDE_WAITS ssize_t bide__response_step_event(struct bide_response *r, struct wanted *wanted,
                                             double idle);

/* ---- decoding ---- */

/* Gets ready for what Content-Encoding says.  0; BIDE_EHTTP: nobody can decode it; BIDE_ENOMEM. */
int bide__response_decode(struct bide_response *r);
BIDE_WAITS ssize_t bide__coded_take(struct bide_response *r, char *buf, size_t size, double idle);
BIDE_WAITS ssize_t bide__coded_peek(struct bide_response *r, const char **data, double idle);
void bide__coded_consume(struct coded *coded, size_t size);
/* Has all been decoded and consumed? */
bool bide__coded_at_end(const struct coded *coded);
/* NULL: nothing. */
void bide__coded_free(struct coded *coded);

/* Has the body been read to its end? */
static inline bool response_at_end(const struct bide_response *r)
{
    return r->pending == 0 && (r->coded ? bide__coded_at_end(r->coded) : r->body.done);
}

#endif
