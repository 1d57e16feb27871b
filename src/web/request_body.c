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
const char *bide_request_text(bide_request *req, size_t *size)
{
    if (!req->read_whole) {
        if (bide__enter() < 0)
            return NULL;
        size_t max = bide__request_body_max(req);
        if (!req->body.done && req->exchange->ops->read_whole(req, max) < 0)
            return NULL;
        req->read_whole = true;
    }
    if (size)
        *size = req->whole.size;
    return req->whole.text ? req->whole.text : "";
}
