/* One message to many.
 *
 * It is made into a frame once, and all members send from that memory.  For those that deflate
 * each message on its own it is deflated once per size of window; with those whose messages
 * refer to what they had before it goes as it is, which every peer takes.  A member that is
 * slow has it kept, up to a limit, and a task that sends it; nobody else notices. */
#include "web/hub.h"

#include "base/memory.h"
#include "http/ws_utf8.h"
#include "web/ws_out.h"

#include <bide/error.h>

enum { BACKLOG = 64, BACKLOG_BYTES = 1048576 };

struct bide_hub {
    struct ws_member *first, *last;
    size_t count;
    size_t backlog, backlog_bytes;
    bool skip;
};

/* A message on its way: its frames, made when first needed. */
struct casting {
    const struct bide_message *message;
    struct ws_packet *plain, *deflated[WS_BITS_MAX + 1];
    int code;                   /* of a failure to make one */
};

bide_hub *bide_hub_new_opts(const struct bide_hub_opts *opts)
{
    bide_hub *hub = bide__zalloc(sizeof *hub);
    if (!hub) {
        bide_fail(BIDE_ENOMEM, "out of memory for a hub");
        return NULL;
    }
    hub->backlog = opts->backlog ? opts->backlog : BACKLOG;
    hub->backlog_bytes = opts->backlog_bytes ? opts->backlog_bytes : BACKLOG_BYTES;
    hub->skip = opts->skip;
    return hub;
}

/* ---- members ---- */

static struct ws_member *find(const bide_hub *hub, const struct bide_ws *ws)
{
    struct ws_member *m = ws ? ws->member : NULL;
    while (m && m->hub != hub)
        m = m->also;
    return m;
}

int bide_hub_join(bide_hub *hub, bide_ws *ws)
{
    if (!hub || !ws)
        return bide_errcode();
    if (ws->flags & (WS_SAID_CLOSE | WS_HEARD_CLOSE | WS_ABORTED | WS_MUTE | WS_CLOSED))
        return bide_fail(BIDE_ECLOSED, "hub: the WebSocket is closed");
    if (find(hub, ws))
        return 0;
    struct ws_member *m = bide__zalloc(sizeof *m);
    if (!m)
        return bide_fail(BIDE_ENOMEM, "out of memory for a member of a hub");
    *m = (struct ws_member){ .hub = hub, .ws = ws, .prev = hub->last, .also = ws->member };
    *(hub->last ? &hub->last->next : &hub->first) = m;
    hub->last = m;
    hub->count++;
    ws->member = m;
    return 0;
}

static void take_out(struct ws_member *m)
{
    bide_hub *hub = m->hub;
    struct ws_member **at = &m->ws->member;
    *(m->prev ? &m->prev->next : &hub->first) = m->next;
    *(m->next ? &m->next->prev : &hub->last) = m->prev;
    hub->count--;
    while (*at != m)
        at = &(*at)->also;
    *at = m->also;
    bide__free(m);
}

void bide_hub_leave(bide_hub *hub, bide_ws *ws)
{
    struct ws_member *m = hub ? find(hub, ws) : NULL;
    if (m)
        take_out(m);
}

void bide__hub_forget(struct bide_ws *ws)
{
    while (ws->member)
        take_out(ws->member);
}

size_t bide_hub_count(const bide_hub *hub)
{
    return hub ? hub->count : 0;
}

bide_ws *bide_hub_next(const bide_hub *hub, const bide_ws *previous)
{
    const struct ws_member *m = !hub ? NULL : previous ? find(hub, previous) : NULL;
    const struct ws_member *next = m ? m->next : hub && !previous ? hub->first : NULL;
    return next ? next->ws : NULL;
}

void bide_hub_free(bide_hub *hub)
{
    if (!hub)
        return;
    while (hub->first)
        take_out(hub->first);
    bide__free(hub);
}

/* ---- messages ---- */

static struct ws_packet *deflate_for(struct casting *c, uint8_t bits)
{
    const struct ws_params params = { .deflate = true, .server_resets = true, .client_resets = true,
                                      .server_bits = bits, .client_bits = WS_BITS_MAX };
    struct ws_deflate *d = bide__ws_deflate_new(&params, true);
    struct ws_packet *p = d ? bide__ws_packet_of(c->message, d) : NULL;
    bide__ws_deflate_free(d);
    return p;
}

/* The frame for this member. */
static struct ws_packet *packet_for(struct casting *c, const struct bide_ws *ws)
{
    uint8_t bits;
    struct ws_packet **at = &c->plain;
    if (ws->deflate && bide__ws_deflate_forgets(ws->deflate, &bits)) {
        at = &c->deflated[bits];
        if (!*at)
            *at = deflate_for(c, bits);
    } else if (!*at) {
        *at = bide__ws_packet_of(c->message, NULL);
    }
    if (!*at)
        c->code = BIDE_ENOMEM;
    return *at;
}

static void drop_packets(struct casting *c)
{
    if (c->plain)
        bide__ws_packet_drop(c->plain);
    for (unsigned bits = 0; bits <= WS_BITS_MAX; bits++)
        if (c->deflated[bits])
            bide__ws_packet_drop(c->deflated[bits]);
}

static bool is_open(const struct bide_ws *ws)
{
    return !(ws->flags & (WS_SAID_CLOSE | WS_HEARD_CLOSE | WS_ABORTED | WS_MUTE | WS_CLOSED));
}

static bool is_full(const bide_hub *hub, const struct bide_ws *ws, size_t size)
{
    const struct ws_out *o = ws->out;
    return o && (o->count >= hub->backlog ||
                 (bide__ws_pending(ws) > 0 && bide__ws_pending(ws) + size > hub->backlog_bytes));
}

/* To one member: did, or will, it get it? */
static bool give(struct casting *c, const bide_hub *hub, struct bide_ws *ws)
{
    size_t left;
    if (!is_open(ws))
        return false;
    if (is_full(hub, ws, c->message->size)) {
        if (!hub->skip)
            bide__ws_cut_off(ws);
        return false;
    }
    if (!ws->settings->is_server)
        return bide_ws_send_nowait(ws, c->message) == 0;
    struct ws_packet *p = packet_for(c, ws);
    if (!p || bide__ws_queue(ws, p) < 0)
        return false;
    return bide__ws_flush_now(ws, &left) == 0;
}

ssize_t bide_hub_send(bide_hub *hub, const struct bide_message *message, const bide_ws *but)
{
    struct casting c = { .message = message };
    ssize_t count = 0;
    if (!hub)
        return bide_errcode();
    if (message->type != BIDE_TEXT && message->type != BIDE_BINARY)
        return bide_fail(BIDE_EINVAL, "hub: a message is BIDE_TEXT or BIDE_BINARY, not %d",
                         message->type);
    if (message->type == BIDE_TEXT && !bide__ws_utf8_is(message->data, message->size))
        return bide_fail(BIDE_EINVAL, "hub: the text is not UTF-8");
    for (struct ws_member *m = hub->first; m && c.code == 0; m = m->next)
        if (m->ws != but)
            count += give(&c, hub, m->ws);
    drop_packets(&c);
    return c.code < 0 ? c.code : count;
}
