/* HTTP/1: reading a request's body. */
#include "web/http1.h"

#include <bide/task.h>

void bide__http1_continue(bide_request *req, struct writer *w)
{
    struct text expect = head_get(&req->head, req->text, HEADER_EXPECT);
    if (req->body.done || bide_stream_buffered(req->exchange->stream) > 0)
        return;
    if (expect.at && req->head.minor == 1 && !req->continued &&
        bide__text_is_caseless(expect, "100-continue")) {
        writer_literal(w, "HTTP/1.1 100 Continue\r\n\r\n");
        req->continued = true;
    }
}

/* A client may wait to be told that its body is wanted, and for answers that are still here. */
BIDE_WAITS static int invite(bide_request *req)
{
    struct http1 *h = http1_of(req);
    if (req->body.done || bide_stream_buffered(h->exchange.stream) > 0)
        return 0;
    bool begun = req->responded != NOT_YET && req->responded != HELD;
    struct writer *w = begun ? NULL : bide__http1_out(h);
    if (w)
        bide__http1_continue(req, w);
    return bide__http1_flush(h);
}

/* What to answer if the handler gives up because of this. */
static int note_failure(bide_request *req, int rc)
{
    req->status = rc == BIDE_ELIMIT ? 413 : rc == BIDE_ETIMEDOUT ? 408
                : rc == BIDE_ENOMEM ? 503 : 400;
    if (rc == BIDE_ELIMIT)
        http1_of(req)->linger = true;
    return rc;
}

/* Like an answer on its way out: each slice that comes buys the time for the next.  Only what is
 * waited for here counts, not what the handler does in between. */
BIDE_WAITS static ssize_t read_in_time(bide_request *req, void *buf, size_t size)
{
    double start = bide_now();
    BIDE_TIMEOUT(limit, req->worker->serving->slow - req->waited);
    ssize_t got = bide__body_read(&req->body, req->exchange->stream, buf, size, BIDE_FOREVER);
    if (got < 0)
        return bide_scope_result(limit, (int)got);
    req->waited += bide_now() - start;
    req->slice += (size_t)got;
    if (req->slice >= SLICE) {
        req->slice = 0;
        req->waited = 0;
    }
    return got;
}

ssize_t bide__http1_read(bide_request *req, void *buf, size_t size)
{
    int rc = invite(req);
    if (rc < 0)
        return rc;
    ssize_t got = read_in_time(req, buf, size);
    if (req->body.done)
        bide__exchange_read_all(req);
    return got < 0 ? note_failure(req, (int)got) : got;
}

int bide__http1_read_whole(bide_request *req, size_t max)
{
    int rc = bide__whole_check(&req->whole, &req->body, max);
    if (rc < 0)
        return note_failure(req, rc);   /* nobody is invited to send that */
    if ((rc = invite(req)) < 0)
        return rc;
    BIDE_TIMEOUT(limit, req->worker->serving->slow);
    rc = bide__body_read_whole(&req->body, req->exchange->stream, &req->whole, max, BIDE_FOREVER);
    if (rc < 0)
        return note_failure(req, bide_scope_result(limit, rc));
    bide__exchange_read_all(req);
    return 0;
}
