/* Building responses into the connection's outgoing memory.
 *
 * What a handler gives is checked here: a header or a type with CR or LF in it makes the call
 * fail, and nothing of that response goes out. */
#include "base/memory.h"
#include "http/chunked.h"
#include "web/error_page.h"
#include "web/peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DRAIN_MAX = 65536 };     /* of an unread request body, before the next request */

static bool grow_fields(struct writer *w, size_t more)
{
    size_t room = w->room + more + 256;
    char *at = bide__resize(w->at, room);
    if (!at)
        return false;
    w->at = at;
    w->room = room;
    return true;
}

/* The length of a response that will be written piece by piece. */
static int declare_length(bide_request *req, const char *value)
{
    if (!bide__text_number(text_from(value), &req->length) || req->length > INT64_MAX)
        return bide_fail(BIDE_EINVAL, "Content-Length: not a number");
    req->declared = true;
    return 0;
}

/* Who says that it closes must do so; that it stays open is for the server to know. */
static int note_connection(bide_request *req, const char *value)
{
    if (bide__text_is_caseless(text_from(value), "close"))
        req->keep_alive = false;
    else if (!bide__text_is_caseless(text_from(value), "keep-alive"))
        return bide_fail(BIDE_EINVAL, "header Connection: neither close nor keep-alive");
    return 0;
}

int bide_respond_header(bide_request *req, const char *name, const char *value)
{
    struct text spelled = text_from(name);
    if (req->responded != NOT_YET)
        return bide_fail(BIDE_EINVAL, "header %s: the response is already on its way", name);
    if (bide__text_is_caseless(spelled, "Transfer-Encoding"))
        return bide_fail(BIDE_EINVAL, "header %s: not for a handler to say", name);
    if (bide__text_is_caseless(spelled, "Content-Length"))
        return declare_length(req, value);
    if (bide__text_is_caseless(spelled, "Connection"))
        return note_connection(req, value);
    struct writer before = req->fields;
    req->fields.grow = grow_fields;
    bide__write_field(&req->fields, spelled, text_from(value));
    if (req->fields.code == 0) {
        req->typed |= bide__text_is_caseless(spelled, "Content-Type");
        return 0;
    }
    int code = bide_fail(req->fields.code, "header: %s", req->fields.why);
    req->fields.code = before.code;
    return code;
}

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
    struct peer *peer = req->peer;
    if (!req->keep_alive || peer->server->stopping || !body_ends_soon(req))
        peer->close = true;
    if (peer->close)
        writer_literal(w, "Connection: close\r\n");
    else if (req->head.minor == 0)
        writer_literal(w, "Connection: keep-alive\r\n");
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

static void write_head(bide_request *req, struct writer *w, int status, const char *type)
{
    bide__write_status_line(w, status);
    writer_literal(w, "Date: ");
    writer_put(w, bide__server_date(req->peer->server), DATE_SIZE);
    writer_literal(w, "\r\n");
    if (type && !req->typed)    /* the header that the handler gave says it already */
        bide__write_field(w, text_from("Content-Type"), text_from(type));
    writer_put(w, req->fields.at, req->fields.size);
    if (req->chunked)
        writer_literal(w, "Transfer-Encoding: chunked\r\n");
    else if (req->declared && !has_no_body(status))
        bide__write_number_field(w, "Content-Length", req->length);
    write_connection(req, w);
    writer_literal(w, "\r\n");
}

/* Begins a response in the outgoing memory: its writer, or NULL with the error held. */
static struct writer *begin(bide_request *req, int status)
{
    if (req->responded != NOT_YET) {
        bide_fail(BIDE_EINVAL, "respond: this request has been answered already");
        return NULL;
    }
    if (status < 200 || status > 999) {
        bide_fail(BIDE_EINVAL, "respond: %d is no status to end with", status);
        return NULL;
    }
    struct writer *w = bide__peer_out(req->peer);
    if (!w)
        bide_fail(BIDE_ENOMEM, "out of memory for a response");
    return w;
}

/* Takes back what a failed response has written. */
static int take_back(struct writer *w, size_t size)
{
    int code = bide_fail(w->code, "respond: %s", w->why);
    w->size = size;
    w->code = 0;
    return code;
}

int bide_respond(bide_request *req, int status, const char *type, const void *data, size_t size)
{
    struct writer *w = begin(req, status);
    if (!w)
        return bide_errcode();
    if (req->declared && req->length != size)
        return bide_fail(BIDE_EINVAL, "respond: the Content-Length given is not the data's");
    if (has_no_body(status) && size > 0)
        return bide_fail(BIDE_EINVAL, "respond: a reply with status %d has no body", status);
    size_t start = w->size;
    req->declared = true;
    req->length = size;
    if (!type && size > 0)
        type = "application/octet-stream";
    write_head(req, w, status, type);
    if (req->head.method_known != METHOD_HEAD)
        writer_put(w, data, size);
    if (w->code < 0)
        return take_back(w, start);
    req->responded = DONE;
    return 0;
}

int bide_respond_text(bide_request *req, int status, const char *fmt, ...)
{
    char space[1024], *text = space;
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(space, sizeof space, fmt, args);
    va_end(args);
    if (size < 0 || size > 65536)
        return bide_fail(BIDE_EINVAL, "respond: the text is bad or longer than 64 KiB");
    if ((size_t)size >= sizeof space) {
        text = bide__alloc((size_t)size + 1);
        if (!text)
            return bide_fail(BIDE_ENOMEM, "out of memory for a response");
        va_start(args, fmt);
        vsnprintf(text, (size_t)size + 1, fmt, args);
        va_end(args);
    }
    int rc = bide_respond(req, status, "text/plain; charset=utf-8", text, (size_t)size);
    if (text != space)
        bide__free(text);
    return rc;
}

void bide__respond_anew(bide_request *req)
{
    req->declared = false;
    req->fields.size = 0;
    req->typed = false;
}

void bide__respond_error(bide_request *req, int status, const char *why)
{
    if (bide__error_page(req, status, why) < 0)
        req->peer->close = true;
}

/* ---- piece by piece ---- */

static int start_streaming(bide_request *req)
{
    struct writer *w = begin(req, 200);
    if (!w)
        return bide_errcode();
    size_t start = w->size;
    req->chunked = !req->declared && req->head.minor == 1;
    if (!req->declared && !req->chunked)
        req->peer->close = true;        /* an HTTP/1.0 client: the end is the end */
    write_head(req, w, 200, NULL);
    if (w->code < 0)
        return take_back(w, start);
    req->responded = STREAMING;
    return 0;
}

/* Sends what is waiting to go out and, behind it, one piece of the body. */
BIDE_WAITS static int send_piece(bide_request *req, const void *data, size_t size)
{
    char head[CHUNKED_HEAD_SIZE];
    struct writer *w = bide__peer_out(req->peer);
    if (!w)
        return bide_fail(BIDE_ENOMEM, "out of memory for a response");
    if (req->chunked)
        writer_put(w, head, bide__chunked_head(head, size));
    if (w->code < 0)
        return bide_fail(w->code, "respond: %s", w->why);
    struct iovec pieces[3] = {
        { .iov_base = w->at, .iov_len = w->size },
        { .iov_base = (void *)(uintptr_t)data, .iov_len = size },
        { .iov_base = (void *)(uintptr_t)"\r\n", .iov_len = 2 },
    };
    int rc = bide__peer_send(req->peer, pieces, req->chunked ? 3 : 2);
    w->size = 0;
    if (rc < 0)
        req->failed = true;
    return rc;
}

int bide_respond_write(bide_request *req, const void *data, size_t size)
{
    if (req->responded == NOT_YET && start_streaming(req) < 0)
        return bide_errcode();
    if (req->responded != STREAMING)
        return bide_fail(BIDE_EINVAL, "respond: this request has been answered already");
    if (req->declared && size > req->length)
        return bide_fail(BIDE_EINVAL, "respond: more data than the Content-Length given");
    req->length -= req->declared ? size : 0;
    if (size == 0 || req->head.method_known == METHOD_HEAD)
        return bide__peer_flush(req->peer);
    return send_piece(req, data, size);
}

int bide__respond_end(bide_request *req)
{
    if (req->responded != STREAMING)
        return 0;
    req->responded = DONE;
    if (req->head.method_known == METHOD_HEAD)
        return 0;
    if (req->declared && req->length > 0) {
        req->peer->close = true;        /* the client sees that something is missing */
        return bide_fail(BIDE_EINVAL, "respond: less data than the Content-Length given");
    }
    struct writer *w = req->chunked ? bide__peer_out(req->peer) : NULL;
    if (w)
        writer_literal(w, CHUNKED_END);
    if (req->chunked && (!w || w->code < 0)) {
        req->peer->close = true;        /* without its end nothing can follow */
        return bide_fail(BIDE_ENOMEM, "respond: out of memory for the response's end");
    }
    return bide__peer_flush(req->peer);
}
