/* One connection of a server, from its first request to its last. */
#include "web/peer.h"

#include <bide/task.h>

#include <string.h>

enum { LINGER_MAX = 1 << 20 };

/* ---- what goes out ---- */

struct writer *bide__peer_out(struct peer *peer)
{
    if (!peer->out)
        peer->out = bide__server_out(peer->server);
    return peer->out ? &peer->out->w : NULL;
}

/* Large pieces go in slices: each one that a client takes buys it the time for the next. */
BIDE_WAITS static int send_slices(struct peer *peer, const char *at, size_t size)
{
    int rc = 0;
    for (size_t slice; rc == 0 && size > 0; at += slice, size -= slice) {
        BIDE_TIMEOUT(limit, peer->server->idle);
        slice = size < PEER_SLICE ? size : PEER_SLICE;
        rc = bide_scope_result(limit, bide_write(peer->stream, at, slice));
    }
    return rc;
}

int bide__peer_send(struct peer *peer, struct iovec *pieces, int count)
{
    size_t size = 0;
    int rc = 0;
    for (int i = 0; i < count; i++)
        size += pieces[i].iov_len;
    if (size <= PEER_SLICE) {
        BIDE_TIMEOUT(limit, peer->server->idle);
        return bide_scope_result(limit, bide_writev(peer->stream, pieces, count));
    }
    for (int i = 0; rc == 0 && i < count; i++)
        rc = send_slices(peer, pieces[i].iov_base, pieces[i].iov_len);
    return rc;
}

int bide__peer_flush(struct peer *peer)
{
    struct out *out = peer->out;
    if (!out)
        return 0;
    struct iovec piece = { out->w.at, out->w.size };
    int rc = out->w.size > 0 ? bide__peer_send(peer, &piece, 1) : 0;
    peer->out = NULL;
    bide__server_keep_out(peer->server, out);
    return rc;
}

/* ---- reading ---- */

/* Refuses what could not be read as a request; the connection ends with that. */
static void refuse(bide_request *req, int status, const char *why)
{
    req->peer->close = req->peer->linger = true;
    bide__respond_error(req, status, why);
}

/* Waits for the rest of a head that has begun to come. */
BIDE_WAITS static int read_rest(struct peer *peer, bide_request *req, const char **data,
                                size_t have)
{
    int rc = bide__peer_flush(peer);
    if (rc < 0)
        return rc;
    BIDE_TIMEOUT(slow, peer->server->slow);
    for (rc = 0; rc == 0;) {
        ssize_t size = bide_stream_peek_more(peer->stream, data, have);
        if (size == 0)
            return BIDE_EEOF;
        if (size < 0) {
            rc = bide_scope_result(slow, (int)size);
            if (rc == BIDE_ETIMEDOUT)
                refuse(req, 408, "The request took too long to arrive.");
            return rc;
        }
        have = (size_t)size;
        rc = bide__head_parse(&req->head, *data, have);
    }
    return rc;
}

/* Reads a head; 1: there it is, 0: it was refused, < 0: the connection is of no use. */
BIDE_WAITS static int read_head(struct peer *peer, bide_request *req)
{
    const char *data;
    ssize_t size = bide_stream_peek(peer->stream, &data);
    if (size <= 0)
        return size < 0 ? (int)size : BIDE_EEOF;
    int rc = bide__head_parse(&req->head, data, (size_t)size);
    if (rc == 0)
        rc = read_rest(peer, req, &data, (size_t)size);
    if (rc < 0 && req->head.why) {
        refuse(req, req->head.answer, req->head.why);
        return 0;
    }
    if (rc < 0)
        return rc == BIDE_ETIMEDOUT ? 0 : rc;
    int status = bide__request_read(req, data);
    bide_stream_consume(peer->stream, (size_t)rc);
    if (status == 0)
        return 1;
    refuse(req, status, "The request's path cannot be read.");
    return 0;
}

/* The rest of a body that nobody read is in the way of the next request. */
BIDE_WAITS static int drop_body(struct peer *peer, struct body *body)
{
    char waste[1024];
    ssize_t got = 1;
    if (bide__body_skip(body, peer->stream) || peer->close)
        return 0;
    int rc = bide__peer_flush(peer);
    BIDE_TIMEOUT(limit, peer->server->slow);
    for (size_t sum = 0; rc == 0 && got > 0 && sum < OUT_FLUSH; sum += (size_t)got) {
        got = bide__body_read(body, peer->stream, waste, sizeof waste, BIDE_FOREVER);
        if (got < 0)
            rc = (int)got;
    }
    peer->close |= !body->done;
    return rc;
}

/* One request; < 0: the connection is of no use any more. */
BIDE_WAITS static int serve_request(struct peer *peer)
{
    bide_request *req = bide__server_request(peer->server, peer);
    if (!req)
        return BIDE_ENOMEM;
    int rc = read_head(peer, req);
    if (rc > 0) {
        rc = bide__app_answer(req);
        if (!req->keep_alive)
            peer->close = true;
        if (rc == 0 && !req->body.done) {
            peer->linger = true;
            rc = drop_body(peer, &req->body);
        }
    }
    bide__server_keep_request(peer->server, req);
    return rc;
}

/* ---- between requests ---- */

static void enter_idle(struct peer *peer, bide_scope *scope)
{
    struct server *server = peer->server;
    peer->idle = scope;
    peer->prev = NULL;
    peer->next = server->idlers;
    if (server->idlers)
        server->idlers->prev = peer;
    server->idlers = peer;
}

static void leave_idle(struct peer *peer)
{
    *(peer->prev ? &peer->prev->next : &peer->server->idlers) = peer->next;
    if (peer->next)
        peer->next->prev = peer->prev;
}

/* Waits for the next request's first byte; false: none will come. */
BIDE_WAITS static int wait_for_request(struct peer *peer)
{
    const char *data;
    if (peer->server->stopping)
        return 0;
    bide_stream_rest(peer->stream);
    BIDE_TIMEOUT(idle, peer->server->idle);
    enter_idle(peer, idle);
    ssize_t size = bide_stream_peek(peer->stream, &data);
    leave_idle(peer);
    return size > 0;
}

/* Requests that came together are answered together. */
BIDE_WAITS static int serve_batch(struct peer *peer)
{
    do {
        int rc = serve_request(peer);
        if (rc < 0)
            return rc;
        if (peer->out && peer->out->w.size >= OUT_FLUSH && bide__peer_flush(peer) < 0)
            return bide_errcode();
    } while (!peer->close && bide_stream_buffered(peer->stream) > 0);
    return bide__peer_flush(peer);
}

/* Closing while the client still sends would destroy the answer on its way to it. */
BIDE_WAITS static int linger(struct peer *peer)
{
    char waste[1024];
    size_t sum = 0;
    BIDE_TIMEOUT(limit, 1);
    int rc = bide_write_end(peer->stream);
    while (rc == 0 && sum < LINGER_MAX) {
        ssize_t got = bide_read(peer->stream, waste, sizeof waste);
        if (got <= 0)
            break;
        sum += (size_t)got;
    }
    return rc;
}

int bide__peer_serve(void *arg)
{
    struct peer *peer = arg;
    bide_stream_line_max(peer->stream, peer->server->limits.size + 1);
    int rc = 0;
    while (rc == 0 && !peer->close && wait_for_request(peer) > 0)
        rc = serve_batch(peer);
    if (rc == 0 && peer->linger)
        bide_ignore(linger(peer));
    return 0;                   /* what became of one client is no failure of the server */
}
