/* Reading a response's body: the calls that wait.
 *
 * The total time of a call goes on while its body is read, so each read has a deadline: what is
 * left of it.  The connection goes back to the pool with the last byte, not with the close. */
#include "http/response.h"

#include "core/park.h"

#include <bide/run.h>

/* Says what ended a read: the call's total time, the session, or rc as it is. */
static int explain(struct bide_response *r, struct visit *visit, bide_scope *scope, int rc)
{
    rc = bide__session_leave(r->session, visit, rc);
    bool ran_out = rc == BIDE_ECANCELED && bide_scope_result(scope, rc) == BIDE_ETIMEDOUT;
    if (ran_out)
        bide_fail(BIDE_ETIMEDOUT, "body: timed out after %g s in all", r->total);
    else if (rc == BIDE_ETIMEDOUT)
        bide_within("body");
    rc = bide__response_within(r);
    if (rc != BIDE_ECANCELED || r->body.broken)
        bide__response_drop(r);
    return rc;
}

static double time_left(const struct bide_response *r)
{
    return r->deadline == BIDE_FOREVER ? BIDE_FOREVER : r->deadline - bide_now();
}

/* A small body of known length finds room in the response itself: nothing is allocated. */
static void use_scratch(struct bide_response *r)
{
    size_t room = (size_t)(r->scratch.end - r->scratch.at);
    if (r->whole.text || r->body.kind != BODY_LENGTH || r->body.length > room / 2)
        return;
    r->whole.room = (size_t)r->body.length + 2;
    r->whole.text = bide__scratch_take(&r->scratch, r->whole.room);
    r->whole_in_scratch = r->whole.text != NULL;
    r->whole.room = r->whole.text ? r->whole.room : 0;
}

BIDE_WAITS static int read_whole(struct bide_response *r, bide_stream *stream)
{
    use_scratch(r);
    return bide__body_read_whole(&r->body, stream, &r->whole, r->body_max, r->idle);
}

/* One read under the call's deadline.  buf NULL: the whole body. */
BIDE_WAITS static ssize_t read_timed(struct bide_response *r, void *buf, size_t size)
{
    struct visit visit;
    BIDE_TIMEOUT(total, time_left(r));
    bide__session_enter(r->session, &visit, total);
    bide_stream *stream = r->connection->stream;
    ssize_t rc = buf ? bide__body_read(&r->body, stream, buf, size, r->idle)
                     : read_whole(r, stream);
    if (rc >= 0 && r->body.done) {
        int done = bide__response_finish(r);
        if (done < 0)
            rc = done;
    }
    if (rc < 0)
        return explain(r, &visit, total, (int)rc);
    bide_ignore(bide__session_leave(r->session, &visit, 0));
    return rc;
}

/* What is worth reading to keep a connection. */
enum { DRAIN_MAX = 65536 };

int bide__response_drain(struct bide_response *r)
{
    size_t left = DRAIN_MAX;
    char waste[1024];
    bool worth = r->keep_alive &&
                 (r->body.kind == BODY_CHUNKED || (r->body.kind == BODY_LENGTH &&
                                                   r->body.left <= DRAIN_MAX));
    while (r->connection && worth && left >= sizeof waste) {
        ssize_t got = read_timed(r, waste, sizeof waste);
        if (got == BIDE_ECANCELED)
            return BIDE_ECANCELED;
        worth = got > 0;
        left -= sizeof waste;
    }
    bide__response_drop(r);
    return 0;
}

/* The body's connection is gone: because the body is done, or because a read has failed. */
static int refuse_broken(struct bide_response *r)
{
    bide_fail(BIDE_ECLOSED, "an earlier read of the body has failed");
    return bide__response_within(r);
}

ssize_t bide_response_read(bide_response *r, void *buf, size_t size)
{
    if (!r)
        return bide_errcode();
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (r->body.done || size == 0)
        return 0;
    if (!r->connection)
        return refuse_broken(r);
    return read_timed(r, buf, size);
}

const char *bide_response_text(bide_response *r, size_t *size)
{
    if (!r || bide__enter() < 0)
        return NULL;
    if (!r->read_whole && !r->body.done) {
        if (!r->connection) {
            refuse_broken(r);
            return NULL;
        }
        if (read_timed(r, NULL, 0) < 0)
            return NULL;
    }
    r->read_whole = true;
    if (size)
        *size = r->whole.size;
    return r->whole.text ? r->whole.text : "";
}
