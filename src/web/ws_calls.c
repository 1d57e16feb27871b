/* bide_route_ws(): the functions of a route, called in a task that is there only while there is
 * something to do. */
#include "web/ws_calls.h"

#include "base/memory.h"
#include "io/stream.h"
#include "web/connection.h"
#include "web/request.h"
#include "web/route.h"
#include "web/ws_accept.h"
#include "web/ws_in.h"
#include "web/ws_out.h"

#include <bide/error.h>
#include <bide/log.h>
#include <bide/respond.h>
#include <string.h>

/* What a route keeps. */
struct ws_route {
    struct bide_ws_opts opts;
    struct ws_settings settings;
    char *protocols, *origins;
};

/* ---- while it is parked ---- */

static ssize_t write_now(void *connection, const struct iovec *pieces, int count)
{
    return bide__connection_write_now(connection, pieces, count);
}

static void wake(void *connection)
{
    bide__connection_wake(connection);
}

static void write_peer(void *connection, char text[CLIENT_TEXT])
{
    bide__client_write(&((struct connection *)connection)->client, text);
}

static const struct ws_home home = { write_now, wake, write_peer };

/* ---- awake ---- */

static int told(struct bide_ws *ws, int rc)
{
    if (rc < 0 && rc != BIDE_EWS && rc != BIDE_ECANCELED && bide__ws_state(ws) > 0)
        bide_log(BIDE_LOG_WARNING, "WebSocket: %s", bide_errmsg());
    return rc;
}

/* waits: in the route's function */
static int call_message(struct bide_ws *ws, const struct bide_message *m)
{
    const struct bide_ws_calls *calls = ws->settings->calls;
    if (!calls->message)
        return 0;
    ws->flags |= WS_CALLING;
    int rc = calls->message(ws, ws->data, m);
    ws->flags &= (uint16_t)~WS_CALLING;
    if (rc >= 0)
        return 0;
    BIDE_KEEP_ERROR(held);
    return told(ws, rc);
}

static bool has_half(const struct bide_ws *ws)
{
    return ws->stream->begin < ws->stream->end || ws_in_is_open(ws);
}

/* A frame that has come by half holds the task, for as long as it may take to come. */
BIDE_WAITS static int serve(struct bide_ws *ws)
{
    struct bide_message m;
    for (;;) {
        int rc = bide__enter();
        if (rc == 0)
            rc = bide__ws_receive(ws, &m, has_half(ws));
        if (rc == BIDE_EAGAIN && has_half(ws))
            continue;           /* it has come just now */
        if (rc > 0)
            rc = call_message(ws, &m);
        if (rc < 0 || (ws->flags & WS_OVER && bide__ws_state(ws) <= 0))
            return rc;
        if (!bide__ws_may_look(ws))
            return BIDE_EAGAIN;
    }
}

/* Something is to be sent, or another task waits in the stream to send: it must not go. */
static bool holds_stream(const struct bide_ws *ws)
{
    return ws->out && (ws->out->busy || bide__ws_pending(ws) > 0);
}

int bide__ws_awake(struct bide_ws *ws)
{
    ws_enter(ws);
    ws->flags |= WS_READING;
    int rc = serve(ws);
    ws->flags &= (uint16_t)~WS_READING;
    while (rc == BIDE_EAGAIN && holds_stream(ws))
        rc = bide__ws_flush(ws, NULL, 0) < 0 ? 0 : BIDE_EAGAIN;
    if (rc == BIDE_EAGAIN && !(ws->flags & WS_ABORTED)) {
        bide__ws_rest(ws);
        bide__ws_leave(ws);
        return 1;
    }
    bide__ws_leave(ws);
    bide_ignore(bide__ws_end(ws, rc));
    return 0;
}

/* ---- a route ---- */

static void drop_route(void *arg)
{
    struct ws_route *route = arg;
    bide__free(route->protocols);
    bide__free(route->origins);
    bide__free(route);
}

/* What refuses the handshake has answered. */
/* waits: in the route's function */
static int open_ws(bide_request *req)
{
    const struct ws_route *route = bide__route_arg(req);
    const struct bide_ws_calls *calls = route->settings.calls;
    struct bide_ws *ws = bide__ws_accept_as(req, &route->opts, &route->settings);
    if (!ws)
        return bide_respond_given(req) ? 0 : bide_errcode();
    int rc = calls->open ? calls->open(ws, req, &ws->data) : 0;
    if (rc >= 0) {
        ws->flags |= WS_OPENED;
        return 0;
    }
    return told(ws, rc);
}

static bool copy(char **to, const char *text)
{
    *to = text ? bide__copy_text(text, strlen(text)) : NULL;
    return !text || *to;
}

static struct ws_route *new_route(const struct bide_ws_opts *opts)
{
    struct ws_route *route = bide__zalloc(sizeof *route);
    if (!route || !copy(&route->protocols, opts->protocols) ||
        !copy(&route->origins, opts->origins)) {
        if (route)
            drop_route(route);
        bide_fail(BIDE_ENOMEM, "out of memory for a route");
        return NULL;
    }
    route->opts = *opts;
    route->opts.protocols = route->protocols;
    route->opts.origins = route->origins;
    return route;
}

int bide_route_ws_opts(bide_app *app, const char *path, const struct bide_ws_opts *opts)
{
    struct ws_settings settings;
    if (!app)
        return bide_errcode();
    if (!opts->calls)
        return bide_fail(BIDE_EINVAL, "route_ws %s: no functions given", path);
    int rc = bide__ws_settings(&settings, opts, "route_ws");
    struct ws_route *route = rc == 0 ? new_route(opts) : NULL;
    if (!route)
        return bide_errcode();
    settings.is_server = true;
    settings.calls = opts->calls;
    settings.home = &home;
    route->settings = settings;
    const struct bide_route_opts how = { .abi_ = sizeof how, .fn = open_ws };
    return bide__route_add(app, "GET", path, &how, route, drop_route);
}
