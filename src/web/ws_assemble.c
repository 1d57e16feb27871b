/* A message put together in memory of its own.
 *
 * That memory grows with what has come, not with what a head announces, and is given back with
 * the message.  What is deflated is inflated as it comes, so neither a bomb nor its fuse is
 * ever kept. */
#include "web/ws_in.h"

#include "base/memory.h"
#include "http/ws_mask.h"
#include "io/stream.h"

#include <bide/error.h>
#include <string.h>

enum { ROOM_FIRST = 4096, KEEP_MAX = 65536 };

/* ---- its life ---- */

static struct ws_in *new_in(struct bide_ws *ws)
{
    if (!ws->in)
        ws->in = bide__zalloc(sizeof *ws->in);
    if (!ws->in)
        bide_fail(BIDE_ENOMEM, "out of memory for a message");
    return ws->in;
}

void bide__ws_in_free(struct bide_ws *ws)
{
    if (!ws->in)
        return;
    bide__free(ws->in->data);
    bide__free(ws->in);
    ws->in = NULL;
}

void bide__ws_in_next(struct bide_ws *ws)
{
    struct ws_in *in = ws->in;
    if (!in || !in->handed_out)
        return;
    if (in->room > KEEP_MAX) {
        bide__ws_in_free(ws);
        return;
    }
    *in = (struct ws_in){ .data = in->data, .room = in->room };
}

/* Room for at least one byte more, and the NUL; `wanted` are expected. */
static int make_room(struct ws_in *in, size_t wanted, size_t max)
{
    size_t room = in->room ? in->room * 2 : ROOM_FIRST;
    if (in->room > in->size + 1)
        return 0;
    if (room > in->size + wanted + 1 && wanted > 0)
        room = in->size + wanted + 1;
    if (room > max + 2)
        room = max + 2;         /* the byte too many is seen, and then refused */
    char *data = bide__resize(in->data, room);
    if (!data)
        return bide_fail(BIDE_ENOMEM, "out of memory for a message");
    in->data = data;
    in->room = room;
    return 0;
}

/* ---- frames ---- */

static const char *judge(const struct ws_in *in, const struct ws_frame *frame)
{
    if (frame->opcode == WS_CONTINUATION && !in->type)
        return "a message begins with a continuation";
    if (frame->opcode != WS_CONTINUATION && in->type)
        return "a message begins within another";
    return NULL;
}

int bide__ws_in_begin(struct bide_ws *ws, const struct ws_frame *frame)
{
    struct ws_in *in = new_in(ws);
    if (!in)
        return BIDE_ENOMEM;
    const char *wrong = judge(in, frame);
    if (wrong)
        return bide__ws_refuse(ws, WS_PROTOCOL, wrong);
    if (!in->type) {
        in->type = frame->opcode;
        in->deflated = frame->deflated;
    }
    uint64_t max = ws->settings->message_max;
    if (in->deflated)
        max += max / 8 + 64;    /* what cannot be made smaller becomes a little longer */
    if (frame->size > max || (in->deflated ? in->raw : in->size) > max - frame->size)
        return bide__ws_refuse(ws, WS_TOO_BIG, "a message is longer than the limit");
    in->raw += frame->size;
    in->frame = *frame;
    in->left = frame->size;
    in->open = true;
    return 0;
}

/* ---- bytes ---- */

static int check_text(struct bide_ws *ws, const char *data, size_t size)
{
    struct ws_in *in = ws->in;
    if (in->type == WS_TEXT && !bide__ws_utf8_take(&in->utf8, data, size))
        return bide__ws_refuse(ws, WS_BAD_DATA, "a text is not UTF-8");
    return 0;
}

static void unmask(struct ws_in *in, char *to, const char *from, size_t size)
{
    if (in->frame.masked)
        bide__ws_mask(to, from, size, in->frame.mask, in->frame.size - in->left);
    else if (to != from)
        memcpy(to, from, size);
    in->left -= size;
}

/* So many more bytes of the frame are here: a slice of it buys the time for the next. */
static void come(struct bide_ws *ws, size_t size)
{
    uint64_t now = ws->in->frame.size - ws->in->left;
    if (now / WS_SLICE != (now - size) / WS_SLICE)
        ws->waited = 0;
}

/* What is half inflated cannot be taken back and tried again. */
static int lose(struct bide_ws *ws)
{
    bide__ws_cut(ws);
    return bide_fail(BIDE_ENOMEM, "out of memory for a message");
}

/* Inflates a piece; last: the message's. */
static int inflate_piece(struct bide_ws *ws, const char *data, size_t size, bool last)
{
    struct ws_in *in = ws->in;
    struct coding_pieces p = { .in = data, .in_size = size, .last = last };
    size_t max = ws->settings->message_max;
    int rc = 0;
    do {
        if (make_room(in, 0, max) < 0)
            return lose(ws);
        size_t room = in->room - in->size - 1;
        p.out = in->data + in->size;
        p.room = room;
        rc = bide__ws_inflate(ws->deflate, &p);
        if (rc == BIDE_ENOMEM)
            return lose(ws);
        if (rc < 0)
            return bide__ws_refuse(ws, WS_BAD_DATA, p.why);
        int checked = check_text(ws, in->data + in->size, room - p.room);
        if (checked < 0)
            return checked;
        in->size += room - p.room;
        if (in->size > max)
            return bide__ws_refuse(ws, WS_TOO_BIG, "a message is longer than the limit");
    } while (p.in_size > 0 || (last ? rc == 0 : p.room == 0));
    return 0;
}

/* A piece of the frame that lies in the stream's buffer. */
static int take_piece(struct bide_ws *ws, char *data, size_t size)
{
    struct ws_in *in = ws->in;
    int rc = in->deflated ? 0 : make_room(in, (size_t)in->left, ws->settings->message_max);
    if (rc < 0)
        return rc;
    if (in->deflated) {
        unmask(in, data, data, size);
        rc = inflate_piece(ws, data, size, false);
    } else {
        if (size > in->room - in->size - 1)
            size = in->room - in->size - 1;
        unmask(in, in->data + in->size, data, size);
        in->size += size;
        rc = check_text(ws, in->data + in->size - size, size);
    }
    come(ws, size);
    bide_stream_consume(ws->stream, size);
    return rc;
}

/* A large one comes past the buffer, straight to where it belongs. */
BIDE_WAITS static int take_directly(struct bide_ws *ws)
{
    struct ws_in *in = ws->in;
    int rc = make_room(in, (size_t)in->left, ws->settings->message_max);
    if (rc < 0)
        return rc;
    size_t room = in->room - in->size - 1;
    char *to = in->data + in->size;
    ssize_t n = bide__ws_read_rest(ws, to, room < in->left ? room : (size_t)in->left);
    if (n < 0)
        return (int)n;
    unmask(in, to, to, (size_t)n);
    come(ws, (size_t)n);
    in->size += (size_t)n;
    return check_text(ws, to, (size_t)n);
}

/* The last frame has come. */
static int complete(struct bide_ws *ws, struct bide_message *m)
{
    struct ws_in *in = ws->in;
    int rc = in->deflated ? inflate_piece(ws, "", 0, true)
                          : make_room(in, 0, ws->settings->message_max);
    if (rc < 0)
        return rc;
    if (in->type == WS_TEXT && in->utf8.need > 0)
        return bide__ws_refuse(ws, WS_BAD_DATA, "a text is not UTF-8");
    in->data[in->size] = '\0';
    in->handed_out = true;
    *m = (struct bide_message){ .type = in->type, .data = in->data, .size = in->size };
    return 1;
}

BIDE_WAITS static int take_some(struct bide_ws *ws, bool wait)
{
    struct ws_in *in = ws->in;
    char *data;
    if (wait && !in->deflated && in->left >= BUFFER_ROOM && bide_stream_buffered(ws->stream) == 0)
        return take_directly(ws);
    ssize_t n = bide__ws_look(ws, &data, 0, wait);
    if (n < 0)
        return (int)n;
    return take_piece(ws, data, (uint64_t)n < in->left ? (size_t)n : (size_t)in->left);
}

int bide__ws_in_read(struct bide_ws *ws, struct bide_message *message, bool wait)
{
    struct ws_in *in = ws->in;
    while (in->left > 0) {
        int rc = take_some(ws, wait);
        if (rc < 0)
            return rc;
    }
    ws->waited = 0;
    if (!in->frame.last) {
        in->open = false;
        return 0;
    }
    int rc = complete(ws, message);
    if (rc > 0)
        in->open = false;
    return rc;
}
