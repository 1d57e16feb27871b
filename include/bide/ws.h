/* bide/ws.h -- WebSocket (RFC 6455, permessage-deflate RFC 7692), server and client.
 *
 *     static int echo(bide_request *req)              // a handler like any other
 *     {
 *         struct bide_message message;
 *         int rc;
 *         bide_ws *ws = bide_ws_accept(req);
 *         while ((rc = bide_ws_recv(ws, &message)) > 0)
 *             if ((rc = bide_ws_send(ws, &message)) < 0)
 *                 break;
 *         return rc;
 *     }
 *
 * Pings are answered, and the close handshake is kept, by whoever is in bide_ws_recv().  A peer
 * that breaks the protocol gets the close code for it, and the calls here fail with BIDE_EWS and a
 * sentence that says what was wrong.  Any task of the loop may send, whole messages at a time, one
 * after the other; one task receives.  A connection that need hold no task while it is silent is
 * served by bide_route_ws(). */
#ifndef BIDE_WS_H
#define BIDE_WS_H
#include <bide/http.h>
#include <bide/request.h>
BIDE_BEGIN_

typedef struct bide_ws bide_ws;
/* The largest message taken, in bytes, unless set otherwise. */
#define BIDE_WS_MESSAGE_MAX 4194304
/* Kinds of messages. */
enum bide_message_type { BIDE_TEXT = 1, BIDE_BINARY = 2 };
/* A message. */
struct bide_message {
    int type;                   /* enum bide_message_type */
    const char *data;           /* with a NUL behind it when received; text is UTF-8 */
    size_t size;                /* bytes of data */
};
/* Options of bide_ws_accept(), bide_route_ws(), bide_ws_connect(); 0 is the default of each. */
struct bide_ws_opts {
    size_t abi_;
    bide_request *request;      /* hidden: bide_ws_accept()'s */
    const char *url;            /* hidden: bide_ws_connect()'s */
    const struct bide_ws_calls *calls;  /* hidden: bide_route_ws()'s */
    const char *protocols;      /* sub-protocols, best first: "chat.v2, chat"; the server picks the
                                   first of its own that the client offers */
    bool deflate;               /* permessage-deflate, if the peer wants it too */
    bool no_context;            /* with deflate: each message on its own; less memory kept */
    size_t message_max;         /* bytes of a message, inflated, up to 4 GiB (BIDE_UNLIMITED);
                                   default BIDE_WS_MESSAGE_MAX; beyond: close code 1009 */
    double heartbeat;           /* seconds of silence after which a ping is sent, at least 0.001; a
                                   peer that is silent for as long again is given up; default
                                   none */
    double close_timeout;       /* seconds for the close handshake; default 10 */
    double write_timeout;       /* seconds for 256 KiB of what is sent to be taken; default 75 */
    double frame_timeout;       /* seconds for the rest of a frame that has begun to come, and again
                                   for each 256 KiB of it; default the server's .slow; a client's:
                                   30; BIDE_FOREVER: none; beyond: close code 1008 */
    const char *origins;        /* server: origins whose pages may connect, "https://a.example
                                   https://b.example"; "*": any; default: the request's own host,
                                   and what sends no Origin */
    const struct bide_pair *headers;    /* client: more headers for the handshake */
    bool redirects;             /* client: they are followed; default: a 3xx is a refusal */
    double timeout;             /* client: seconds for connecting and handshake; default the
                                   session's */
};
/* Does the request ask for a WebSocket?  For a handler that answers with a page otherwise.  Whether
 * it can be accepted, bide_ws_accept() finds out.  Counterpart: WebSocketResponse.can_prepare(). */
bool bide_ws_asked(const bide_request *req);
/* Accepts the upgrade that the request asks for, and answers 101.  The WebSocket is the
 * request's: when its handler returns, it is closed (1000; 1011 if the handler failed).  A
 * stopping application closes it with 1001.  NULL: the request is no such one, and is answered
 * with 400 or 426, or 403 for a foreign origin: the handler returns; or it could not be
 * answered.  What clients do wrong, and their going away, is logged at BIDE_LOG_DEBUG, whatever the
 * handler returns.  Counterpart: WebSocketResponse.prepare(). */
#define bide_ws_accept(...) bide_ws_accept_opts(BIDE_OPTS_(bide_ws_opts, .request = __VA_ARGS__))
BIDE_WAITS bide_ws *bide_ws_accept_opts(const struct bide_ws_opts *opts);
/* Opens a WebSocket: bide_ws_connect(session, "wss://example.org/chat", .protocols = "chat").  With
 * the session's cookies, headers, proxies, TLS.  NULL: as bide_fetch(), or BIDE_EWS: the server did
 * not agree, "ws://...: the server answered 404 Not Found".  Counterpart: session.ws_connect(). */
#define bide_ws_connect(session, ...) \
    bide_ws_connect_opts(session, BIDE_OPTS_(bide_ws_opts, .url = __VA_ARGS__))
BIDE_WAITS bide_ws *bide_ws_connect_opts(bide_session *session, const struct bide_ws_opts *opts);

/* Waits for the next message: 1, and *message is filled in, good until this is called again, or
 * bide_ws_finish(); 0: the peer has closed (bide_ws_close_code()), or the application stops; < 0:
 * BIDE_EWS (the protocol was broken), BIDE_EEOF (it left without closing), BIDE_ETIMEDOUT (silent
 * for two heartbeats), BIDE_ECLOSED (aborted), BIDE_EBUSY (another task receives), BIDE_ENOMEM, the
 * connection's.  A cancelled call has lost nothing.  Counterpart: async for msg in ws. */
BIDE_WAITS int bide_ws_recv(bide_ws *ws, struct bide_message *message);
/* Sends a message, and waits while the peer is slow.  Whole messages, from any task of the loop.
 * 0; BIDE_ECLOSED: it is closing or closed; BIDE_EINVAL: text that is not UTF-8; BIDE_ETIMEDOUT:
 * the peer took nothing for write_timeout, and was cut; BIDE_ENOMEM, the connection's.  A call that
 * is cancelled with half a message out cuts the connection. */
BIDE_WAITS int bide_ws_send(bide_ws *ws, const struct bide_message *message);
/* The same for a text that ends with a NUL. */
BIDE_WAITS int bide_ws_send_text(bide_ws *ws, const char *text);
/* The same for binary data. */
BIDE_WAITS int bide_ws_send_binary(bide_ws *ws, const void *data, size_t size);
/* The same for a JSON document. */
BIDE_WAITS int bide_ws_send_json(bide_ws *ws, const bide_json *document);
/* Sends what the system takes at once, and keeps the rest (sent by who sends or receives next, or
 * by the loop).  BIDE_EAGAIN, and nothing of it was sent: something waits already, and with this
 * it would be more than 64 KiB; or another's message is on its way.  Else as bide_ws_send(). */
BIDE_CHECK int bide_ws_send_nowait(bide_ws *ws, const struct bide_message *message);
/* Sends a message in fragments, by one task: bide_ws_send_part(ws, BIDE_TEXT, data, size, last),
 * with the same type in each.  From the first to the last other senders wait.  A part of a text is
 * UTF-8 by itself, else BIDE_EINVAL.  A part that is not taken, or whose sender is cancelled
 * meanwhile, cuts the connection, unless it was the last.  As bide_ws_send(). */
BIDE_WAITS int bide_ws_send_part(bide_ws *ws, int type, const void *data, size_t size, bool last);
/* Receives a message as JSON: 1, 0, < 0 as bide_ws_recv(); BIDE_EINVAL: it is not JSON.
 * *document is the WebSocket's, until the next call. */
BIDE_WAITS int bide_ws_recv_json(bide_ws *ws, const bide_json **document);
/* Sends a ping, with up to 125 bytes (else BIDE_EINVAL); the answer is dropped by who receives.  As
 * bide_ws_send(). */
BIDE_WAITS int bide_ws_ping(bide_ws *ws, const void *data, size_t size);
/* Closes by handshake: sends code (1000, 1001, 1003, 1007 to 1014, 3000 to 4999) and reason (up
 * to 123 bytes of UTF-8, or NULL), reads on until the peer's close has come (dropping messages),
 * for close_timeout at most: 0, also when the peer was closing too.  Not while another task
 * receives: then it sends, and leaves the rest to that one.  < 0: BIDE_EINVAL (the code, the
 * reason), BIDE_ETIMEDOUT (the peer has not closed, and was cut), or as bide_ws_recv(). */
BIDE_WAITS int bide_ws_finish(bide_ws *ws, int code, const char *reason);
/* By any task of the loop: the connection is cut, calls on it fail with BIDE_ECLOSED; the owner
 * still closes.  For readers that are too slow. */
void bide_ws_abort(bide_ws *ws);
/* Ends one that bide_ws_connect() opened: cuts the connection, if it was not finished.  NULL:
 * nothing. */
void bide_ws_close(bide_ws *ws);
BIDE_AUTO_(ws, bide_ws_close)

/* The peer's close code once it has closed (1005: it gave none; 1006: it left without), else 0. */
int bide_ws_close_code(const bide_ws *ws);
/* Its reason, "" if none; the WebSocket's, as the texts below. */
const char *bide_ws_close_reason(const bide_ws *ws);
/* The sub-protocol agreed on; "": none. */
const char *bide_ws_protocol(const bide_ws *ws);
/* Is permessage-deflate in use? */
bool bide_ws_deflates(const bide_ws *ws);
/* Its request; NULL: a client's, or served by bide_route_ws() and open already. */
bide_request *bide_ws_request(const bide_ws *ws);
/* The peer's address; a server's client as bide_request_remote() has it, by what trusted proxies
 * say. */
const char *bide_ws_remote(const bide_ws *ws);
/* Seconds since something came from the peer. */
double bide_ws_silence(const bide_ws *ws);

/* ---- one function per message: no task while it is silent ---- */

/* What bide_route_ws() calls, one call at a time for one connection, in order, in a task that ends
 * when nothing more has come; they may wait.  NULL: not called. */
struct bide_ws_calls {
    /* The handshake is done: *data may be set, to what the others get; < 0 closes, as below, and
     * then closed() is not called. */
    int (*open)(bide_ws *ws, bide_request *req, void **data);
    /* A message, good until it returns; < 0 closes: BIDE_EWS with 1008, other failures with 1011
     * and a line in the log. */
    int (*message)(bide_ws *ws, void *data, const struct bide_message *message);
    /* It is over, and ws is no longer good: code as bide_ws_close_code(). */
    void (*closed)(bide_ws *ws, void *data, int code);
};
/* Serves WebSockets at a path: bide_route_ws(app, "/chat", &calls, .heartbeat = 30).  calls is not
 * copied.  0, as bide_route(). */
#define bide_route_ws(app, path, ...) \
    bide_route_ws_opts(app, path, BIDE_OPTS_(bide_ws_opts, .calls = __VA_ARGS__))
int bide_route_ws_opts(bide_app *app, const char *path, const struct bide_ws_opts *opts);

/* ---- a hub: one message to many, none of whom can stall the others ---- */

typedef struct bide_hub bide_hub;
/* Options of bide_hub_new(); 0 is the default of each. */
struct bide_hub_opts {
    size_t abi_;
    size_t backlog;             /* messages kept for a member that is slow; default 64 */
    size_t backlog_bytes;       /* bytes of them; default 1 MiB; alone a larger one is kept too */
    bool skip;                  /* beyond that: messages pass it by; default: it is cut off, with
                                   close code 1008 where possible */
};
/* A hub, of one loop.  NULL: BIDE_ENOMEM. */
#define bide_hub_new(...) bide_hub_new_opts(BIDE_OPTS_(bide_hub_opts, __VA_ARGS__))
bide_hub *bide_hub_new_opts(const struct bide_hub_opts *opts);
/* Adds a member; it leaves by itself when it is over.  A message is kept once for all.  0, or
 * BIDE_ENOMEM, BIDE_ECLOSED. */
int bide_hub_join(bide_hub *hub, bide_ws *ws);
/* Takes it out; what was kept for it is dropped. */
void bide_hub_leave(bide_hub *hub, bide_ws *ws);
/* Sends to all members but one (or NULL); never waits: how many got it at once or will get it.
 * message is not needed any more then.  BIDE_EINVAL: no such type, or text that is not UTF-8;
 * BIDE_ENOMEM: some may have it. */
ssize_t bide_hub_send(bide_hub *hub, const struct bide_message *message, const bide_ws *but);
/* How many members there are. */
size_t bide_hub_count(const bide_hub *hub);
/* The next member, in the order of joining; previous NULL: the first; NULL: there are no more. */
bide_ws *bide_hub_next(const bide_hub *hub, const bide_ws *previous);
/* Ends the hub; its members stay open.  NULL: nothing. */
void bide_hub_free(bide_hub *hub);
BIDE_AUTO_(hub, bide_hub_free)

BIDE_END_
#endif
