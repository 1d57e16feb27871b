/* One try of a call: a connection from the pool, the request, the head of the reply.
 *
 * A kept connection may turn out to have been closed by the server just when the request was on its
 * way.  Then nobody has answered, and an idempotent request is sent again, once, over a new
 * connection in the same place of the pool.  Any request is, of which nothing was sent: the
 * connection was kept from an earlier loop, and ended with it. */
#include "http/call.h"

#include <stddef.h>

void bide__call_tell_queued(const struct route *route)
{
    const char *at = (const char *)route - offsetof(struct call, route);
    call_trace((const struct call *)(const void *)at, BIDE_TRACE_QUEUED, NULL, 0);
}

BIDE_WAITS static struct connection *take_in_time(struct call *call, bool careful)
{
    BIDE_TIMEOUT(limit, call->limits.pool);
    struct connection *c = bide__pool_take(&call->session->pool, &call->route, careful);
    if (!c && bide_scope_result(limit, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_within("pool");
    return c;
}

/* What the last try has spent, this one has not. */
static void forget_times(struct bide_report *report)
{
    report->pool = report->dns = report->connect = report->proxy = report->tls = 0;
    report->send = report->first_byte = 0;
}

/* A scope that never ends it would be entered for nothing. */
BIDE_WAITS static struct connection *take_connection(struct call *call)
{
    bool careful = !bide__method_is_idempotent(call->known);
    forget_times(&call->report);
    double start = call_now(call);
    call->phase = "pool";
    struct connection *c = call->limits.pool == BIDE_FOREVER
        ? bide__pool_take(&call->session->pool, &call->route, careful)
        : take_in_time(call, careful);
    call->report.pool = call_now(call) - start;
    return c;
}

/* The request could not be sent whole; the server may have said why before it closed. */
BIDE_WAITS static int read_refusal(struct call *call, struct connection *c, bool *silent)
{
    struct bide_error sending = bide_error_held_();
    int rc = bide__call_read_reply(call, c, silent);
    call->response->keep_alive = false;
    if (rc >= 0 || rc == BIDE_ECANCELED)
        return rc;
    bide_error_restore_(&sending);
    return sending.code;
}

/* May a request that failed on a kept connection be sent again? */
enum again { NO, IF_IDEMPOTENT, YES };

/* The request goes out and the reply's head comes back. */
BIDE_WAITS static int exchange(struct call *call, struct connection *c, enum again *again)
{
    bool silent = false;
    struct text head;
    double start = call_now(call);
    int rc = bide__call_write_head(call, c->host, &head);
    if (rc < 0)
        return rc;
    rc = bide__call_send(call, c, head);
    *again = rc == BIDE_ECLOSED ? YES : NO;
    if (rc == -EPIPE || rc == -ECONNRESET)
        rc = read_refusal(call, c, &silent);
    else if (rc >= 0)
        rc = bide__call_read_reply(call, c, &silent);
    if (rc < 0 && silent)
        *again = IF_IDEMPOTENT;
    call->report.first_byte = call_now(call) - start;
    return rc;
}

BIDE_WAITS static int exchange_again(struct call *call, struct connection *c)
{
    enum again unused;
    bide__pool_renew(c);
    call->report.reused = false;
    int rc = bide__call_rewind_body(call);
    if (rc == 0)
        rc = bide__call_connect(call, c);
    return rc < 0 ? rc : exchange(call, c, &unused);
}

BIDE_WAITS static int run(struct call *call, struct connection *c)
{
    enum again again = NO;
    call->report.reused = c->reused;
    if (c->reused) {
        call_trace(call, BIDE_TRACE_REUSED, NULL, 0);
        bide__call_note_remote(call, c->stream);
    }
    int rc = c->stream ? 0 : bide__call_connect(call, c);
    if (rc == 0)
        rc = exchange(call, c, &again);
    if (rc == 0 || again == NO || !c->reused)
        return rc;
    if (again == IF_IDEMPOTENT && call->policy.no_resend)
        return rc;
    if (again == IF_IDEMPOTENT && !bide__method_is_idempotent(call->known))
        return rc;
    if (!call_can_resend(call))
        return rc;
    return exchange_again(call, c);
}

BIDE_WAITS static int try_once(struct call *call)
{
    bide_response *r = call->response;
    struct connection *c = take_connection(call);
    if (!c)
        return bide_errcode();
    int rc = run(call, c);
    if (rc < 0) {
        bide__pool_give(c, false);
        return rc;
    }
    r->connection = c;
    return r->body.done ? bide__response_finish(r) : 0;
}

/* Is there something to say that the server wants to hear before it does what was asked? */
static bool is_to_be_said_again(struct call *call)
{
    bool refused = call->response->head.status == 417 && call_expects(call);
    call->unexpected |= refused;
    return (refused || bide__call_is_challenged(call)) && call_can_resend(call);
}

int bide__call_try(struct call *call)
{
    call->refused = 0;
    for (;;) {
        int rc = bide__call_find_credentials(call);
        if (rc == 0)
            rc = try_once(call);
        if (rc < 0 || !is_to_be_said_again(call))
            return rc;
        rc = bide__call_renew(call, NULL);
        if (rc < 0)
            return rc;
    }
}
