/* Bytes come in: the stream's buffer, in place.
 *
 * Who reads has the stream to itself, so what lies in its buffer may be unmasked there. */
#include "web/ws_in.h"
#include "web/ws_out.h"

#include "io/stream.h"
#include "web/ws_beat.h"

#include <bide/run.h>
#include <bide/scope.h>

static size_t count(const bide_stream *s)
{
    return s->end - s->begin;
}

/* What a message's NUL replaced is put back, and the bytes are as they came. */
static void restore(bide_stream *s)
{
    if (s->flags & STREAM_LINE)
        bide_stream_consume(s, 0);
}

static size_t buffered(bide_stream *s, char **data)
{
    restore(s);
    *data = s->buffer + s->begin;
    return count(s);
}

/* First what a NUL replaced is put back, for then other bytes may lie there. */
/* waits: through the stream's operations */
static ssize_t more_now(bide_stream *s, char **data)
{
    restore(s);
    int rc = s->begin < s->end ? bide__stream_make_room(s) : 0;
    ssize_t n = rc < 0 ? rc : s->flags & STREAM_ABORTED ? BIDE_ECLOSED : bide__stream_fill_now(s);
    if (n < 0 && n != BIDE_EAGAIN)
        return bide_fail((int)n, "read: %s", bide_strerror((int)n));
    return n <= 0 ? n : (ssize_t)buffered(s, data);     /* 0: the end */
}

/* Before it waits: what was said is sent.  Whoever closes it meanwhile takes the stream along. */
BIDE_WAITS static int send_first(struct bide_ws *ws)
{
    if (!ws->out || bide__ws_pending(ws) == 0)
        return 0;
    if (bide__ws_flush(ws, NULL, 0) == BIDE_ECANCELED)
        return BIDE_ECANCELED;  /* any other failure: the peer may have said why before */
    return ws->stream ? 0 : bide_fail(BIDE_ECLOSED, "closed");
}

/* Only what is waited for here counts, not what its user does in between. */
BIDE_WAITS static ssize_t await_rest(struct bide_ws *ws, void *to, size_t size)
{
    const char *seen;
    double start = bide_now();
    BIDE_TIMEOUT(limit, (double)(ws->frame_timeout - ws->waited));
    ssize_t n = to ? bide_read(ws->stream, to, size)
                   : bide_stream_peek_more(ws->stream, &seen, size);
    ws->waited += (float)(bide_now() - start);
    if (n != BIDE_ECANCELED || bide_scope_result(limit, BIDE_ECANCELED) != BIDE_ETIMEDOUT)
        return n;
    return bide__ws_refuse(ws, WS_POLICY, "a frame takes too long to come");
}

ssize_t bide__ws_read_rest(struct bide_ws *ws, void *to, size_t size)
{
    int rc = send_first(ws);
    ssize_t n = rc < 0 ? rc : await_rest(ws, to, size);
    if (n > 0)
        bide__ws_heard(ws);
    return n == 0 ? BIDE_EEOF : n;
}

ssize_t bide__ws_look(struct bide_ws *ws, char **data, size_t have, bool wait)
{
    bide_stream *s = ws->stream;
    const char *seen;
    if (count(s) > have)
        return (ssize_t)buffered(s, data);
    int rc = send_first(ws);
    if (rc < 0)
        return rc;
    if (have == 0 && (ws->in || ws->deflate || ws->out))
        bide__ws_rest(ws);
    bool begun = have > 0 || ws_in_is_open(ws);
    ssize_t n = !wait ? more_now(s, data) : begun ? await_rest(ws, NULL, have)
                                                  : bide_stream_peek_more(s, &seen, have);
    if (n <= 0)
        return n == 0 ? BIDE_EEOF : n;
    bide__ws_heard(ws);
    *data = s->buffer + s->begin;
    return n;
}

bool bide__ws_may_look(const struct bide_ws *ws)
{
    bide_stream *s = ws->stream;
    return s->begin < s->end || !s->ops->may_read || s->ops->may_read(s);
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
