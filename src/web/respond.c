/* Answering: what a handler gives, checked, and handed on to the exchange.
 *
 * A header or a type with CR or LF in it makes the call fail, and nothing of that response goes
 * out.  A whole answer is kept back in the request where middlewares may still change it, and
 * where compressing it is a thread's work: that has to wait, which these calls must not. */
#include "base/memory.h"
#include "web/error_page.h"
#include "web/exchange.h"
#include "web/lasting.h"
#include "web/prepare.h"
#include "web/respond.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 65536 };

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

static int check(const bide_request *req, int status)
{
    if (req->responded != NOT_YET)
        return bide_fail(BIDE_EINVAL, "respond: this request has been answered already");
    if (req->prepare == PREPARING)
        return bide_fail(BIDE_EINVAL, "respond: this answer's head is being prepared");
    if (status < 200 || status > 999)
        return bide_fail(BIDE_EINVAL, "respond: %d is no status to end with", status);
    return 0;
}

static int check_whole(const bide_request *req, const struct answer *answer)
{
    int rc = check(req, answer->status);
    if (rc < 0)
        return rc;
    bool bodiless = req->head.method_known == METHOD_HEAD || answer->status == 304;
    if (req->declared && req->length != answer->size && !(bodiless && answer->size == 0))
        return bide_fail(BIDE_EINVAL, "respond: the Content-Length given is not the data's");
    if (has_no_body(answer->status) && answer->size > 0)
        return bide_fail(BIDE_EINVAL, "respond: a reply with status %d has no body",
                         answer->status);
    return 0;
}

/* ---- whole ---- */

/* A type is checked where it is written; what is kept back is checked now. */
static int hold(bide_request *req, const struct answer *answer)
{
    struct held *held = &req->held;
    const char *type = answer->type;
    if (type && strpbrk(type, "\r\n"))
        return bide_fail(BIDE_EINVAL, "respond: a line end in the type");
    held->type = type ? bide__copy_text(type, strlen(type)) : NULL;
    held->data = bide__copy_text(answer->data ? answer->data : "", answer->size);
    if (!held->data || (type && !held->type))
        return bide_fail(BIDE_ENOMEM, "out of memory for a response");
    held->status = req->answered = answer->status;
    held->size = answer->size;
    req->responded = HELD;
    return 0;
}

static void drop_held(bide_request *req)
{
    bide__free(req->held.type);
    bide__free(req->held.data);
    req->held = (struct held){ 0 };
}

static int give(bide_request *req, const struct answer *given)
{
    struct answer answer = *given;
    int rc = prepare_answer(req, answer.status);
    if (rc == 0 && req->compressing.wanted)
        rc = bide__compress_whole(req, &answer);
    if (!req->declared && !(answer.status == 304 && answer.size == 0)) {
        req->declared = true;
        req->length = answer.size;
    }
    if (rc == 0)
        rc = req->exchange->ops->answer(req, &answer);
    if (rc < 0)
        return rc;
    req->responded = DONE;
    req->answered = answer.status;
    req->sent = req->head.method_known == METHOD_HEAD ? 0 : answer.size;
    return 0;
}

int bide_respond(bide_request *req, int status, const char *type, const void *data, size_t size)
{
    struct answer answer = { status, type, data, size };
    int rc = check_whole(req, &answer);
    if (rc < 0)
        return rc;
    if (!type && size > 0)
        answer.type = "application/octet-stream";
    return req->hold || bide__compress_is_long(req, &answer) ? hold(req, &answer)
                                                             : give(req, &answer);
}

int bide__respond_release(bide_request *req)
{
    req->hold = false;
    if (req->responded != HELD)
        return 0;
    struct held held = req->held;
    struct answer answer = { held.status, held.type, held.data, held.size };
    req->responded = NOT_YET;
    req->held = (struct held){ 0 };
    int rc = check_whole(req, &answer);
    if (rc == 0 && bide__compress_is_long(req, &answer))
        rc = bide__compress_aside(req, &answer);
    if (rc == 0)
        rc = give(req, &answer);
    bide__free(held.type);
    bide__free(held.data);
    return rc;
}

struct held *bide__respond_held(bide_request *req)
{
    return req->responded == HELD ? &req->held : NULL;
}

int bide_respond_status(bide_request *req, int status)
{
    return bide_respond(req, status, NULL, NULL, 0);
}

static int respond_long(bide_request *req, int status, const char *fmt, va_list args, size_t size)
{
    char *text = bide__alloc(size + 1);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory for a response");
    vsnprintf(text, size + 1, fmt, args);
    int rc = bide_respond(req, status, "text/plain; charset=utf-8", text, size);
    bide__free(text);
    return rc;
}

int bide_respond_text(bide_request *req, int status, const char *fmt, ...)
{
    char space[1024];
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(space, sizeof space, fmt, args);
    va_end(args);
    if (size < 0 || size > TEXT_MAX)
        return bide_fail(BIDE_EINVAL, "respond: the text is bad or longer than 64 KiB");
    if ((size_t)size < sizeof space)
        return bide_respond(req, status, "text/plain; charset=utf-8", space, (size_t)size);
    va_start(args, fmt);
    int rc = respond_long(req, status, fmt, args, (size_t)size);
    va_end(args);
    return rc;
}

void bide__respond_refusal(bide_request *req, int status, const char *why)
{
    if (bide__error_page(req, status, why) < 0)
        bide__exchange_cut(req);
}

int bide_respond_given(const bide_request *req)
{
    return req->answered;
}

void bide__respond_anew(bide_request *req)
{
    req->declared = false;
    req->fields.size = 0;
    req->typed = false;
    bide__lasting_again(req);
}

int bide_respond_reset(bide_request *req)
{
    if (req->responded == STREAMING || req->responded == DONE)
        return bide_fail(BIDE_EINVAL, "respond: the response is already on its way");
    drop_held(req);
    req->responded = NOT_YET;
    req->answered = 0;
    bide__respond_anew(req);
    return 0;
}

/* ---- piece by piece ---- */

/* What goes out now is the loop's; a handler on a thread has only what is kept back. */
static int check_pieces(const bide_request *req)
{
    if (req->on_thread)
        return bide_fail(BIDE_EPERM, "respond: a blocking handler has to respond whole");
    return 0;
}

int bide_respond_start(bide_request *req, int status)
{
    int rc = check_pieces(req);
    if (rc == 0)
        rc = check(req, status);
    if (rc == 0)
        rc = prepare_answer(req, status);
    if (rc == 0 && req->compressing.wanted)
        rc = bide__compress_start(req, status);
    if (rc == 0)
        rc = req->exchange->ops->start(req, status);
    if (rc < 0)
        return rc;
    req->responded = STREAMING;
    req->answered = status;
    return 0;
}

/* What may be written now of a body that goes piece by piece. */
static int admit(bide_request *req, uint64_t size)
{
    if (req->responded == NOT_YET && bide_respond_start(req, 200) < 0)
        return bide_errcode();
    if (req->responded != STREAMING)
        return bide_fail(BIDE_EINVAL, "respond: this request has been answered already");
    if (has_no_body(req->answered) && size > 0)
        return bide_fail(BIDE_EINVAL, "respond: a reply with status %d has no body",
                         req->answered);
    if (req->declared && size > req->length)
        return bide_fail(BIDE_EINVAL, "respond: more data than the Content-Length given");
    req->length -= req->declared ? size : 0;
    return 0;
}

/* waits: in the protocol */
int bide__respond_piece(bide_request *req, const void *data, size_t size)
{
    int rc = admit(req, size);
    if (rc < 0)
        return rc;
    if (size == 0 || req->head.method_known == METHOD_HEAD)
        return req->exchange->ops->flush(req);
    rc = req->exchange->ops->write(req, data, size);
    if (rc < 0)
        req->failed = true;
    else
        req->sent += size;
    return rc;
}

int bide_respond_write(bide_request *req, const void *data, size_t size)
{
    if (req->compressing.wanted && req->responded == NOT_YET && bide_respond_start(req, 200) < 0)
        return bide_errcode();
    return req->compressing.encoder ? bide__compress_write(req, data, size)
                                    : bide__respond_piece(req, data, size);
}

int bide_respond_printf(bide_request *req, const char *fmt, ...)
{
    char space[1024], *text = space;
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(space, sizeof space, fmt, args);
    va_end(args);
    if (size < 0 || size > TEXT_MAX)
        return bide_fail(BIDE_EINVAL, "respond: the text is bad or longer than 64 KiB");
    if ((size_t)size >= sizeof space) {
        text = bide__alloc((size_t)size + 1);
        if (!text)
            return bide_fail(BIDE_ENOMEM, "out of memory for a response");
        va_start(args, fmt);
        vsnprintf(text, (size_t)size + 1, fmt, args);
        va_end(args);
    }
    int rc = bide_respond_write(req, text, (size_t)size);
    if (text != space)
        bide__free(text);
    return rc;
}

/* waits: in the protocol */
int bide__respond_sendfile(bide_request *req, int fd, int64_t at, uint64_t size)
{
    int rc = admit(req, size);
    if (rc < 0 || size == 0 || req->head.method_known == METHOD_HEAD)
        return rc;
    rc = req->exchange->ops->sendfile(req, fd, at, size);
    if (rc < 0)
        req->failed = true;
    else
        req->sent += size;
    return rc;
}

int bide_respond_flush(bide_request *req)
{
    int rc = check_pieces(req);
    if (rc == 0 && req->compressing.encoder)
        rc = bide__compress_flush(req);
    return rc < 0 ? rc : req->exchange->ops->flush(req);
}

int bide__respond_end(bide_request *req)
{
    if (req->responded != STREAMING)
        return 0;
    int rc = req->compressing.encoder ? bide__compress_end(req) : 0;
    if (rc < 0) {
        bide__exchange_cut(req);
        return rc;
    }
    req->responded = DONE;
    if (req->head.method_known == METHOD_HEAD || has_no_body(req->answered))
        return 0;
    if (req->declared && req->length > 0) {
        bide__exchange_cut(req);        /* the client sees that something is missing */
        return bide_fail(BIDE_EINVAL, "respond: less data than the Content-Length given");
    }
    return req->exchange->ops->end(req);
}
