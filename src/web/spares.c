/* What a worker keeps for its connections: spare requests and buffers. */
#include "base/memory.h"
#include "web/request.h"
#include "web/worker.h"

/* The head is cleared by who reads one. */
struct bide_request *bide__worker_request(struct bide_worker *worker)
{
    struct bide_request *req = worker->spare_requests;
    if (req) {
        worker->spare_requests = req->next_spare;
        worker->spare_request_count--;
    } else {
        req = bide__alloc(sizeof *req);
        if (!req)
            return NULL;
    }
    bide__clear(req, offsetof(struct bide_request, segments));
    req->segments.count = 0;
    req->worker = worker;
    bide__scratch_start(&req->scratch, req->space, sizeof req->space);
    return req;
}

void bide__worker_keep_request(struct bide_worker *worker, struct bide_request *req)
{
    bide__request_end(req);
    if (worker->spare_request_count == SPARE_MAX) {
        bide__free(req);
        return;
    }
    req->next_spare = worker->spare_requests;
    worker->spare_requests = req;
    worker->spare_request_count++;
}

static bool grow(struct writer *w, size_t more)
{
    if (more > SIZE_MAX / 4 || w->room > SIZE_MAX / 4)
        return false;
    size_t room = w->room * 2 > w->size + more ? w->room * 2 : w->size + more;
    char *at = bide__resize(w->at, room < 4096 ? 4096 : room);
    if (!at)
        return false;
    w->at = at;
    w->room = room < 4096 ? 4096 : room;
    return true;
}

struct out *bide__worker_out(struct bide_worker *worker)
{
    struct out *out = worker->spare_outs;
    if (out) {
        worker->spare_outs = out->next_spare;
        worker->spare_out_count--;
    } else {
        out = bide__zalloc(sizeof *out);
        if (!out)
            return NULL;
        out->w.grow = grow;
    }
    return out;
}

void bide__worker_keep_out(struct bide_worker *worker, struct out *out)
{
    if (worker->spare_out_count == SPARE_MAX || out->w.room > OUT_KEEP) {
        bide__free(out->w.at);
        bide__free(out);
        return;
    }
    out->w.size = 0;
    out->w.code = 0;
    out->next_spare = worker->spare_outs;
    worker->spare_outs = out;
    worker->spare_out_count++;
}

void bide__worker_free_spares(struct bide_worker *worker)
{
    while (worker->spare_requests) {
        struct bide_request *req = worker->spare_requests;
        worker->spare_requests = req->next_spare;
        bide__free(req);
    }
    while (worker->spare_outs) {
        struct out *out = worker->spare_outs;
        worker->spare_outs = out->next_spare;
        bide__free(out->w.at);
        bide__free(out);
    }
}
