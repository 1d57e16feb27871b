/* cli/serve_echo.c -- `bide serve --echo`: what conformance suites talk to.
 *
 * A body goes back as it comes, piece by piece, with the length it came with, so that neither a
 * large nor an endless one takes memory.  Who asks for a WebSocket gets its messages back. */
#include "cli/serve.h"
#include <stdio.h>

enum { PIECE = 65536, MESSAGE_MAX = 64 << 20 };

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

static int echo_body(bide_request *req)
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

/* From whatever page: there is nothing to be had here but what one has sent oneself. */
BIDE_WAITS static int echo_messages(bide_request *req)
{
    const struct serve_options *options = bide_request_state(req);
    struct bide_message message;
    int rc;
    bide_ws *ws = bide_ws_accept(req, .deflate = options->deflate, .origins = "*",
                                 .message_max = MESSAGE_MAX);
    if (!ws)
        return bide_respond_given(req) ? 0 : bide_errcode();
    while ((rc = bide_ws_recv(ws, &message)) > 0)
        if ((rc = bide_ws_send(ws, &message)) < 0)
            break;
    return rc == BIDE_EWS || rc == BIDE_EEOF || rc == BIDE_ECLOSED ? 0 : rc;
}

static int echo(bide_request *req)
{
    return bide_ws_asked(req) ? echo_messages(req) : echo_body(req);
}

bide_app *serve_echo_app(const struct serve_options *options)
{
    bide_auto(app) app = bide_app_new((void *)(uintptr_t)options);
    return bide_route(app, "*", "/{path:*}", echo) < 0 ? NULL : bide_steal(app);
}
