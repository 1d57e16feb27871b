/* How a WebSocket ends: by handshake (RFC 6455, section 7), by a peer that breaks the rules, by its
 * owner, or with the application.
 *
 * What is said last has to arrive.  Bytes that have come and are not read would make TCP forget it,
 * so after a failure the peer's are read for a while, and dropped. */
#include "web/ws_out.h"

#include "http/ws_utf8.h"
#include "io/stream.h"

#include <bide/error.h>
#include <bide/scope.h>
#include <bide/task.h>

#include <string.h>

static const double LONG_SECONDS = 1e9;

/* ---- saying it ---- */

/* Puts our close frame behind what waits to be sent; once. */
static int say_close(struct bide_ws *ws, int code, const char *reason, size_t size)
{
    char payload[WS_CONTROL_MAX];
    if (ws->flags & (WS_SAID_CLOSE | WS_MUTE | WS_ABORTED))
        return 0;
    size = bide__ws_close_write(payload, code, reason, size < WS_REASON_MAX ? size : WS_REASON_MAX);
    int rc = bide__ws_put(ws, WS_CLOSE, true, payload, size);
    if (rc == 0)
        ws->flags |= WS_SAID_CLOSE;
    return rc;
}

static void say_close_now(struct bide_ws *ws, int code, const char *reason, size_t size)
{
    size_t left;
    BIDE_KEEP_ERROR(held);
    if (say_close(ws, code, reason, size) == 0)
        bide_ignore(bide__ws_flush_now(ws, &left));
}

int bide__ws_refuse(struct bide_ws *ws, int code, const char *why)
{
    ws->flags |= WS_BROKE_RULES;
    if (!ws->code)
        ws->code = WS_LOST;
    say_close_now(ws, code, why, strlen(why));
    return bide_fail(BIDE_EWS, "%s", why);
}

/* ---- hearing it ---- */

static void keep_reason(struct bide_ws *ws, const struct ws_close *c)
{
    struct ws_facts *facts = c->reason_size > 0 ? bide__ws_facts(ws) : NULL;
    if (!facts)
        return;                 /* without memory there is no reason */
    memcpy(facts->reason, c->reason, c->reason_size);
    facts->reason[c->reason_size] = '\0';
}

int bide__ws_take_close(struct bide_ws *ws, const char *payload, size_t size)
{
    struct ws_close c;
    const char *why;
    int wrong = bide__ws_close_read(&c, payload, size, &why);
    if (wrong)
        return bide__ws_refuse(ws, wrong, why);
    ws->flags |= WS_HEARD_CLOSE;
    ws->code = (uint16_t)c.code;
    keep_reason(ws, &c);
    say_close_now(ws, c.code, NULL, 0);
    return 0;
}

int bide__ws_state(const struct bide_ws *ws)
{
    if (ws->flags & WS_HEARD_CLOSE)
        return 0;
    if (ws->flags & WS_BROKE_RULES)
        return bide_fail(BIDE_EWS, "the peer has broken the rules");
    if (ws->flags & WS_STOPPING && ws->flags & (WS_ABORTED | WS_ENDED))
        return 0;
    if (ws->flags & WS_SILENT)
        return bide_fail(BIDE_ETIMEDOUT, "the peer has been silent for %g s",
                         2 * ws->settings->heartbeat);
    if (ws->flags & WS_ABORTED)
        return bide_fail(BIDE_ECLOSED, "closed");
    if (ws->flags & WS_ENDED)
        return bide_fail(BIDE_EEOF, "the peer has left without closing");
    return 1;
}

/* ---- cutting it ---- */

void bide__ws_cut(struct bide_ws *ws)
{
    if (ws->flags & WS_ABORTED)
        return;
    ws->flags |= WS_ABORTED | WS_MUTE;
    if (!ws->code)
        ws->code = WS_LOST;
    if (ws->out)
        bide__ws_out_abort(ws->out);
    if (ws->stream)
        bide_stream_abort(ws->stream);
    else if (ws->connection)
        ws->settings->home->wake(ws->connection);
}

void bide_ws_abort(bide_ws *ws)
{
    if (ws)
        bide__ws_cut(ws);
}

static void take_too_long(struct alarm *alarm)
{
    struct ws_facts *facts = (struct ws_facts *)(void *)alarm;
    bide__ws_cut(facts->ws);
}

/* Cuts it if the peer has not closed by then, whoever waits for that. */
static void limit_closing(struct bide_ws *ws)
{
    struct ws_facts *facts = bide__ws_facts(ws);
    if (!facts) {
        bide__ws_cut(ws);
        return;
    }
    facts->alarm.fn = take_too_long;
    double seconds = ws->settings->close_timeout;
    bide__alarm_set(&facts->alarm, bide__loop()->looked_ns +
                    (int64_t)((seconds < LONG_SECONDS ? seconds : LONG_SECONDS) * 1e9));
}

void bide__ws_cut_off(struct bide_ws *ws)
{
    bide__ws_drop_packets(ws);
    say_close_now(ws, WS_POLICY, "too slow", 8);
    limit_closing(ws);
}

void bide__ws_stopping(struct bide_ws *ws)
{
    ws->flags |= WS_STOPPING;
    if (ws->flags & (WS_SAID_CLOSE | WS_HEARD_CLOSE | WS_BROKE_RULES | WS_ABORTED))
        return;
    say_close_now(ws, WS_GOING_AWAY, NULL, 0);
    limit_closing(ws);
}

/* ---- the handshake ---- */

/* What the peer says is dropped until it has closed; a client waits for the server's end. */
BIDE_WAITS static int await_close(struct bide_ws *ws)
{
    struct bide_message m;
    const char *data;
    int rc;
    while ((rc = bide__ws_receive(ws, &m, true)) > 0)
        continue;
    if (rc < 0 || ws->settings->is_server)
        return rc;
    for (ssize_t n; (n = bide_stream_peek(ws->stream, &data)) > 0;)
        bide_stream_consume(ws->stream, (size_t)n);
    return 0;
}

BIDE_WAITS static int close_in_time(struct bide_ws *ws)
{
    BIDE_TIMEOUT(limit, ws->settings->close_timeout);
    int rc = bide__ws_flush(ws, NULL, 0);
    if (rc != BIDE_ECANCELED)
        rc = await_close(ws);   /* it may have closed before we could say it */
    rc = bide_scope_result(limit, rc);
    if (rc != BIDE_ETIMEDOUT)
        return rc;
    bide__ws_cut(ws);
    return ws->flags & WS_HEARD_CLOSE ? 0 :
           bide_fail(rc, "the peer has not closed for %g s", ws->settings->close_timeout);
}

BIDE_WAITS static int finish(struct bide_ws *ws, int code, const char *reason)
{
    int rc = bide__enter();
    if (rc < 0 || ws->flags & (WS_BROKE_RULES | WS_ABORTED))
        return rc < 0 ? rc : bide__ws_state(ws);
    rc = say_close(ws, code, reason, reason ? strlen(reason) : 0);
    if (rc < 0)
        return rc;
    if (ws->flags & WS_READING) {
        limit_closing(ws);
        return bide__ws_flush(ws, NULL, 0);
    }
    ws->flags |= WS_READING;
    rc = close_in_time(ws);
    ws->flags &= (uint16_t)~WS_READING;
    return rc;
}

static int check_close(int code, const char *reason)
{
    if (!bide__ws_code_is(code) || code == WS_PROTOCOL)
        return bide_fail(BIDE_EINVAL, "finish: %d is no code to close with", code);
    size_t size = reason ? strlen(reason) : 0;
    if (size > WS_REASON_MAX || !bide__ws_utf8_is(reason, size))
        return bide_fail(BIDE_EINVAL, "finish: a reason is up to %d bytes of UTF-8", WS_REASON_MAX);
    return 0;
}

int bide_ws_finish(bide_ws *ws, int code, const char *reason)
{
    if (!ws)
        return bide_errcode();
    int rc = check_close(code, reason);
    if (rc < 0)
        return rc;
    ws_enter(ws);
    rc = finish(ws, code, reason);
    bide__ws_leave(ws);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("WebSocket") : rc;
}

/* ---- the end of a server's ---- */

/* Reads and drops, so that our close frame is not lost with what the peer has sent meanwhile. */
BIDE_WAITS static int linger(struct bide_ws *ws)
{
    const char *data;
    BIDE_TIMEOUT(limit, ws->settings->close_timeout);
    int rc = bide__ws_flush(ws, NULL, 0);
    if (rc == 0)
        rc = bide_write_end(ws->stream);
    for (size_t total = 0; rc == 0 && total < WS_LINGER_MAX;) {
        ssize_t n = bide_stream_peek(ws->stream, &data);
        if (n <= 0)
            return (int)n;
        bide_stream_consume(ws->stream, (size_t)n);
        total += (size_t)n;
    }
    return rc;
}

BIDE_WAITS static int say_goodbye(struct bide_ws *ws, int rc)
{
    int code = rc == BIDE_EWS ? WS_POLICY : rc < 0 ? WS_FAILED : WS_NORMAL;
    if (ws->flags & WS_BROKE_RULES)
        return linger(ws);
    if (rc == BIDE_ECANCELED || bide_cancelled()) {
        say_close_now(ws, WS_GOING_AWAY, NULL, 0);
        return 0;
    }
    if (bide__ws_state(ws) > 0)
        return finish(ws, code, NULL);
    return bide__ws_flush(ws, NULL, 0);
}

/* Nobody may be inside when the stream goes. */
BIDE_WAITS static int await_others(struct bide_ws *ws)
{
    BIDE_SHIELD(shelter, BIDE_FOREVER);         /* they have been told, and are on their way */
    while (ws->inside > 1 && bide_yield() == 0)
        continue;
    return 0;
}

/* waits: in the route's function */
static void tell_closed(struct bide_ws *ws)
{
    const struct bide_ws_calls *calls = ws->settings->calls;
    if (calls && calls->closed && ws->flags & WS_OPENED)
        calls->closed(ws, ws->data, ws->code);
}

int bide__ws_end(struct bide_ws *ws, int rc)
{
    BIDE_KEEP_ERROR(held);
    ws_enter(ws);
    if (ws->stream)
        bide_ignore(say_goodbye(ws, rc));
    bide__ws_cut(ws);
    bide_ignore(await_others(ws));
    ws->stream = NULL;
    tell_closed(ws);
    bide__ws_free(ws);
    bide__ws_leave(ws);
    return rc;
}
