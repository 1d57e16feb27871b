/* What a server keeps for its connections: spare requests, spare buffers, the date. */
#include "base/memory.h"
#include "web/peer.h"

#include <string.h>
#include <time.h>

struct bide_request *bide__server_request(struct server *server, struct peer *peer)
{
    struct bide_request *req = server->spare_requests;
    if (req) {
        server->spare_requests = req->next_spare;
        server->spare_request_count--;
    } else {
        req = bide__alloc(sizeof *req);
        if (!req)
            return NULL;
    }
    memset(req, 0, offsetof(struct bide_request, segments));
    req->segments.count = 0;
    req->peer = peer;
    bide__scratch_start(&req->scratch, req->space, sizeof req->space);
    bide__head_start(&req->head, HEAD_REQUEST, &server->limits);
    return req;
}

void bide__server_keep_request(struct server *server, struct bide_request *req)
{
    bide__request_end(req);
    if (server->spare_request_count == SERVER_SPARE_MAX) {
        bide__free(req);
        return;
    }
    req->next_spare = server->spare_requests;
    server->spare_requests = req;
    server->spare_request_count++;
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

struct out *bide__server_out(struct server *server)
{
    struct out *out = server->spare_outs;
    if (out) {
        server->spare_outs = out->next_spare;
        server->spare_out_count--;
    } else {
        out = bide__zalloc(sizeof *out);
        if (!out)
            return NULL;
        out->w.grow = grow;
    }
    return out;
}

void bide__server_keep_out(struct server *server, struct out *out)
{
    if (server->spare_out_count == SERVER_SPARE_MAX || out->w.room > OUT_KEEP) {
        bide__free(out->w.at);
        bide__free(out);
        return;
    }
    out->w.size = 0;
    out->w.code = 0;
    out->next_spare = server->spare_outs;
    server->spare_outs = out;
    server->spare_out_count++;
}

void bide__server_free_spares(struct server *server)
{
    while (server->spare_requests) {
        struct bide_request *req = server->spare_requests;
        server->spare_requests = req->next_spare;
        bide__free(req);
    }
    while (server->spare_outs) {
        struct out *out = server->spare_outs;
        server->spare_outs = out->next_spare;
        bide__free(out->w.at);
        bide__free(out);
    }
}

const char *bide__server_date(struct server *server)
{
    int64_t now = (int64_t)time(NULL);
    if (now != server->dated) {
        bide__date_write(server->date, now);
        server->dated = now;
    }
    return server->date;
}
