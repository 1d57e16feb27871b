/* cli/serve_echo.c -- `bide serve --echo`: what a conformance suite talks to.
 *
 * A body goes back as it comes, piece by piece, with the length it came with, so that neither a
 * large nor an endless one takes memory. */
#include "cli/serve.h"
#include <stdio.h>

enum { PIECE = 65536 };

static int add_headers(bide_request *req)
{
    char length[32];
    const char *type = bide_request_header(req, "Content-Type");
    if (bide_respond_header(req, "Content-Type", type ? type : "application/octet-stream") < 0)
        return bide_errcode();
    if (bide_request_length(req) < 0)
        return 0;
    snprintf(length, sizeof length, "%lld", (long long)bide_request_length(req));
    return bide_respond_header(req, "Content-Length", length);
}

static int echo(bide_request *req)
{
    char *piece = bide_request_alloc(req, PIECE);
    if (!piece || add_headers(req) < 0 || bide_respond_start(req, 200) < 0)
        return bide_errcode();
    for (;;) {
        ssize_t got = bide_request_read(req, piece, PIECE);
        if (got <= 0)
            return (int)got;
        int rc = bide_respond_write(req, piece, (size_t)got);
        if (rc < 0)
            return rc;
    }
}

bide_app *serve_echo_app(const struct serve_options *options)
{
    (void)options;
    bide_auto(app) app = bide_app_new(NULL);
    return bide_route(app, "*", "/{path:*}", echo) < 0 ? NULL : bide_steal(app);
}
