/* What a WebSocket has still to send.
 *
 * Whole frames in one piece of memory, and behind them packets, which may be many connections' at
 * once.  One task at a time writes; whoever has something small to say meanwhile puts it behind,
 * and the writer takes it along.  Messages have a line of their own, for one may be several frames,
 * between which only control frames may come. */
#ifndef BIDE_WEB_WS_OUT_H
#define BIDE_WEB_WS_OUT_H

#include "http/write.h"
#include "web/ws.h"

#include <bide/group.h>

/* How much is written in one call, at most: so many frames, or pieces of them. */
enum { WS_PIECES = 16 };

/* Whole frames that may be sent to many. */
struct ws_packet {
    uint32_t users;
    size_t size;
    char bytes[];
};
struct ws_queued {
    struct ws_queued *next;
    struct ws_packet *packet;
};

struct ws_out {
    struct bide_ws *ws;
    struct writer next;         /* frames that wait */
    struct writer now;          /* frames that are being written */
    size_t now_done;            /* of these, bytes that are out */
    struct ws_queued *first, **last;    /* packets, behind all that */
    size_t first_done, count, bytes;
    struct waitlist turn;       /* who has a message to send */
    struct waitlist idle;       /* who waits until nobody writes */
    bool locked;                /* somebody has the turn */
    const void *part_of;        /* the task whose message in fragments it is */
    bool busy;                  /* somebody writes */
    bide_group *flushers;       /* of the task that sends what is left; NULL: none does */
    struct ws_out *next_later, *prev_later;
    bool later;                 /* among those that the poller flushes */
};

/* The out, made if need be; NULL: BIDE_ENOMEM. */
struct ws_out *bide__ws_out(struct bide_ws *ws);
void bide__ws_out_free(struct bide_ws *ws);
/* Frees what holds nothing. */
void bide__ws_out_rest(struct bide_ws *ws);

/* The turn of a message: waits in line.  0, or < 0. */
BIDE_WAITS int bide__ws_turn(struct bide_ws *ws);
void bide__ws_turn_over(struct bide_ws *ws);
/* Sends all that waits, and then `more`, which stays the caller's. */
BIDE_WAITS int bide__ws_flush(struct bide_ws *ws, struct iovec *more, int count);
/* Sends what goes at once, of which *left tells the bytes that do not; the rest is sent by a task
 * of its own, or by who writes already.  < 0: it failed. */
int bide__ws_flush_now(struct bide_ws *ws, size_t *left);
/* Writes as much as there is room for, where nothing waits to be sent: how many bytes; < 0 without
 * a sentence. */
ssize_t bide__ws_write_now(struct bide_ws *ws, const void *bytes, size_t size);
/* Sends it when the loop next looks at the world, if nobody does before. */
void bide__ws_flush_later(struct bide_ws *ws);
/* Bytes that wait to be sent. */
size_t bide__ws_pending(const struct bide_ws *ws);
/* Lets all who wait here fail. */
void bide__ws_out_abort(struct ws_out *o);

/* ---- ws_packet.c ---- */

/* Queues a packet, one more user of it.  0, or BIDE_ENOMEM. */
int bide__ws_queue(struct bide_ws *ws, struct ws_packet *packet);
/* Drops the packets of which nothing is out. */
void bide__ws_drop_packets(struct bide_ws *ws);
struct ws_packet *bide__ws_packet_new(size_t size);
void bide__ws_packet_drop(struct ws_packet *packet);

/* ---- ws_frames.c ---- */

/* Appends a whole frame to what waits to be sent.  0, or BIDE_ENOMEM. */
int bide__ws_put(struct bide_ws *ws, unsigned opcode, bool last, const void *data, size_t size);
/* Appends what is left of one.  0, or BIDE_ENOMEM. */
int bide__ws_put_bytes(struct bide_ws *ws, const void *bytes, size_t size);
/* As bide__ws_put(), deflated; first: it begins its message. */
int bide__ws_put_deflated(struct bide_ws *ws, unsigned opcode, bool last, const void *data,
                          size_t size);
/* A message as one frame, as a server sends it to many.  deflate (or NULL): by this. */
struct ws_packet *bide__ws_packet_of(const struct bide_message *message,
                                     struct ws_deflate *deflate);

#endif
