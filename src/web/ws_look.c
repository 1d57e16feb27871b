/* Bytes come in: the stream's buffer, in place.
 *
 * Who reads has the stream to itself, so what lies in its buffer may be unmasked there. */
#include "web/ws_in.h"
#include "web/ws_out.h"

#include "io/stream.h"
#include "web/ws_beat.h"

/* The end of a line that was handed out is gone, and the bytes are as they came. */
static size_t buffered(bide_stream *s, char **data)
{
    bide_stream_consume(s, 0);
    *data = s->buffer + s->begin;
    return s->end - s->begin;
}

/* First what a message's NUL replaced is put back, for then other bytes may lie there. */
/* waits: through the stream's operations */
static ssize_t more_now(bide_stream *s, char **data)
{
    bide_stream_consume(s, 0);
    int rc = bide__stream_make_room(s);
    ssize_t n = rc < 0 ? rc : s->flags & STREAM_ABORTED ? BIDE_ECLOSED : bide__stream_fill_now(s);
    if (n < 0 && n != BIDE_EAGAIN)
        return bide_fail((int)n, "read: %s", bide_strerror((int)n));
    return n <= 0 ? n : (ssize_t)buffered(s, data);     /* 0: the end */
}

ssize_t bide__ws_look(struct bide_ws *ws, char **data, size_t have, bool wait)
{
    bide_stream *s = ws->stream;
    const char *seen;
    if (bide_stream_buffered(s) > have)
        return (ssize_t)buffered(s, data);
    if (bide__ws_pending(ws) > 0 && bide__ws_flush(ws, NULL, 0) == BIDE_ECANCELED)
        return BIDE_ECANCELED;  /* any other failure: the peer may have said why before */
    if (have == 0)
        bide__ws_rest(ws);
    ssize_t n = wait ? bide_stream_peek_more(s, &seen, have) : more_now(s, data);
    if (n <= 0)
        return n == 0 ? BIDE_EEOF : n;
    bide__ws_heard(ws);
    *data = s->buffer + s->begin;
    return n;
}

void bide__ws_rest(struct bide_ws *ws)
{
    if (ws->in && ws->in->type == 0)
        bide__ws_in_free(ws);
    if (ws->deflate && !ws->in && !(ws->flags & WS_PART))
        bide__ws_deflate_rest(ws->deflate);
    if (ws->settings->calls)
        bide__ws_out_rest(ws);
}
