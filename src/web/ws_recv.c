/* Frames become messages.
 *
 * The usual message is one small frame.  It is unmasked in the stream's buffer and handed out from
 * there.  Everything else goes the long way (ws_assemble.c). */
#include "web/ws_in.h"
#include "web/ws_out.h"

#include "http/ws_mask.h"
#include "io/stream.h"

#include <bide/error.h>
#include <bide/json.h>
#include <string.h>

/* The next head; the bytes stay where they are, *size of them.  Its size; < 0. */
BIDE_WAITS static int read_head(struct bide_ws *ws, struct ws_frame *frame, char **data,
                                size_t *size, bool wait)
{
    const struct ws_rules rules = { ws->settings->is_server, ws->deflate != NULL };
    const char *why;
    for (size_t have = 0;;) {
        ssize_t n = bide__ws_look(ws, data, have, wait);
        if (n < 0)
            return (int)n;
        int head = bide__ws_frame_read(frame, &rules, *data, (size_t)n, &why);
        if (head < 0)
            return bide__ws_refuse(ws, WS_PROTOCOL, why);
        *size = have = (size_t)n;
        if (head > 0)
            return head;
    }
}

/* Waits until `whole` bytes are there, where there are `size`. */
BIDE_WAITS static int await_whole(struct bide_ws *ws, size_t whole, char **data, size_t size,
                                  bool wait)
{
    while (size < whole) {
        ssize_t n = bide__ws_look(ws, data, size, wait);
        if (n < 0)
            return (int)n;
        size = (size_t)n;
    }
    return 0;
}

/* Is it known to be ASCII? */
static bool unmask(char *data, const struct ws_frame *frame)
{
    return frame->masked && bide__ws_mask(data, data, (size_t)frame->size, frame->mask, 0);
}

/* ---- control frames ---- */

/* Pongs that a peer does not take hold up who reads from it. */
BIDE_WAITS static int answer_ping(struct bide_ws *ws, const char *data, size_t size)
{
    if (ws->flags & (WS_SAID_CLOSE | WS_MUTE))
        return 0;
    int rc = bide__ws_pending(ws) < WS_BATCH ? 0 : bide__ws_flush(ws, NULL, 0);
    if (rc == BIDE_ECANCELED)
        return rc;
    return ws->flags & WS_MUTE ? 0 : bide__ws_put(ws, WS_PONG, true, data, size);
}

BIDE_WAITS static int take_control(struct bide_ws *ws, const struct ws_frame *frame, size_t head,
                                   char *data)
{
    char payload[WS_CONTROL_MAX];
    size_t size = (size_t)frame->size;
    unmask(data + head, frame);
    memcpy(payload, data + head, size);
    bide_stream_consume(ws->stream, head + size);
    if (frame->opcode == WS_CLOSE)
        return bide__ws_take_close(ws, payload, size);
    return frame->opcode == WS_PING ? answer_ping(ws, payload, size) : 0;
}

/* ---- data ---- */

static bool is_simple(const struct bide_ws *ws, const struct ws_frame *frame, size_t head)
{
    return frame->last && !frame->deflated && frame->opcode != WS_CONTINUATION &&
           !(ws->in && ws->in->type) && frame->size + head <= WS_COPY_MAX;
}

static int take_in_place(struct bide_ws *ws, struct bide_message *m,
                                    const struct ws_frame *frame, size_t head, char *data)
{
    size_t size = (size_t)frame->size;
    bool plain = unmask(data + head, frame);
    if (frame->opcode == WS_TEXT && !plain && !bide__ws_utf8_is(data + head, size))
        return bide__ws_refuse(ws, WS_BAD_DATA, "a text is not UTF-8");
    m->type = frame->opcode;
    m->data = bide__stream_take_text(ws->stream, head + size) + head;
    m->size = size;
    return 1;
}

/* The next frame.  1: it is a message; 0: it is none, or not a whole one; < 0. */
BIDE_WAITS static int take_frame(struct bide_ws *ws, struct bide_message *m, bool wait)
{
    struct ws_frame frame;
    char *data;
    size_t size = 0;
    int head = read_head(ws, &frame, &data, &size, wait);
    if (head < 0)
        return head;
    bool control = ws_is_control(frame.opcode);
    if (!control && !is_simple(ws, &frame, (size_t)head)) {
        int rc = bide__ws_in_begin(ws, &frame);
        if (rc == 0)
            bide_stream_consume(ws->stream, (size_t)head);
        return rc;
    }
    if (!control && frame.size > ws->settings->message_max)
        return bide__ws_refuse(ws, WS_TOO_BIG, "a message is longer than the limit");
    int rc = await_whole(ws, (size_t)head + (size_t)frame.size, &data, size, wait);
    if (rc < 0)
        return rc;
    ws->waited = 0;
    return control ? take_control(ws, &frame, (size_t)head, data)
                   : take_in_place(ws, m, &frame, (size_t)head, data);
}

/* No more will come. */
static int lost(struct bide_ws *ws, int rc)
{
    ws->flags |= WS_ENDED;
    if (!ws->code)
        ws->code = WS_LOST;
    return rc == BIDE_EEOF || ws->flags & (WS_ABORTED | WS_STOPPING) ? bide__ws_state(ws) : rc;
}

static bool is_passing(const struct bide_ws *ws, int rc)
{
    return rc == BIDE_EAGAIN || rc == BIDE_ECANCELED || rc == BIDE_ENOMEM ||
           ws->flags & WS_BROKE_RULES;
}

int bide__ws_receive(struct bide_ws *ws, struct bide_message *m, bool wait)
{
    for (;;) {
        if (ws->in)
            bide__ws_in_next(ws);
        int rc = ws->flags & WS_OVER ? bide__ws_state(ws) : 1;
        if (rc <= 0)
            return rc;
        rc = ws_in_is_open(ws) ? bide__ws_in_read(ws, m, wait) : take_frame(ws, m, wait);
        if (rc < 0)
            return is_passing(ws, rc) ? rc : lost(ws, rc);
        if (rc > 0 && !(ws->flags & WS_SAID_CLOSE))     /* after our close nobody wants it */
            return 1;
        if ((rc = bide__enter()) < 0)                   /* pongs without end hold up nobody */
            return rc;
    }
}

/* ---- the calls ---- */

int bide_ws_recv(bide_ws *ws, struct bide_message *message)
{
    int rc = ws ? bide__enter() : bide_errcode();
    if (rc < 0)
        return rc;
    if (ws->flags & WS_READING)
        return bide_fail(BIDE_EBUSY, "recv: another task receives here");
    ws->flags |= WS_READING;
    ws_enter(ws);
    rc = bide__ws_receive(ws, message, true);
    ws->flags &= (uint16_t)~WS_READING;
    bide__ws_leave(ws);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("WebSocket") : rc;
}

int bide_ws_recv_json(bide_ws *ws, const bide_json **document)
{
    struct bide_message m;
    struct ws_facts *facts = ws ? bide__ws_facts(ws) : NULL;
    *document = NULL;
    if (!facts)
        return bide_errcode();
    ws_enter(ws);               /* for whoever closes it meanwhile the facts stay */
    int rc = bide_ws_recv(ws, &m);
    bide_json_free(facts->json);
    facts->json = rc > 0 ? bide_json_parse(m.data, m.size) : NULL;
    *document = facts->json;
    if (rc > 0 && !facts->json)
        rc = bide_within("WebSocket message");
    bide__ws_leave(ws);
    return rc;
}
