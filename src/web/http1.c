/* HTTP/1: a connection's requests, from what is in the buffer to the last answer. */
#include "web/http1.h"

#include "base/memory.h"
#include "io/stream.h"
#include "web/access_log.h"
#include "web/chain.h"
#include "web/request_id.h"
#include "web/respond.h"

#include "web/ws.h"

#include <bide/task.h>

#include <string.h>

enum { LINGER_MAX = 1 << 20 };

/* ---- what goes out ---- */

struct writer *bide__http1_out(struct http1 *h)
{
    if (!h->out)
        h->out = bide__worker_out(h->exchange.connection->worker);
    return h->out ? &h->out->w : NULL;
}

static double patience(const struct http1 *h)
{
    return h->exchange.connection->worker->serving->idle;
}

/* Large pieces go in slices: each one that a client takes buys it the time for the next. */
BIDE_WAITS static int send_slices(struct http1 *h, const char *at, size_t size)
{
    int rc = 0;
    for (size_t slice; rc == 0 && size > 0; at += slice, size -= slice) {
        BIDE_TIMEOUT(limit, patience(h));
        slice = size < SLICE ? size : SLICE;
        rc = bide_scope_result(limit, bide_write(h->exchange.stream, at, slice));
    }
    return rc;
}

/* Without waiting, as far as it goes: the rest is left in the pieces, its size is returned. */
static ssize_t send_now(bide_stream *s, struct iovec *pieces, int count, size_t size)
{
    ssize_t sent = s->ops->write_now && !(s->flags & (STREAM_WRITING | STREAM_ABORTED))
        ? s->ops->write_now(s, pieces, count) : 0;
    if (sent < 0)
        return bide_fail((int)sent, "write: %s", bide_strerror((int)sent));
    if ((size_t)sent == size)
        return 0;
    for (size_t left = (size_t)sent; left > 0; pieces++) {
        size_t part = left < pieces->iov_len ? left : pieces->iov_len;
        pieces->iov_base = (char *)pieces->iov_base + part;
        pieces->iov_len -= part;
        left -= part;
    }
    return (ssize_t)size - sent;
}

/* What did not go at once: `left` bytes. */
BIDE_WAITS static int send_rest(struct http1 *h, struct iovec *pieces, int count, size_t left)
{
    int rc = 0;
    if (left <= SLICE) {
        BIDE_TIMEOUT(limit, patience(h));
        return bide_scope_result(limit, bide_writev(h->exchange.stream, pieces, count));
    }
    for (int i = 0; rc == 0 && i < count; i++)
        rc = send_slices(h, pieces[i].iov_base, pieces[i].iov_len);
    return rc;
}

int bide__http1_send(struct http1 *h, struct iovec *pieces, int count)
{
    size_t size = 0;
    if (h->failed)
        return bide_fail(BIDE_ECLOSED, "write: the connection has failed before");
    for (int i = 0; i < count; i++)
        size += pieces[i].iov_len;
    ssize_t left = send_now(h->exchange.stream, pieces, count, size);
    int rc = left <= 0 ? (int)left : send_rest(h, pieces, count, (size_t)left);
    if (rc < 0)
        h->failed = h->close = true;
    return rc;
}

int bide__http1_flush(struct http1 *h)
{
    struct out *out = h->out;
    if (!out)
        return 0;
    struct iovec piece = { out->w.at, out->w.size };
    int rc = out->w.size > 0 ? bide__http1_send(h, &piece, 1) : 0;
    h->out = NULL;
    bide__worker_keep_out(h->exchange.connection->worker, out);
    return rc;
}

BIDE_WAITS static int flush(struct bide_request *req)
{
    int rc = bide__http1_flush(http1_of(req));
    if (rc < 0)
        req->failed = true;     /* answers are lost: no other may follow them */
    return rc;
}

static void cut(struct bide_request *req)
{
    http1_of(req)->close = true;
}

static void refuse(struct bide_request *req)
{
    http1_of(req)->close = http1_of(req)->linger = true;
}

static const struct exchange_ops ops = {
    .version = "HTTP/1.1",
    .answer = bide__http1_answer,
    .start = bide__http1_start,
    .write = bide__http1_write,
    .sendfile = bide__http1_sendfile,
    .end = bide__http1_end,
    .flush = flush,
    .read = bide__http1_read,
    .read_whole = bide__http1_read_whole,
    .upgrade = bide__http1_upgrade,
    .refuse = refuse,
    .cut = cut,
};

/* ---- heads ---- */

/* What could not be read as a request is answered, and the connection ends with that. */
static void reject(bide_request *req, int status, const char *why)
{
    refuse(req);
    bide__respond_refusal(req, status, why);
    bide__access_log(req);
}

/* Waits for the rest of a head that has begun to come. */
BIDE_WAITS static int read_rest(struct http1 *h, bide_request *req, const char **data, size_t have)
{
    int rc = bide__http1_flush(h);
    if (rc < 0)
        return BIDE_ECLOSED;    /* what it was: nothing can be said any more */
    BIDE_TIMEOUT(slow, req->worker->serving->slow);
    for (rc = 0; rc == 0;) {
        ssize_t size = bide_stream_peek_more(h->exchange.stream, data, have);
        if (size == 0)
            return BIDE_EEOF;
        if (size < 0) {
            rc = bide_scope_result(slow, (int)size);
            if (rc == BIDE_ETIMEDOUT)
                reject(req, 408, "The request took too long to arrive.");
            return rc;
        }
        have = (size_t)size;
        rc = bide__head_parse(&req->head, *data, have);
    }
    return rc;
}

/* One that nobody has asked before; as read_head(). */
BIDE_WAITS static int read_new(struct http1 *h, bide_request *req, const char *data, size_t size)
{
    struct bide_worker *worker = req->worker;
    bide__head_start(&req->head, HEAD_REQUEST, &worker->serving->limits);
    req->head.memo = &worker->memo;
    int rc = bide__head_parse(&req->head, data, size);
    if (rc == 0)
        rc = read_rest(h, req, &data, size);
    if (rc < 0 && req->head.why) {
        reject(req, req->head.answer, req->head.why);
        return 0;
    }
    if (rc < 0)
        return rc == BIDE_ETIMEDOUT ? 0 : rc;
    int status = bide__request_read(req, data);
    if (status == 0)
        bide__request_remember(&worker->known, req, data);
    bide_stream_consume(h->exchange.stream, (size_t)rc);
    if (status == 0)
        return 1;
    reject(req, status, "The request's path cannot be read.");
    return 0;
}

/* Reads a head; 1: there it is, 0: it was refused, < 0: the connection is of no use. */
BIDE_WAITS static int read_head(struct http1 *h, bide_request *req)
{
    bide_stream *s = h->exchange.stream;
    const char *data = s->buffer + s->begin;
    size_t size = bide_stream_buffered(s);
    size_t known = bide__request_recall(&req->worker->known, req, data, size);
    if (known == 0)
        return read_new(h, req, data, size);
    bide_stream_consume(s, known);
    return 1;
}

/* The rest of a body that nobody read is in the way of the next request. */
BIDE_WAITS static int drop_body(struct http1 *h, struct body *body, double slow)
{
    char waste[1024];
    ssize_t got = 1;
    if (bide__body_skip(body, h->exchange.stream) || h->close)
        return 0;
    int rc = bide__http1_flush(h);
    BIDE_TIMEOUT(limit, slow);
    for (size_t sum = 0; rc == 0 && got > 0 && sum < OUT_FLUSH; sum += (size_t)got) {
        got = bide__body_read(body, h->exchange.stream, waste, sizeof waste, BIDE_FOREVER);
        if (got < 0)
            rc = (int)got;
    }
    h->close |= !body->done;
    return rc;
}

/* ---- requests ---- */

/* A WebSocket that is served by a function per message outlives its request. */
static void take_over(struct http1 *h, bide_request *req)
{
    struct connection *c = h->exchange.connection;
    c->ws = req->ws;
    c->ws->connection = c;
    if (bide__request_is_proxied(req))
        bide_ws_remote(c->ws);          /* keeps what nobody else will know */
    c->ws->request = NULL;
    req->ws = NULL;
}

/* < 0: the connection is of no use any more. */
BIDE_WAITS static int serve_head(struct http1 *h, bide_request *req)
{
    struct connection *c = h->exchange.connection;
    int rc = read_head(h, req);
    if (rc <= 0)
        return rc;
    c->requests++;
    rc = bide__app_answer(req);
    bide__http1_delist(h);
    if (req->ws)
        take_over(h, req);
    if (!req->keep_alive)
        h->close = true;
    if (rc == 0 && !req->body.done) {
        h->linger = true;
        rc = drop_body(h, &req->body, req->worker->serving->slow);
    }
    return rc;
}

/* One request; < 0: the connection is of no use any more. */
BIDE_WAITS static int serve_request(struct http1 *h)
{
    struct bide_worker *worker = h->exchange.connection->worker;
    bide_request *req = bide__worker_request(worker);
    if (!req)
        return BIDE_ENOMEM;
    req->exchange = &h->exchange;
    h->req = req;
    int rc = serve_head(h, req);
    bide__worker_keep_request(worker, req);
    return rc;
}

/* Requests that came together are answered together. */
BIDE_WAITS static int serve_batch(struct http1 *h)
{
    do {
        int rc = serve_request(h);
        if (rc < 0)
            return rc;
        if (h->out && h->out->w.size >= OUT_FLUSH && bide__http1_flush(h) < 0)
            return bide_errcode();
        if (h->failed)
            return BIDE_ECLOSED;
    } while (!h->close && bide_stream_buffered(h->exchange.stream) > 0);
    return bide__http1_flush(h);
}

/* Closing while the client still sends would destroy the answer on its way to it. */
BIDE_WAITS static int linger(bide_stream *s)
{
    char waste[1024];
    size_t sum = 0;
    BIDE_TIMEOUT(limit, 1);
    int rc = bide_write_end(s);
    while (rc == 0 && sum < LINGER_MAX) {
        ssize_t got = bide_read(s, waste, sizeof waste);
        if (got <= 0)
            break;
        sum += (size_t)got;
    }
    return rc;
}

bool bide__http1_serve(struct connection *c, bide_stream *stream)
{
    struct http1 h = { .exchange = { .ops = &ops, .connection = c, .stream = stream } };
    bide_stream_line_max(stream, c->worker->serving->limits.size + 1);
    int rc = serve_batch(&h);
    if (h.out)
        bide__worker_keep_out(c->worker, h.out);
    if (rc == 0 && h.linger && h.close && !c->ws)
        bide_ignore(linger(stream));
    return rc == 0 && (!h.close || c->ws);
}
