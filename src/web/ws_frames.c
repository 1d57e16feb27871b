/* Making frames: in memory that waits to be sent, masked where we are the client. */
#include "web/ws_out.h"

#include "base/memory.h"
#include "http/heap_writer.h"
#include "http/random_bytes.h"
#include "http/ws_mask.h"

#include <string.h>

static struct ws_frame frame_of(const struct bide_ws *ws, unsigned opcode, bool last, size_t size)
{
    struct ws_frame frame = { .opcode = (uint8_t)opcode, .last = last, .size = size };
    if (!ws->settings->is_server) {
        frame.masked = true;
        bide__random_bytes(frame.mask, sizeof frame.mask);
    }
    return frame;
}

static void put_payload(char *to, const struct ws_frame *frame, const void *data)
{
    size_t size = (size_t)frame->size;
    if (frame->masked)
        bide__ws_mask(to, data, size, frame->mask, 0);
    else if (size > 0 && to != data)
        memcpy(to, data, size);
}

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for a message");
}

/* Behind packets only packets can come; but what belongs to a message in fragments goes before
 * them. */
static bool is_behind(const struct bide_ws *ws)
{
    return ws->out->first && !(ws->flags & WS_PART);
}

static int put_behind(struct bide_ws *ws, const struct ws_frame *frame, const void *data)
{
    char head[WS_HEAD_MAX];
    size_t head_size = bide__ws_frame_write(head, frame);
    struct ws_packet *p = bide__ws_packet_new(head_size + (size_t)frame->size);
    if (!p)
        return BIDE_ENOMEM;
    memcpy(p->bytes, head, head_size);
    put_payload(p->bytes + head_size, frame, data);
    int rc = bide__ws_queue(ws, p);
    bide__ws_packet_drop(p);
    return rc;
}

int bide__ws_put(struct bide_ws *ws, unsigned opcode, bool last, const void *data, size_t size)
{
    struct ws_out *o = bide__ws_out(ws);
    struct ws_frame frame = frame_of(ws, opcode, last, size);
    if (!o)
        return BIDE_ENOMEM;
    if (is_behind(ws))
        return put_behind(ws, &frame, data);
    char *to = writer_room(&o->next, WS_HEAD_MAX + size);
    if (!to) {
        o->next.code = 0;       /* it can be tried again */
        return no_memory();
    }
    size_t head = bide__ws_frame_write(to, &frame);
    put_payload(to + head, &frame, data);
    o->next.size += head + size;
    return 0;
}

int bide__ws_put_bytes(struct bide_ws *ws, const void *bytes, size_t size)
{
    struct ws_out *o = bide__ws_out(ws);
    char *to = o ? writer_room(&o->next, size) : NULL;
    if (o)
        o->next.code = 0;
    if (!to)
        return no_memory();
    memcpy(to, bytes, size);
    o->next.size += size;
    return 0;
}

/* The head is as long as the size wants, which is known only behind it: so the payload moves. */
static void end_deflated(struct bide_ws *ws, struct writer *w, size_t begin, unsigned opcode,
                         bool last)
{
    size_t size = w->size - begin - WS_HEAD_MAX;
    char *payload = w->at + begin + WS_HEAD_MAX, head[WS_HEAD_MAX];
    struct ws_frame frame = frame_of(ws, opcode, last, size);
    frame.deflated = opcode != WS_CONTINUATION;
    size_t head_size = bide__ws_frame_write(head, &frame);
    memmove(w->at + begin + head_size, payload, size);
    memcpy(w->at + begin, head, head_size);
    put_payload(w->at + begin + head_size, &frame, w->at + begin + head_size);
    w->size = begin + head_size + size;
}

static int deflate_into(struct bide_ws *ws, struct writer *w, unsigned opcode, bool last,
                        const void *data, size_t size)
{
    size_t begin = w->size;
    int rc = BIDE_ENOMEM;
    if (writer_room(w, WS_HEAD_MAX)) {
        w->size += WS_HEAD_MAX;
        rc = bide__ws_deflate(ws->deflate, w, data, size, last);
    }
    w->code = 0;
    if (rc == 0) {
        end_deflated(ws, w, begin, opcode, last);
        return 0;
    }
    w->size = begin;
    return no_memory();
}

static int put_deflated_behind(struct bide_ws *ws, struct writer *w)
{
    struct ws_packet *p = bide__ws_packet_new(w->size);
    int rc = BIDE_ENOMEM;
    if (p) {
        memcpy(p->bytes, w->at, w->size);
        rc = bide__ws_queue(ws, p);
        bide__ws_packet_drop(p);
    }
    return rc;
}

int bide__ws_put_deflated(struct bide_ws *ws, unsigned opcode, bool last, const void *data,
                          size_t size)
{
    struct ws_out *o = bide__ws_out(ws);
    if (!o)
        return BIDE_ENOMEM;
    if (!is_behind(ws))
        return deflate_into(ws, &o->next, opcode, last, data, size);
    struct writer w = bide__heap_writer();
    int rc = deflate_into(ws, &w, opcode, last, data, size);
    if (rc == 0 && (rc = put_deflated_behind(ws, &w)) < 0)
        bide__ws_deflate_anew(ws->deflate);
    bide__free(w.at);
    return rc;
}

static struct ws_packet *plain_packet(const struct bide_message *m)
{
    struct ws_frame frame = { .opcode = (uint8_t)m->type, .last = true, .size = m->size };
    char head[WS_HEAD_MAX];
    size_t head_size = bide__ws_frame_write(head, &frame);
    struct ws_packet *p = bide__ws_packet_new(head_size + m->size);
    if (!p)
        return NULL;
    memcpy(p->bytes, head, head_size);
    if (m->size > 0)
        memcpy(p->bytes + head_size, m->data, m->size);
    return p;
}

struct ws_packet *bide__ws_packet_of(const struct bide_message *m, struct ws_deflate *deflate)
{
    struct writer w = bide__heap_writer();
    if (!deflate || m->size < WS_DEFLATE_MIN)
        return plain_packet(m);
    if (bide__ws_deflate(deflate, &w, m->data, m->size, true) < 0) {
        bide__free(w.at);
        no_memory();
        return NULL;
    }
    struct ws_frame frame = { .opcode = (uint8_t)m->type, .last = true, .deflated = true,
                              .size = w.size };
    char head[WS_HEAD_MAX];
    size_t head_size = bide__ws_frame_write(head, &frame);
    struct ws_packet *p = bide__ws_packet_new(head_size + w.size);
    if (p) {
        memcpy(p->bytes, head, head_size);
        memcpy(p->bytes + head_size, w.at, w.size);
    }
    bide__free(w.at);
    return p;
}
