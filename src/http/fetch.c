/* bide_fetch(): tries until one succeeds, none may follow, or the time is over. */
#include "http/call.h"
#include "http/timeouts.h"

#include <bide/run.h>
#include <bide/task.h>

#include <string.h>

/* Makes the response ready for another try. */
static int forget_try(struct call *call)
{
    bide_response *old = call->response, *r = bide__response_new(call->session);
    if (!r)
        return BIDE_ENOMEM;
    r->asked = old->asked;
    call->response = r;
    bide_response_close(old);
    return bide__call_read_url(call);
}

BIDE_WAITS static int run_tries(struct call *call)
{
    const struct bide_fetch_opts *o = call->opts;
    for (;;) {
        int rc = bide__call_try(call);
        unsigned attempt = ++call->report.attempts;
        if (attempt > (unsigned)o->retries || !bide__call_may_retry(call, rc))
            return rc;
        double delay = bide__call_retry_delay(call, attempt);
        if (delay < 0)
            return rc;
        if (bide_time_left() <= delay)
            return rc;          /* no time for another: this one's result stands */
        call->phase = "retry";
        rc = forget_try(call);
        if (rc == 0)
            rc = bide_sleep(delay);
        if (rc < 0)
            return rc;
    }
}

BIDE_WAITS static int run_timed(struct call *call)
{
    struct visit visit;
    BIDE_TIMEOUT(total, call->limits.total);
    bide__session_enter(call->session, &visit, total);
    int rc = run_tries(call);
    rc = bide__session_leave(call->session, &visit, rc);
    if (rc == BIDE_ECANCELED && bide_scope_result(total, rc) == BIDE_ETIMEDOUT)
        rc = bide_fail(BIDE_ETIMEDOUT, "%s: timed out after %g s in all", call->phase,
                       call->limits.total);
    return rc;
}

static int check_options(const struct bide_fetch_opts *o, const char *method)
{
    if (!o->url || !method)
        return bide_fail(BIDE_EINVAL, "fetch: no %s given", o->url ? "method" : "URL");
    if (o->retries < 0)
        return bide_fail(BIDE_EINVAL, "fetch %.100s: retries is negative", o->url);
    if (!o->data && o->data_size > 0)
        return bide_fail(BIDE_EINVAL, "fetch %.100s: data_size without data", o->url);
    if (strcmp(method, "CONNECT") == 0)
        return bide_fail(BIDE_EINVAL, "fetch %.100s: CONNECT is not for fetching", o->url);
    return 0;
}

double bide__call_now(const struct call *call)
{
    return call->opts->report ? bide_now() : 0;
}

BIDE_WAITS static int run_call(struct call *call, double start)
{
    int rc = bide__call_read_url(call);
    if (rc == 0)
        rc = run_timed(call);
    bide_response *r = call->response;
    call->report.total = bide__call_now(call) - start;
    r->total = call->limits.total;
    r->deadline = call->limits.total == BIDE_FOREVER ? BIDE_FOREVER : start + call->limits.total;
    r->idle = call->limits.idle;
    r->body_max = call->opts->body_max ? call->opts->body_max : call->session->body_max;
    return rc;
}

bide_response *bide_fetch_opts(bide_session *s, const char *method,
                               const struct bide_fetch_opts *opts)
{
    if (!s || check_options(opts, method) < 0)
        return NULL;
    struct call call = { .session = s, .opts = opts, .method = text_of(method, strlen(method)) };
    if (bide__timeouts_merge(&call.limits, &s->timeouts, &opts->timeouts, opts->timeout) < 0)
        return NULL;
    call.known = bide__method_of(call.method);
    call.response = bide__response_new(s);
    if (!call.response)
        return NULL;
    call.response->asked = (uint8_t)call.known;
    int rc = run_call(&call, bide_now());
    if (opts->report)
        *opts->report = call.report;
    if (rc == 0)
        return call.response;
    bide__response_within(call.response);
    bide_response_close(call.response);
    return NULL;
}
