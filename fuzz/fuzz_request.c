/* A request as the server takes it: head, path, query, route and what a handler can ask.  Whatever
 * came, texts end where they should, and nothing decoded holds a NUL of its own. */
#include "fuzz.h"

#include "http/percent.h"
#include "web/app.h"
#include "web/request.h"

#include <string.h>

static int never(bide_request *req)
{
    (void)req;
    return 0;
}

static void check_pairs(const struct bide_pair *pairs, unsigned count)
{
    unsigned seen = 0;
    for (; pairs->name; pairs++, seen++)
        MUST(pairs->value && strlen(pairs->name) < 65536 && strlen(pairs->value) < 65536);
    MUST(seen == count);
}

static bide_app *make_app(void)
{
    static const char *const paths[] = { "/{a}", "/{a}/x/{b}", "/", "/v{a:[0-9]+}.x", "/r/{a:*}" };
    bide_app *app = bide_app_new(NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        MUST(bide_route(app, "*", paths[i], never) == 0);
    return app;
}

static void check_route(bide_request *req)
{
    static bide_app *app;
    if (!app)
        app = make_app();
    req->remote = "";           /* its origin is known: there is no connection to ask */
    req->scheme = "http";
    req->refused = bide__route_find_in(req, app);
    MUST(req->refused == 0 || req->refused == 204 || req->refused == 400 || req->refused == 404 ||
         req->refused == 414 || req->refused == 421);
    MUST(!req->refused == (req->route != NULL));
    const char *a = bide_request_param(req, "a");
    MUST(!req->route || !a == (req->route->path[1] == '\0'));
    MUST(!bide_request_param(req, "no"));
}

static void ask(bide_request *req)
{
    check_pairs(bide_request_headers(req), req->head.count);
    MUST(strlen(bide_request_method(req)) == req->head.method_size);
    const char *path = bide_request_path(req);
    MUST(req->raw.size == 0 ? *path == '\0' : *path == '/');
    MUST(bide_request_path(req) == path);
    const char *q = bide_request_query(req, "q");
    MUST(!q || strlen(q) < 65536);
    MUST(!bide_request_header(req, "host") || req->head.first[HEADER_HOST]);
    check_route(req);
}

/* What was encoded is decoded to the same. */
static void check_percent(const char *text, size_t size)
{
    char *out = malloc(3 * size + 1);
    struct writer w = { .at = out, .room = 3 * size + 1 };
    if (!out)
        return;
    bide__percent_write(&w, text_of(text, size));
    ssize_t back = bide__percent_decode(out, text_of(out, w.size), true);
    MUST(memchr(text, '\0', size) ? back == -1
                                  : back == (ssize_t)size && memcmp(out, text, size) == 0);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bide_request req;
    const char *text = (const char *)data;
    memset(&req, 0, offsetof(struct bide_request, segments));
    req.segments.count = 0;
    bide__scratch_start(&req.scratch, req.space, sizeof req.space);
    bide__head_start(&req.head, HEAD_REQUEST, NULL);
    if (bide__head_parse(&req.head, text, size) > 0) {
        int status = bide__request_read(&req, text);
        MUST(status == 0);
        if (status == 0)
            ask(&req);
    }
    bide__request_end(&req);
    check_percent(text, size);
    return 0;
}
