/* Reading a response's body: under which limits, and what may follow what.
 *
 * What has arrived already is taken without further ado.  Who has to wait does so within what is
 * left of the call's total time, which goes on while the body is read.  The connection goes back to
 * the pool with the last byte, not with the close. */
#include "http/response_body.h"

#include "core/park.h"

#include <bide/run.h>

#include <string.h>

/* Puts the request before the sentence, and gives up the connection unless there is a way on. */
static int fail(struct bide_response *r, int rc)
{
    rc = bide__response_within(r);
    if (rc == BIDE_ECANCELED && !r->body.broken)
        return rc;
    bide__response_drop(r);
    if (r->handed_out && !r->told)
        bide__response_trace(r, BIDE_TRACE_FAIL, bide_errmsg(), rc);
    r->told = true;
    return rc;
}

/* Says what ended a wait: the call's total time, the session, or rc as it is. */
static int explain(struct bide_response *r, struct visit *visit, bide_scope *scope, int rc)
{
    rc = bide__session_leave(r->session, visit, rc);
    bool ran_out = rc == BIDE_ECANCELED && bide_scope_result(scope, rc) == BIDE_ETIMEDOUT;
    if (ran_out)
        return bide_fail(BIDE_ETIMEDOUT, "body: timed out after %g s in all", r->total);
    return rc == BIDE_ETIMEDOUT ? bide_within("body") : rc;
}

static double time_left(const struct bide_response *r)
{
    return r->deadline == BIDE_FOREVER ? BIDE_FOREVER : r->deadline - bide_now();
}

/* ---- steps ---- */

ssize_t bide__response_take(struct bide_response *r, void *buf, size_t size, double idle)
{
    if (r->coded)
        return bide__coded_take(r, buf, size, idle);
    ssize_t got = bide__body_read(&r->body, r->connection->stream, buf, size, idle);
    if (got > 0)
        bide__response_trace(r, BIDE_TRACE_BODY, NULL, got);
    return got;
}

ssize_t bide__response_peek(struct bide_response *r, const char **data, double idle)
{
    if (r->coded)
        return bide__coded_peek(r, data, idle);
    return bide__body_peek(&r->body, r->connection->stream, data, idle);
}

void bide__response_consume(struct bide_response *r, size_t size)
{
    if (r->coded) {
        bide__coded_consume(r->coded, size);
        return;
    }
    bide__body_take(&r->body, r->connection->stream, size);
    if (size > 0)
        bide__response_trace(r, BIDE_TRACE_BODY, NULL, (int64_t)size);
}

BIDE_WAITS static ssize_t step(struct bide_response *r, struct wanted *wanted, double idle)
{
    switch (wanted->kind) {
    case WANT_SOME:
        return bide__response_take(r, wanted->buf, wanted->size, idle);
    case WANT_RAW:
        return bide__body_read(&r->body, r->connection->stream, wanted->buf, wanted->size, idle);
    case WANT_WHOLE:
        return bide__response_step_whole(r, idle);
    case WANT_CHUNK:
        return bide__response_step_chunk(r, wanted, idle);
    case WANT_LINE:
        return bide__response_step_line(r, wanted, idle);
    case WANT_EVENT:
        break;
    }
    return bide__response_step_event(r, wanted, idle);
}

BIDE_WAITS static ssize_t step_timed(struct bide_response *r, struct wanted *wanted)
{
    struct visit visit;
    BIDE_TIMEOUT(total, time_left(r));
    bide__session_enter(r->session, &visit, total);
    r->busy = true;
    ssize_t rc = step(r, wanted, r->idle);
    r->busy = false;
    if (rc < 0)
        return explain(r, &visit, total, (int)rc);
    bide_ignore(bide__session_leave(r->session, &visit, 0));
    return rc;
}

/* Is it time for the connection to go back? */
static bool is_done(const struct bide_response *r, enum wanted_kind kind)
{
    return kind == WANT_RAW ? r->body.done : response_at_end(r);
}

BIDE_WAITS static ssize_t run(struct bide_response *r, struct wanted *wanted)
{
    ssize_t rc = step(r, wanted, BODY_NOW);
    if (rc == BIDE_EAGAIN)
        rc = step_timed(r, wanted);
    if (rc >= 0 && is_done(r, wanted->kind)) {
        int done = bide__response_finish(r);
        if (done < 0)
            rc = done;
    }
    return rc < 0 ? fail(r, (int)rc) : rc;
}

/* ---- what may follow what ---- */

static int refuse(const struct bide_response *r, int code, const char *why)
{
    bide_fail(code, "%s", why);
    return bide__response_within(r);
}

/* Events are asked for: are they there? */
static int check_type(const struct bide_response *r)
{
    const char *type = bide_response_type(r);
    if (bide__text_is(text_of(type, strlen(type)), "text/event-stream"))
        return 0;
    bide_fail(BIDE_EHTTP, "no event stream, but %.60s", *type ? type : "without Content-Type");
    return bide__response_within(r);
}

/* The first read: what is there to be decoded? */
static int start(struct bide_response *r, enum reading as)
{
    int rc = 0;
    if (as == READING_EVENTS && check_type(r) < 0)
        return bide_errcode();
    if (r->reading == READING_NOT && r->head.first[HEADER_CONTENT_ENCODING] && !r->no_decoding)
        rc = bide__response_decode(r);
    if (rc < 0)
        return fail(r, rc);
    r->reading = (uint8_t)as;
    return 0;
}

static const char *const readings[] = {
    [READING_WHOLE] = "the body is being read whole",
    [READING_PIECES] = "the body has been read in pieces already",
    [READING_EVENTS] = "the body has been read as events, and can only be so",
};

/* The body is to be read in another way than before. */
static int turn(struct bide_response *r, enum reading as)
{
    if (r->over && as != READING_WHOLE)
        return 0;               /* whatever it was: nothing is left */
    if (r->reading == READING_NOT && r->over)
        r->reading = (uint8_t)as;       /* there is no body */
    else if (r->connection && (r->reading == READING_NOT ||
                               (r->reading == READING_PIECES && as == READING_EVENTS)))
        return start(r, as);
    else if (r->reading != READING_NOT)
        return refuse(r, BIDE_EINVAL, readings[r->reading]);
    return 0;
}

/* A line, of which a call that failed has taken the beginning, can only be read as such. */
static bool has_half_line(const struct bide_response *r)
{
    return r->extras && r->extras->lines.size > 0 && !r->extras->lines.given;
}

/* What the last call handed out is taken now. */
static int settle(struct bide_response *r)
{
    size_t size = r->pending;
    r->pending = 0;
    bide__response_consume(r, size);
    if (!response_at_end(r))
        return 0;
    int rc = bide__response_finish(r);
    return rc < 0 ? fail(r, rc) : 0;
}

ssize_t bide__response_run(struct bide_response *r, struct wanted *wanted)
{
    static const uint8_t as[] = {
        [WANT_SOME] = READING_PIECES, [WANT_WHOLE] = READING_WHOLE, [WANT_CHUNK] = READING_PIECES,
        [WANT_LINE] = READING_PIECES, [WANT_EVENT] = READING_EVENTS,
    };
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (r->busy)
        return refuse(r, BIDE_EBUSY, "another task is reading the body");
    if (r->reading != as[wanted->kind] && (rc = turn(r, (enum reading)as[wanted->kind])) < 0)
        return rc;
    if (wanted->kind != WANT_LINE && has_half_line(r))
        return refuse(r, BIDE_EINVAL, "a line of the body has been begun, and must be ended first");
    if (r->pending > 0 && r->connection && (rc = settle(r)) < 0)
        return rc;
    if (r->over)
        return 0;
    if (!r->connection)
        return refuse(r, BIDE_ECLOSED, "an earlier read of the body has failed");
    return run(r, wanted);
}

ssize_t bide_response_read(bide_response *r, void *buf, size_t size)
{
    struct wanted wanted = { .kind = WANT_SOME, .buf = buf, .size = size };
    if (!r)
        return bide_errcode();
    if (size == 0)
        return bide__enter();
    return bide__response_run(r, &wanted);
}

/* ---- drain ---- */

/* What is worth reading to keep a connection. */
enum { DRAIN_MAX = 65536 };

int bide__response_drain(struct bide_response *r)
{
    size_t left = DRAIN_MAX;
    char waste[1024];
    struct wanted wanted = { .kind = WANT_RAW, .buf = waste, .size = sizeof waste };
    bool worth = r->keep_alive &&
                 (r->body.kind == BODY_CHUNKED || (r->body.kind == BODY_LENGTH &&
                                                   r->body.left <= DRAIN_MAX));
    r->told = true;             /* the call goes on without it */
    while (r->connection && worth && left >= sizeof waste) {
        ssize_t got = run(r, &wanted);
        if (got == BIDE_ECANCELED)
            return BIDE_ECANCELED;
        worth = got > 0;
        left -= sizeof waste;
    }
    bide__response_drop(r);
    return 0;
}
