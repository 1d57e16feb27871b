/* HTTP/1: writing an answer into the connection's outgoing memory.
 *
 * What cannot be written (memory is out) is taken back whole, and nothing of that answer goes
 * out. */
#include "http/chunked.h"
#include "io/stream.h"
#include "web/http1.h"

#include <bide/error.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_MAX = 65536 };     /* of an unread request body, before the next request */

/* ---- the head ---- */

/* Will the rest of the request's body be read, so that another request can follow? */
static bool body_ends_soon(const bide_request *req)
{
    const struct body *body = &req->body;
    if (body->done)
        return true;
    bool expects = req->head.minor == 1 && req->head.first[HEADER_EXPECT] && !req->continued;
    return !body->broken && !expects && (body->kind == BODY_CHUNKED || body->left <= DRAIN_MAX);
}

static void write_connection(bide_request *req, struct writer *w)
{
    struct http1 *h = http1_of(req);
    const struct bide_worker *worker = req->worker;
    if (!req->keep_alive || worker->stopping || !body_ends_soon(req) ||
        h->exchange.connection->requests >= worker->serving->requests)
        h->close = true;
    if (h->close)
        writer_literal(w, "Connection: close\r\n");
    else if (req->head.minor == 0)
        writer_literal(w, "Connection: keep-alive\r\n");
}

static void write_length(struct writer *w, uint64_t length)
{
    writer_literal(w, "Content-Length: ");
    bide__writer_number(w, length);
    writer_literal(w, "\r\n");
}

static void write_head(bide_request *req, struct writer *w, int status, const char *type)
{
    /* the header that the handler gave says it already */
    bide__answer_begin(req->worker, w, status, req->typed ? NULL : type);
    writer_put(w, req->fields.at, req->fields.size);
    if (req->chunked)
        writer_literal(w, "Transfer-Encoding: chunked\r\n");
    else if (req->declared && status != 204)
        write_length(w, req->length);
    write_connection(req, w);
    writer_literal(w, "\r\n");
}

/* Takes back what a failed response has written. */
static int take_back(struct writer *w, size_t size)
{
    int code = bide_fail(w->code, "respond: %s", w->why);
    w->size = size;
    w->code = 0;
    return code;
}

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for a response");
}

int bide__http1_answer(bide_request *req, const struct answer *answer)
{
    struct writer *w = bide__http1_out(http1_of(req));
    if (!w)
        return no_memory();
    size_t start = w->size;
    write_head(req, w, answer->status, answer->type);
    if (req->head.method_known != METHOD_HEAD)
        writer_put(w, answer->data, answer->size);
    return w->code < 0 ? take_back(w, start) : 0;
}

/* ---- piece by piece ---- */

int bide__http1_start(bide_request *req, int status)
{
    struct http1 *h = http1_of(req);
    struct writer *w = bide__http1_out(h);
    if (!w)
        return no_memory();
    size_t start = w->size;
    bool continued = req->continued;
    if (status < 300)
        bide__http1_continue(req, w);       /* who streams may read while it does */
    req->chunked = !req->declared && req->head.minor == 1 && status != 204 && status != 304;
    if (!req->declared && !req->chunked && req->head.minor == 0)
        h->close = true;        /* the end is the end */
    write_head(req, w, status, NULL);
    if (w->code == 0)
        return 0;
    req->continued = continued;
    return take_back(w, start);
}

int bide__http1_write(bide_request *req, const void *data, size_t size)
{
    char head[CHUNKED_HEAD_SIZE];
    struct http1 *h = http1_of(req);
    struct writer *w = bide__http1_out(h);
    if (!w)
        return no_memory();
    if (req->chunked)
        writer_put(w, head, bide__chunked_head(head, size));
    if (w->code < 0)
        return bide_fail(w->code, "respond: %s", w->why);
    struct iovec pieces[3] = {
        { .iov_base = w->at, .iov_len = w->size },
        { .iov_base = (void *)(uintptr_t)data, .iov_len = size },
        { .iov_base = (void *)(uintptr_t)"\r\n", .iov_len = 2 },
    };
    int rc = bide__http1_send(h, pieces, req->chunked ? 3 : 2);
    w->size = 0;
    return rc;
}

/* ---- files ---- */

/* By way of memory: where the system cannot send files, as in TLS. */
BIDE_WAITS static int copy_file(bide_request *req, int file, int64_t at, uint64_t size)
{
    char piece[16384];
    while (size > 0) {
        ssize_t got = pread(file, piece, size < sizeof piece ? size : sizeof piece, at);
        if (got <= 0)
            return got < 0 ? bide_fail(-errno, "read: %s", bide_strerror(-errno))
                           : bide_fail(BIDE_EEOF, "the file has become shorter");
        int rc = bide__http1_write(req, piece, (size_t)got);
        if (rc < 0)
            return rc;
        at += got;
        size -= (uint64_t)got;
    }
    return 0;
}

/* Each slice that the client takes buys it the time for the next. */
BIDE_WAITS static int send_slice(struct http1 *h, int file, int64_t at, size_t size)
{
    bide_stream *s = h->exchange.stream;
    BIDE_TIMEOUT(limit, h->exchange.connection->worker->serving->idle);
    for (size_t sum = 0; sum < size;) {
        ssize_t sent = s->ops->sendfile(s, file, at + (int64_t)sum, size - sum);
        if (sent <= 0)
            return bide_scope_result(limit, sent < 0 ? (int)sent :
                                     bide_fail(BIDE_EEOF, "the file has become shorter"));
        sum += (size_t)sent;
    }
    return 0;
}

BIDE_WAITS static int send_file(struct http1 *h, int file, int64_t at, uint64_t size)
{
    bide_stream *s = h->exchange.stream;
    int rc = bide__http1_flush(h);
    if (rc == 0)
        rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    for (size_t slice; rc == 0 && size > 0; at += (int64_t)slice, size -= slice) {
        slice = size < SLICE ? (size_t)size : SLICE;
        rc = send_slice(h, file, at, slice);
    }
    return (int)bide__stream_leave(s, STREAM_WRITING, "write", rc);
}

int bide__http1_sendfile(bide_request *req, int file, int64_t at, uint64_t size)
{
    struct http1 *h = http1_of(req);
    if (req->chunked || !h->exchange.stream->ops->sendfile)
        return copy_file(req, file, at, size);
    return send_file(h, file, at, size);
}

/* ---- the end ---- */

int bide__http1_end(bide_request *req)
{
    struct http1 *h = http1_of(req);
    struct writer *w = req->chunked ? bide__http1_out(h) : NULL;
    if (w && req->trailers.size > 0) {
        writer_literal(w, "0\r\n");
        writer_put(w, req->trailers.at, req->trailers.size);
        writer_literal(w, "\r\n");
    } else if (w) {
        writer_literal(w, CHUNKED_END);
    }
    if (req->chunked && (!w || w->code < 0)) {
        h->close = true;        /* without its end nothing can follow */
        return bide_fail(BIDE_ENOMEM, "respond: out of memory for the response's end");
    }
    return 0;
}

int bide__http1_switch(bide_request *req)
{
    struct writer *w = bide__http1_out(http1_of(req));
    if (!w)
        return no_memory();
    size_t start = w->size;
    bide__answer_begin(req->worker, w, 101, NULL);
    writer_literal(w, "Connection: Upgrade\r\n");
    writer_put(w, req->fields.at, req->fields.size);
    writer_literal(w, "\r\n");
    return w->code < 0 ? take_back(w, start) : 0;
}
