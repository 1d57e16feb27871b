/* A WebSocket's life, and what it tells without waiting. */
#include "web/ws.h"

#include "base/memory.h"
#include "web/hub.h"
#include "web/request.h"
#include "web/ws_beat.h"
#include "web/ws_in.h"
#include "web/ws_out.h"

#include <bide/error.h>
#include <bide/json.h>
#include <bide/run.h>

#include <math.h>
#include <string.h>

enum { CLOSE_SECONDS = 10, WRITE_SECONDS = 75, FRAME_SECONDS = 30 };

/* ---- settings ---- */

static const double BEAT_LEAST = 0.001;

static bool is_time(double seconds)
{
    return seconds >= 0;        /* not NaN either */
}

int bide__ws_settings(struct ws_settings *s, const struct bide_ws_opts *o, const char *who)
{
    if (!is_time(o->heartbeat) || !is_time(o->close_timeout) || !is_time(o->write_timeout) ||
        !is_time(o->frame_timeout) || !is_time(o->timeout))
        return bide_fail(BIDE_EINVAL, "%s: a time is negative, or not a number", who);
    if (o->message_max > UINT32_MAX && o->message_max != BIDE_UNLIMITED)
        return bide_fail(BIDE_EINVAL, "%s: message_max is more than 4 GiB", who);
    *s = (struct ws_settings){
        .message_max = o->message_max == BIDE_UNLIMITED ? UINT32_MAX :
                       o->message_max ? o->message_max : BIDE_WS_MESSAGE_MAX,
        .heartbeat = isinf(o->heartbeat) ? 0 :
                     o->heartbeat > 0 ? fmax(o->heartbeat, BEAT_LEAST) : 0,
        .close_timeout = o->close_timeout > 0 ? o->close_timeout : CLOSE_SECONDS,
        .write_timeout = o->write_timeout > 0 ? o->write_timeout : WRITE_SECONDS,
        .frame_timeout = o->frame_timeout,
    };
    return 0;
}

/* ---- its life ---- */

static int set_up(struct bide_ws *ws, const struct ws_params *params)
{
    if (params && params->deflate) {
        ws->deflate = bide__ws_deflate_new(params, ws->settings->is_server);
        if (!ws->deflate)
            return bide_fail(BIDE_ENOMEM, "out of memory for a WebSocket");
    }
    bide_stream_line_max(ws->stream, BIDE_LINE_MAX);
    return bide__ws_beat(ws);
}

static struct bide_ws *begin(struct bide_ws *ws, bide_stream *stream,
                             const struct ws_settings *settings, const struct ws_params *params)
{
    if (!ws) {
        bide_fail(BIDE_ENOMEM, "out of memory for a WebSocket");
        return NULL;
    }
    ws->stream = stream;
    ws->settings = settings;
    ws->frame_timeout = settings->frame_timeout > 0 ? (float)settings->frame_timeout
                                                    : (float)FRAME_SECONDS;
    if (set_up(ws, params) == 0)
        return ws;
    bide__ws_deflate_free(ws->deflate);
    bide__free(ws);
    return NULL;
}

struct bide_ws *bide__ws_new(bide_stream *stream, const struct ws_settings *settings,
                             const struct ws_params *params)
{
    return begin(bide__zalloc(sizeof(struct bide_ws)), stream, settings, params);
}

struct bide_ws *bide__ws_new_own(bide_stream *stream, const struct bide_ws_opts *opts,
                                 bool is_server, const struct ws_params *params)
{
    struct { struct bide_ws ws; struct ws_settings settings; } *both = bide__zalloc(sizeof *both);
    if (both && bide__ws_settings(&both->settings, opts, "WebSocket") < 0) {
        bide__free(both);
        return NULL;
    }
    if (both)
        both->settings.is_server = is_server;
    return begin(both ? &both->ws : NULL, stream, both ? &both->settings : NULL, params);
}

struct ws_facts *bide__ws_facts(struct bide_ws *ws)
{
    if (ws->facts)
        return ws->facts;
    ws->facts = bide__zalloc(sizeof *ws->facts);
    if (ws->facts)
        ws->facts->ws = ws;
    else
        bide_fail(BIDE_ENOMEM, "out of memory for a WebSocket");
    return ws->facts;
}

static void free_facts(struct ws_facts *facts)
{
    if (!facts)
        return;
    bide__alarm_clear(&facts->alarm);
    bide_json_free(facts->json);
    bide__free(facts->protocol);
    bide__free(facts->remote);
    bide__free(facts);
}

static void destroy(struct bide_ws *ws)
{
    bide__ws_out_free(ws);
    bide__ws_in_free(ws);
    bide__ws_deflate_free(ws->deflate);
    free_facts(ws->facts);
    bide__free(ws);
}

void bide__ws_leave(struct bide_ws *ws)
{
    if (--ws->inside == 0 && ws->flags & WS_CLOSED)
        destroy(ws);
}

void bide__ws_free(struct bide_ws *ws)
{
    bide__hub_forget(ws);
    bide__ws_beat_end(ws);
    if (ws->facts)
        bide__alarm_clear(&ws->facts->alarm);
    if (ws->inside == 0)
        destroy(ws);
    else
        ws->flags |= WS_CLOSED;
}

void bide_ws_close(bide_ws *ws)
{
    if (!ws)
        return;
    BIDE_KEEP_ERROR(held);
    bide_stream *stream = ws->stream;
    bide__ws_cut(ws);
    ws->stream = NULL;
    if (ws->facts && ws->facts->owns_stream)
        bide_stream_close(stream);
    bide__ws_free(ws);
}

/* ---- what it tells ---- */

int bide_ws_close_code(const bide_ws *ws)
{
    return ws ? ws->code : 0;
}

const char *bide_ws_close_reason(const bide_ws *ws)
{
    return ws && ws->facts ? ws->facts->reason : "";
}

const char *bide_ws_protocol(const bide_ws *ws)
{
    return ws && ws->facts && ws->facts->protocol ? ws->facts->protocol : "";
}

bool bide_ws_deflates(const bide_ws *ws)
{
    return ws && ws->deflate;
}

bide_request *bide_ws_request(const bide_ws *ws)
{
    return ws ? ws->request : NULL;
}

double bide_ws_silence(const bide_ws *ws)
{
    if (!ws || !bide__loop())
        return 0;
    double since = bide_now() - (double)ws->heard_ns * 1e-9;
    return ws->flags & WS_PINGED ? since + ws->settings->heartbeat : since;
}

/* The address of a stream's peer, without its port. */
static struct text stream_remote(bide_stream *stream)
{
    const char *peer = bide_stream_peer(stream), *colon = strrchr(peer, ':');
    size_t size = colon ? (size_t)(colon - peer) : strlen(peer);
    bool bracketed = size > 1 && peer[0] == '[' && peer[size - 1] == ']';
    return text_of(peer + bracketed, size - 2u * bracketed);
}

/* What the request says, which a trusted proxy may have told; the connection's own behind that. */
static const char *remote_of(struct bide_ws *ws)
{
    char space[CLIENT_TEXT];
    struct text remote = text_of("", 0);
    struct ws_facts *facts = bide__ws_facts(ws);
    if (!facts || facts->remote)
        return facts ? facts->remote : "";
    if (ws->request) {
        remote = text_from(bide_request_remote(ws->request));
    } else if (ws->connection) {
        ws->settings->home->peer(ws->connection, space);
        remote = text_from(space);
    } else if (ws->stream) {
        remote = stream_remote(ws->stream);
    }
    facts->remote = bide__copy_text(remote.at, remote.size);
    return facts->remote ? facts->remote : "";
}

const char *bide_ws_remote(const bide_ws *ws)
{
    if (!ws)
        return "";
    return remote_of((struct bide_ws *)(uintptr_t)ws);
}
