/* A WebSocket from inside: one struct for servers and clients, over any stream.
 *
 *     ws.c           its life, and what can be asked of it
 *     ws_out.c       what waits to be sent, and who sends it
 *     ws_packet.c    frames that many send
 *     ws_frames.c    frames are made
 *     ws_send.c      messages go out
 *     ws_look.c      bytes come in
 *     ws_recv.c      frames become messages
 *     ws_assemble.c  messages that do not lie in the stream's buffer as a whole
 *     ws_finish.c    the close handshake, and what has gone wrong
 *     ws_beat.c      pings where it is silent
 *     ws_accept.c, ws_connect.c, ws_calls.c      where they come from
 *
 * While nothing is half-read and nothing waits to be sent it holds no memory but this struct: `in`
 * and `out` come when they are needed. */
#ifndef BIDE_WEB_WS_H
#define BIDE_WEB_WS_H

#include "core/alarm.h"
#include "core/park.h"
#include "http/ws_close.h"
#include "http/ws_deflate.h"
#include "http/ws_frame.h"
#include "http/ws_utf8.h"
#include "web/admission.h"

#include <bide/ws.h>

enum {
    WS_BATCH = 65536,           /* bytes of answers that leave without waiting for more */
    WS_PENDING_MAX = 65536,     /* bytes that bide_ws_send_nowait() keeps */
    WS_COPY_MAX = 16384,        /* a larger payload is sent from where it lies */
    WS_SLICE = 262144,          /* bytes of a frame that buy the time for the next */
    WS_LINGER_MAX = 1048576,    /* bytes that are read and dropped after a failure */
};

/* Where a parked connection can be reached; the server's matter. */
struct ws_home {
    /* As stream_ops.write_now. */
    ssize_t (*write_now)(void *connection, const struct iovec *pieces, int count);
    /* Has bide__ws_awake() called in a task. */
    void (*wake)(void *connection);
    /* Its peer's address, without a port. */
    void (*peer)(void *connection, char text[CLIENT_TEXT]);
};

/* What is the same for all WebSockets of a route; others have one of their own. */
struct ws_settings {
    size_t message_max;
    double heartbeat;           /* seconds; 0: none */
    double close_timeout, write_timeout;
    double frame_timeout;       /* seconds; 0: where it comes from has a default */
    bool is_server;
    const struct bide_ws_calls *calls;  /* NULL: the loop's form */
    const struct ws_home *home;         /* with calls */
};

enum ws_flags {
    WS_READING = 1,             /* a task is in recv */
    WS_SAID_CLOSE = 2,          /* our close frame is among what was sent, or waits to be */
    WS_HEARD_CLOSE = 4,
    WS_BROKE_RULES = 8,         /* the peer did; said is why */
    WS_ENDED = 16,              /* the peer's bytes have ended */
    WS_MUTE = 32,               /* nothing can be sent any more */
    WS_ABORTED = 64,
    WS_PINGED = 128,            /* by the heartbeat, and nothing has come since */
    WS_CLOSED = 256,            /* its owner has; the last to leave frees it */
    WS_PART = 512,              /* bide_ws_send_part() is within a message */
    WS_PART_DEFLATED = 1024,
    WS_STOPPING = 2048,         /* with the application */
    WS_SILENT = 4096,           /* it was, for so long that it was given up */
    WS_OPENED = 8192,           /* the calls' open() has taken it */
    WS_CALLING = 16384,         /* the calls' message() has one, and nobody receives */
    /* Without one of these bide__ws_state() is 1. */
    WS_OVER = WS_HEARD_CLOSE | WS_BROKE_RULES | WS_ENDED | WS_ABORTED | WS_SILENT,
};

struct bide_ws {
    bide_stream *stream;        /* NULL: it is parked */
    const struct ws_settings *settings;
    struct ws_in *in;           /* a message that is half-read, or handed out; NULL: none */
    struct ws_out *out;         /* NULL: nothing waits, nobody sends */
    struct ws_deflate *deflate; /* NULL: not agreed on */
    struct ws_facts *facts;     /* NULL: none */
    struct ws_member *member;   /* of hubs */
    bide_request *request;
    void *connection;           /* the server's, with settings->home */
    void *data;                 /* the calls' */
    struct bide_ws *newer, *older;      /* in the ring of its heartbeat */
    int64_t heard_ns;           /* when something came last, or the ping since went */
    float frame_timeout;        /* seconds for the rest of a frame; INFINITY: none */
    float waited;               /* seconds of them that have passed */
    uint32_t inside;            /* tasks that are in one of its calls */
    uint16_t flags;             /* enum ws_flags */
    uint16_t code;              /* the peer's close code; 0: not yet */
};

_Static_assert(sizeof(struct bide_ws) <= 144, "100,000 idle ones must fit");

/* What few have, or only at their end. */
struct ws_facts {
    struct alarm alarm;         /* cuts it when the close handshake has taken too long */
    struct bide_ws *ws;
    char *protocol;             /* NULL: none */
    char *remote;
    bide_json *json;            /* of the last bide_ws_recv_json() */
    bool owns_stream;
    char reason[WS_REASON_MAX + 1];
};

/* ---- ws.c ---- */

/* Over a stream, which stays its maker's.  NULL: out of memory. */
struct bide_ws *bide__ws_new(bide_stream *stream, const struct ws_settings *settings,
                             const struct ws_params *params);
/* The same with settings of its own, from options. */
struct bide_ws *bide__ws_new_own(bide_stream *stream, const struct bide_ws_opts *opts,
                                 bool is_server, const struct ws_params *params);
/* Checks and fills in; 0, or BIDE_EINVAL. */
int bide__ws_settings(struct ws_settings *settings, const struct bide_ws_opts *opts,
                      const char *who);
/* Its facts, made if need be; NULL: BIDE_ENOMEM. */
struct ws_facts *bide__ws_facts(struct bide_ws *ws);
/* Every call that waits is between these; the last to leave one that was closed frees it. */
static inline void ws_enter(struct bide_ws *ws)
{
    ws->inside++;
}
void bide__ws_leave(struct bide_ws *ws);
/* Frees it, now or with the last who leaves. */
void bide__ws_free(struct bide_ws *ws);

/* ---- ws_look.c ---- */

/* Bytes of the stream's buffer, more than `have` of them: how many.  Before it waits, what was
 * said is sent.  BIDE_EEOF: there are no more.  wait false: BIDE_EAGAIN where it would have to
 * wait; both without a sentence. */
BIDE_WAITS ssize_t bide__ws_look(struct bide_ws *ws, char **data, size_t have, bool wait);
/* Waits for more of a frame that has begun, past the buffer, in which nothing is: how many bytes;
 * BIDE_EEOF: there are no more; BIDE_EWS: it takes too long. */
BIDE_WAITS ssize_t bide__ws_read_rest(struct bide_ws *ws, void *to, size_t size);
/* May there be bytes now, as far as is known?  The system is not asked: it has said with the last
 * bytes that there were no more, as they mostly are. */
bool bide__ws_may_look(const struct bide_ws *ws);
/* Gives memory back, for who is going to be silent. */
void bide__ws_rest(struct bide_ws *ws);

/* ---- ws_recv.c ---- */

/* As bide_ws_recv(); wait false: BIDE_EAGAIN, without a sentence, where it would have to. */
BIDE_WAITS int bide__ws_receive(struct bide_ws *ws, struct bide_message *message, bool wait);

/* ---- ws_finish.c ---- */

/* The peer broke a rule: says so with a close code, and holds the error. */
int bide__ws_refuse(struct bide_ws *ws, int code, const char *why);
/* Takes a close frame in, and answers it: 0, or < 0. */
int bide__ws_take_close(struct bide_ws *ws, const char *payload, size_t size);
/* How it has ended, as a call's result; 1: it has not. */
int bide__ws_state(const struct bide_ws *ws);
/* Cuts it: all calls on it fail. */
void bide__ws_cut(struct bide_ws *ws);
/* It is too slow: what is kept for it is dropped, and it is closed with 1008. */
void bide__ws_cut_off(struct bide_ws *ws);
/* After its handler: closes by handshake, waits until nobody is inside, and frees it.  rc: what the
 * handler returned; so does this. */
BIDE_WAITS int bide__ws_end(struct bide_ws *ws, int rc);
/* The application stops: says 1001; close_timeout later it is cut. */
void bide__ws_stopping(struct bide_ws *ws);

#endif
