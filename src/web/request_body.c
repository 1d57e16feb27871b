/* Reading a request's body: the calls that wait. */
#include "web/exchange.h"

#include "core/park.h"

size_t bide__request_body_max(const bide_request *req)
{
    size_t own = req->route ? req->route->opts.body_max : 0;
    return own ? own : req->worker->serving->body_max;
}

ssize_t bide_request_read(bide_request *req, void *buf, size_t size)
{
    int rc = bide__enter();
    return rc < 0 ? rc : req->exchange->ops->read(req, buf, size);
}

/* What was read before is given without a look at anything else: also on a thread. */
/* waits: in the protocol */
int bide__request_read_whole(bide_request *req, size_t max)
{
    if (req->read_whole)
        return 0;
    int rc = bide__enter();
    if (rc == 0 && !req->body.done) {
        bide__whole_lend(&req->whole, &req->scratch, body_expected(&req->body));
        rc = req->exchange->ops->read_whole(req, max);
    }
    req->read_whole = rc == 0;
    return rc < 0 ? rc : 0;
}

const char *bide_request_text(bide_request *req, size_t *size)
{
    if (bide__request_read_whole(req, bide__request_body_max(req)) < 0)
        return NULL;
    if (size)
        *size = req->whole.size;
    return req->whole.text ? req->whole.text : "";
}
