/* A middleware for paths that are written a little differently from the routes': slashes too many,
 * one at the end too many or missing. */
#include "web/app.h"
#include "web/request.h"
#include "web/worker.h"

#include <string.h>

/* Appends a path with slashes in a row as one. */
static void write_merged(struct writer *w, struct text raw)
{
    for (size_t i = 0; i < raw.size; i++)
        if (raw.at[i] != '/' || i == 0 || raw.at[i - 1] != '/')
            writer_put(w, raw.at + i, 1);
}

static bool leads_somewhere(bide_request *req, struct text raw)
{
    struct path path;
    struct search s = {
        .path = &path, .method = req->head.method_known,
        .method_name = bide_request_method(req), .host = bide_request_host(req),
    };
    return bide__path_read(&path, &req->scratch, raw) == 0 &&
           bide__tree_find(&s, req->worker->app, 0);
}

/* The path that was meant, and the query as it came; NULL: there is none. */
static const char *find_meant(bide_request *req)
{
    struct writer w;
    bide__scratch_write(&req->scratch, &w);
    write_merged(&w, req->raw);
    writer_literal(&w, "/");            /* the longest that it can become */
    const char *query = strchr(req->target, '?');
    size_t size = w.size;
    writer_put(&w, query ? query : "", query ? strlen(query) + 1 : 1);
    if (w.code < 0)
        return NULL;
    bide__scratch_keep(&req->scratch, &w);
    bool has_slash = size > 2 && w.at[size - 2] == '/';
    struct text merged = text_of(w.at, size - 1);
    const struct text tries[] = {
        merged, text_of(w.at, has_slash ? size - 2 : size),
    };
    for (size_t i = 0; i < (size > 2 ? 2 : 1); i++) {
        bool same = tries[i].size == req->raw.size &&
                    memcmp(tries[i].at, req->raw.at, req->raw.size) == 0;
        if (same || !leads_somewhere(req, tries[i]))
            continue;
        memmove(w.at + tries[i].size, w.at + size, w.size - size);
        return w.at;
    }
    return NULL;
}

int bide_normalize_path(bide_request *req)
{
    if (req->refused != 404 || req->raw.size == 0)
        return bide_next(req);
    const char *meant = find_meant(req);
    if (meant && bide_respond_redirect(req, 308, meant) == 0)
        return 0;
    return bide_next(req);
}
