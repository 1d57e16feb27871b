/* Packets: whole frames that many may have to send, each from the same memory. */
#include "web/ws_out.h"

#include "base/memory.h"

#include <bide/error.h>

struct ws_packet *bide__ws_packet_new(size_t size)
{
    struct ws_packet *p = bide__alloc(sizeof *p + size);
    if (!p) {
        bide_fail(BIDE_ENOMEM, "out of memory for a message");
        return NULL;
    }
    p->users = 1;
    p->size = size;
    return p;
}

void bide__ws_packet_drop(struct ws_packet *p)
{
    if (--p->users == 0)
        bide__free(p);
}

void bide__ws_drop_packets(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!o || !o->first)
        return;
    struct ws_queued **at = &o->first;
    int keep = o->busy ? WS_PIECES : o->first_done > 0;     /* the writer may have them in hand */
    for (; *at && keep > 0; keep--)
        at = &(*at)->next;
    struct ws_queued *rest = *at;
    *at = NULL;
    o->last = at;
    for (struct ws_queued *next; rest; rest = next) {
        next = rest->next;
        o->count--;
        o->bytes -= rest->packet->size;
        bide__ws_packet_drop(rest->packet);
        bide__free(rest);
    }
}

int bide__ws_queue(struct bide_ws *ws, struct ws_packet *packet)
{
    struct ws_out *o = bide__ws_out(ws);
    struct ws_queued *q = o ? bide__alloc(sizeof *q) : NULL;
    if (!q)
        return bide_fail(BIDE_ENOMEM, "out of memory for a message");
    packet->users++;
    *q = (struct ws_queued){ .packet = packet };
    *o->last = q;
    o->last = &q->next;
    o->count++;
    o->bytes += packet->size;
    return 0;
}
