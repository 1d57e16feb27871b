/* Messages go out.
 *
 * Whole messages, one after the other.  A small one, while more that came with the one before
 * it is still to be read, waits a little, so that the answers of one read leave in one write.
 * A large one of a server's is sent from the caller's memory; a client has to mask it, and
 * does so in fragments, so that no copy of all of it is made. */
#include "web/ws_out.h"

#include "http/ws_utf8.h"
#include "io/stream.h"

#include <bide/error.h>
#include <bide/json.h>

#include <string.h>

enum { SMALL_MAX = 1024 };      /* bytes that are sent from the stack */

/* ---- what may be sent ---- */

static int check_message(const struct bide_message *m)
{
    if (m->type != BIDE_TEXT && m->type != BIDE_BINARY)
        return bide_fail(BIDE_EINVAL, "send: a message is BIDE_TEXT or BIDE_BINARY, not %d",
                         m->type);
    if (m->type == BIDE_TEXT && !bide__ws_utf8_is(m->data, m->size))
        return bide_fail(BIDE_EINVAL, "send: the text is not UTF-8");
    return 0;
}

static int check_open(const struct bide_ws *ws)
{
    if (ws->flags & (WS_SAID_CLOSE | WS_MUTE | WS_ABORTED | WS_HEARD_CLOSE))
        return bide_fail(BIDE_ECLOSED, "send: the WebSocket is closed");
    return 0;
}

static bool wants_deflate(const struct bide_ws *ws, size_t size)
{
    return ws->deflate && size >= WS_DEFLATE_MIN && bide__ws_deflate_can(ws->deflate);
}

/* Has more come, that is going to be answered too? */
static bool is_batch(const struct bide_ws *ws)
{
    const bide_stream *s = ws->stream;
    return s && s->begin < s->end && (ws->flags & (WS_READING | WS_CALLING)) != WS_READING;
}

/* A small one of a server's, while nothing else is to be sent and nobody else sends. */
static bool is_alone(const struct bide_ws *ws, const struct bide_message *m)
{
    const struct ws_out *o = ws->out;
    return m->size <= SMALL_MAX && ws->settings->is_server && !wants_deflate(ws, m->size) &&
           !is_batch(ws) && (!o || (!o->locked && !o->busy && bide__ws_pending(ws) == 0));
}

/* ---- one message, by who has the turn ---- */

BIDE_WAITS static int send_from_memory(struct bide_ws *ws, unsigned opcode, const void *data,
                                       size_t size)
{
    struct ws_frame frame = { .opcode = (uint8_t)opcode, .last = true, .size = size };
    char head[WS_HEAD_MAX];
    struct iovec pieces[2] = {
        { .iov_base = head, .iov_len = bide__ws_frame_write(head, &frame) },
        { .iov_base = (void *)(uintptr_t)data, .iov_len = size },
    };
    return bide__ws_flush(ws, pieces, 2);
}

/* Half a message cannot be taken back. */
static int cut_within(struct bide_ws *ws, int rc)
{
    BIDE_KEEP_ERROR(held);
    bide__ws_cut(ws);
    return rc;
}

/* In fragments that are masked in our memory. */
BIDE_WAITS static int send_masked(struct bide_ws *ws, unsigned opcode, const char *data,
                                  size_t size)
{
    do {
        size_t part = size < WS_BATCH ? size : WS_BATCH;
        int rc = bide__ws_put(ws, opcode, part == size, data, part);
        if (rc == 0)
            rc = bide__ws_flush(ws, NULL, 0);
        if (rc < 0)
            return opcode == WS_CONTINUATION ? cut_within(ws, rc) : rc;
        opcode = WS_CONTINUATION;
        data += part;
        size -= part;
    } while (size > 0);
    return 0;
}

/* What was put has been put; a batch's leave together. */
BIDE_WAITS static int send_soon(struct bide_ws *ws)
{
    if (is_batch(ws) && bide__ws_pending(ws) < WS_BATCH) {
        bide__ws_flush_later(ws);
        return 0;
    }
    return bide__ws_flush(ws, NULL, 0);
}

BIDE_WAITS static int send_in_turn(struct bide_ws *ws, const struct bide_message *m)
{
    unsigned opcode = (unsigned)m->type;
    int rc = check_open(ws);
    if (rc < 0)
        return rc;
    if (wants_deflate(ws, m->size)) {
        rc = bide__ws_put_deflated(ws, opcode, true, m->data, m->size);
        return rc < 0 ? rc : send_soon(ws);
    }
    if (m->size <= WS_COPY_MAX && (is_batch(ws) || !ws->settings->is_server)) {
        rc = bide__ws_put(ws, opcode, true, m->data, m->size);
        return rc < 0 ? rc : send_soon(ws);
    }
    return ws->settings->is_server ? send_from_memory(ws, opcode, m->data, m->size)
                                   : send_masked(ws, opcode, m->data, m->size);
}

/* Without memory and in one call, as a rule.  What the system does not take is kept like any other
 * frame that waits, and so is all of it if it fails: who flushes it finds out why. */
BIDE_WAITS static int send_alone(struct bide_ws *ws, const struct bide_message *m)
{
    struct ws_frame frame = { .opcode = (uint8_t)m->type, .last = true, .size = m->size };
    char bytes[WS_HEAD_MAX + SMALL_MAX];
    size_t size = bide__ws_frame_write(bytes, &frame);
    if (m->size > 0)
        memcpy(bytes + size, m->data, m->size);
    size += m->size;
    ssize_t gone = bide__ws_write_now(ws, bytes, size);
    if (gone == (ssize_t)size)
        return 0;
    size_t done = gone > 0 ? (size_t)gone : 0;
    int rc = bide__ws_put_bytes(ws, bytes + done, size - done);
    if (rc < 0)
        return done > 0 ? cut_within(ws, rc) : rc;
    return bide__ws_flush(ws, NULL, 0);
}

BIDE_WAITS static int send_whole(struct bide_ws *ws, const struct bide_message *m)
{
    int rc = bide__enter();
    if (rc == 0)
        rc = check_open(ws);
    if (rc == 0 && is_alone(ws, m))
        return send_alone(ws, m);
    if (rc == 0)
        rc = bide__ws_turn(ws);
    if (rc < 0)
        return rc;
    rc = send_in_turn(ws, m);
    bide__ws_turn_over(ws);
    return rc;
}

int bide_ws_send(bide_ws *ws, const struct bide_message *message)
{
    if (!ws)
        return bide_errcode();
    int rc = check_message(message);
    if (rc < 0)
        return rc;
    ws_enter(ws);
    rc = send_whole(ws, message);
    bide__ws_leave(ws);
    return rc;
}

int bide_ws_send_text(bide_ws *ws, const char *text)
{
    const struct bide_message m = { BIDE_TEXT, text, strlen(text) };
    return bide_ws_send(ws, &m);
}

int bide_ws_send_binary(bide_ws *ws, const void *data, size_t size)
{
    const struct bide_message m = { BIDE_BINARY, data, size };
    return bide_ws_send(ws, &m);
}

int bide_ws_send_json(bide_ws *ws, const bide_json *document)
{
    struct bide_message m = { .type = BIDE_TEXT };
    char *text = ws ? bide_json_write(document, &m.size) : NULL;
    m.data = text;
    int rc = text ? bide_ws_send(ws, &m) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

/* ---- in fragments ---- */

static int check_part(const struct bide_ws *ws, int type, const void *data, size_t size)
{
    if (type != BIDE_TEXT && type != BIDE_BINARY)
        return bide_fail(BIDE_EINVAL, "send: a message is BIDE_TEXT or BIDE_BINARY, not %d", type);
    struct ws_utf8 u = { 0 };
    if (type == BIDE_TEXT && (!bide__ws_utf8_take(&u, data, size) || u.need > 0))
        return bide_fail(BIDE_EINVAL, "send: a part of a text is UTF-8 by itself");
    return check_open(ws);
}

BIDE_WAITS static int send_part(struct bide_ws *ws, int type, const void *data, size_t size,
                                bool last)
{
    unsigned opcode = ws->flags & WS_PART ? WS_CONTINUATION : (unsigned)type;
    bool deflated = ws->flags & WS_PART ? ws->flags & WS_PART_DEFLATED
                                        : ws->deflate && bide__ws_deflate_can(ws->deflate);
    int rc = check_open(ws);
    if (rc == 0 && opcode != WS_CONTINUATION && ws->out->first)
        rc = bide__ws_flush(ws, NULL, 0);       /* packets that came before go before */
    if (rc == 0)
        rc = deflated ? bide__ws_put_deflated(ws, opcode, last, data, size)
                      : bide__ws_put(ws, opcode, last, data, size);
    if (rc < 0)
        return rc;
    ws->flags &= (uint16_t)~(WS_PART | WS_PART_DEFLATED);
    if (!last)
        ws->flags |= (uint16_t)(WS_PART | (deflated ? WS_PART_DEFLATED : 0));
    rc = bide__ws_flush(ws, NULL, 0);
    return rc < 0 && ws->flags & WS_PART ? cut_within(ws, rc) : rc;
}

BIDE_WAITS static int send_part_in_turn(struct bide_ws *ws, int type, const void *data, size_t size,
                                        bool last)
{
    int rc = bide__enter();
    bool begun = ws->flags & WS_PART && ws->out && ws->out->part_of == bide__self();
    if (rc == 0 && !begun)
        rc = bide__ws_turn(ws);
    if (rc < 0)
        return rc;
    ws->out->part_of = bide__self();
    rc = send_part(ws, type, data, size, last);
    if (!(ws->flags & WS_PART))
        bide__ws_turn_over(ws);
    return rc;
}

int bide_ws_send_part(bide_ws *ws, int type, const void *data, size_t size, bool last)
{
    if (!ws)
        return bide_errcode();
    int rc = check_part(ws, type, data, size);
    if (rc < 0)
        return rc;
    ws_enter(ws);
    rc = send_part_in_turn(ws, type, data, size, last);
    bide__ws_leave(ws);
    return rc;
}

/* ---- without waiting ---- */

static int send_now(struct bide_ws *ws, const struct bide_message *m)
{
    size_t pending = bide__ws_pending(ws), left;
    int rc = check_open(ws);
    if (rc < 0)
        return rc;
    if ((ws->out && ws->out->locked) || (pending > 0 && pending + m->size > WS_PENDING_MAX))
        return bide_fail(BIDE_EAGAIN, "send: the peer is slow, or another message is on its way");
    rc = wants_deflate(ws, m->size)
        ? bide__ws_put_deflated(ws, (unsigned)m->type, true, m->data, m->size)
        : bide__ws_put(ws, (unsigned)m->type, true, m->data, m->size);
    if (rc < 0)
        return rc;
    if (is_batch(ws) && bide__ws_pending(ws) < WS_BATCH) {
        bide__ws_flush_later(ws);
        return 0;
    }
    rc = bide__ws_flush_now(ws, &left);
    return rc < 0 ? bide_fail(rc, "send: %s", bide_strerror(rc)) : 0;
}

int bide_ws_send_nowait(bide_ws *ws, const struct bide_message *message)
{
    if (!ws)
        return bide_errcode();
    int rc = check_message(message);
    return rc < 0 ? rc : send_now(ws, message);
}

/* ---- pings ---- */

BIDE_WAITS static int ping(struct bide_ws *ws, const void *data, size_t size)
{
    int rc = bide__enter();
    if (rc == 0)
        rc = check_open(ws);
    if (rc == 0)
        rc = bide__ws_put(ws, WS_PING, true, data, size);
    return rc < 0 ? rc : bide__ws_flush(ws, NULL, 0);
}

int bide_ws_ping(bide_ws *ws, const void *data, size_t size)
{
    if (!ws)
        return bide_errcode();
    if (size > WS_CONTROL_MAX)
        return bide_fail(BIDE_EINVAL, "ping: more than 125 bytes");
    ws_enter(ws);
    int rc = ping(ws, data, size);
    bide__ws_leave(ws);
    return rc;
}
