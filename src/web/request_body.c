/* Reading a request's body: the calls that wait. */
#include "web/peer.h"

#include "core/park.h"

/* A client may wait to be told that its body is wanted, and for answers that are still here. */
BIDE_WAITS static int invite(bide_request *req)
{
    struct peer *peer = req->peer;
    struct text expect = head_get(&req->head, req->text, HEADER_EXPECT);
    if (req->body.done || bide_stream_buffered(peer->stream) > 0)
        return 0;
    if (expect.at && req->head.minor == 1 && !req->continued &&
        bide__text_is_caseless(expect, "100-continue")) {
        struct writer *w = bide__peer_out(peer);
        if (w)
            writer_literal(w, "HTTP/1.1 100 Continue\r\n\r\n");
        req->continued = true;
    }
    return bide__peer_flush(peer);
}

/* What to answer if the handler gives up because of this. */
static int note_failure(bide_request *req, int rc)
{
    req->status = rc == BIDE_ELIMIT ? 413 : rc == BIDE_ETIMEDOUT ? 408 : 400;
    if (rc == BIDE_ELIMIT)
        req->peer->linger = true;
    return rc;
}

/* Like an answer on its way out: each slice that comes buys the time for the next.  Only what is
 * waited for here counts, not what the handler does in between. */
BIDE_WAITS static ssize_t read_in_time(bide_request *req, void *buf, size_t size)
{
    double start = bide_now();
    BIDE_TIMEOUT(limit, req->peer->server->slow - req->waited);
    ssize_t got = bide__body_read(&req->body, req->peer->stream, buf, size, BIDE_FOREVER);
    if (got < 0)
        return bide_scope_result(limit, (int)got);
    req->waited += bide_now() - start;
    req->slice += (size_t)got;
    if (req->slice >= PEER_SLICE) {
        req->slice = 0;
        req->waited = 0;
    }
    return got;
}

size_t bide__request_body_max(const bide_request *req)
{
    return req->peer->server->body_max;
}

ssize_t bide_request_read(bide_request *req, void *buf, size_t size)
{
    int rc = bide__enter();
    if (rc == 0)
        rc = invite(req);
    if (rc < 0)
        return rc;
    ssize_t got = read_in_time(req, buf, size);
    return got < 0 ? note_failure(req, (int)got) : got;
}

const char *bide_request_text(bide_request *req, size_t *size)
{
    struct server *server = req->peer->server;
    if (bide__enter() < 0)
        return NULL;
    if (!req->read_whole && !req->body.done) {
        if (invite(req) < 0)
            return NULL;
        BIDE_TIMEOUT(limit, server->slow);
        int rc = bide__body_read_whole(&req->body, req->peer->stream, &req->whole,
                                       server->body_max, BIDE_FOREVER);
        if (rc < 0) {
            note_failure(req, bide_scope_result(limit, rc));
            return NULL;
        }
    }
    req->read_whole = true;
    if (size)
        *size = req->whole.size;
    return req->whole.text ? req->whole.text : "";
}
