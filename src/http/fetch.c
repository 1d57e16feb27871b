/* bide_fetch(): requests, one after the other, until one is answered where nothing leads on, or
 * none may follow, or the time is over. */
#include "http/call.h"

#include "base/inline.h"
#include "base/memory.h"
#include "http/timeouts.h"
#include "http/upgrade.h"

#include <bide/task.h>

#include <string.h>

BIDE_WAITS static int follow(struct call *call)
{
    for (;;) {
        int rc = bide__call_tries(call);
        if (rc < 0 || !bide__call_is_redirected(call))
            return rc;
        rc = bide__call_redirect(call);
        if (rc < 0)
            return rc;
    }
}

BIDE_WAITS static int run_timed(struct call *call)
{
    struct visit visit;
    BIDE_TIMEOUT(total, call->limits.total);
    bide__session_enter(call->session, &visit, total);
    int rc = follow(call);
    rc = bide__session_leave(call->session, &visit, rc);
    if (rc == BIDE_ECANCELED && bide_scope_result(total, rc) == BIDE_ETIMEDOUT)
        rc = bide_fail(BIDE_ETIMEDOUT, "%s: timed out after %g s in all", call->phase,
                       call->limits.total);
    if (rc == BIDE_ETIMEDOUT)
        bide__timeouts_explain(&call->report, call->phase);
    return rc;
}

/* ---- options ---- */

/* Why these options will not do; NULL: they will. */
static const char *judge_options(const struct bide_fetch_opts *o, const char *method)
{
    if (!o->url || !method)
        return o->url ? "no method given" : "no URL given";
    if (o->retries < 0 || o->retry.retries < 0)
        return "retries is negative";
    if (o->redirect_max < 0)
        return "redirect_max is negative";
    if (!o->data && o->data_size > 0)
        return "data_size without data";
    return strcmp(method, "CONNECT") == 0 ? "CONNECT is not for fetching" : NULL;
}

static int check_options(const struct bide_fetch_opts *o, const char *method)
{
    const char *why = judge_options(o, method);
    return why ? bide_fail(BIDE_EINVAL, "fetch: %s", why) : 0;
}

/* The session's policy, with what the call says about it. */
static struct bide_retry_policy merge_policy(const struct bide_retry_policy *under,
                                             const struct bide_fetch_opts *o)
{
    const struct bide_retry_policy *over = &o->retry;
    struct bide_retry_policy policy = *under;
    if (o->retries || over->retries)
        policy.retries = o->retries ? o->retries : over->retries;
    policy.delay = over->delay != 0 ? over->delay : under->delay;
    policy.cap = over->cap != 0 ? over->cap : under->cap;
    policy.jitter = over->jitter != 0 ? over->jitter : under->jitter;
    policy.all_methods |= over->all_methods;
    policy.no_resend |= over->no_resend;
    if (over->statuses)
        policy.statuses = over->statuses;
    if (over->judge) {
        policy.judge = over->judge;
        policy.arg = over->arg;
    }
    return policy;
}

static int prepare(struct call *call)
{
    bide_session *s = call->session;
    const struct bide_fetch_opts *o = call->opts;
    int rc = bide__timeouts_merge(&call->limits, &s->o.timeouts, &o->timeouts, o->timeout);
    if (rc < 0)
        return rc;
    call->policy = merge_policy(&s->o.retry, o);
    call->known = bide__method_of(call->method);
    call->number = ++s->calls;
    call->precise = o->report || s->o.trace;
    call->last_hop = &call->hops;
    call->start = bide_now();
    return bide__call_new_response(call);
}

/* ---- the whole ---- */

int bide__call_new_response(struct call *call)
{
    double total = call->limits.total;
    bide_response *r = bide__response_new(call->session);
    if (!r)
        return BIDE_ENOMEM;
    r->asked = (uint8_t)call->known;
    r->call = call->number;
    r->total = total;
    r->deadline = total == BIDE_FOREVER ? BIDE_FOREVER : call->start + total;
    r->idle = call->limits.idle;
    r->body_max = call->opts->body_max ? call->opts->body_max : call->session->o.body_max;
    r->no_decoding = call->opts->no_decoding || call->session->o.no_decoding;
    call->response = r;
    return 0;
}

static int finish(struct call *call)
{
    bide_response *r = call->response;
    if (bide__response_keep_history(r, call->hops) < 0)
        return BIDE_ENOMEM;
    if ((call->opts->raise_for_status || call->session->o.raise_for_status) &&
        r->head.status >= 400)
        return bide_fail(BIDE_EHTTP, "%d %.80s", r->head.status, bide_response_reason(r));
    return 0;
}

/* What is told of a URL is without its password. */
COLD static void tell_start(struct call *call)
{
    char shown[URL_SHOWN_SIZE];
    if (call->session->o.trace)
        call_trace(call, BIDE_TRACE_START, bide__url_show(shown, call->opts->url), 0);
}

BIDE_WAITS static int run_call(struct call *call)
{
    tell_start(call);
    int rc = bide__call_read_url(call, call->opts->url);
    if (rc == 0)
        rc = bide__call_open_body(call);
    if (rc == 0)
        rc = run_timed(call);
    if (call->precise)
        call->report.total = bide_now() - call->start;
    return rc < 0 ? rc : finish(call);
}

/* It is large, and a page of the stack that was touched once stays taken: so it lies in the
 * heap, and is kept for the next call. */
static struct call *new_call(bide_session *s)
{
    struct call *call = s->spare_calls;
    if (call) {
        s->spare_calls = call->next_spare;
        s->spare_call_count--;
    } else if (!(call = bide__alloc(sizeof *call))) {
        bide_fail(BIDE_ENOMEM, "out of memory for a request");
    }
    if (call)
        memset(call, 0, offsetof(struct call, url));
    return call;
}

static void keep_call(bide_session *s, struct call *call)
{
    bide__call_end(call);
    if (s->spare_call_count >= SESSION_SPARE_MAX) {
        bide__free(call);
        return;
    }
    call->next_spare = s->spare_calls;
    s->spare_calls = call;
    s->spare_call_count++;
}

/* What went wrong, with what it was about before it. */
static void explain(struct call *call, int rc)
{
    if (call->response)
        bide__response_within(call->response);
    call_trace(call, BIDE_TRACE_FAIL, bide_errmsg(), rc);
}

BIDE_WAITS static bide_response *fetch(bide_session *s, const char *method,
                                       const struct bide_fetch_opts *opts, bool upgrades)
{
    struct call *call = s && check_options(opts, method) == 0 ? new_call(s) : NULL;
    if (!call)
        return NULL;
    call->session = s;
    call->opts = opts;
    call->upgrades = upgrades;
    call->method = text_of(method, strlen(method));
    int rc = prepare(call);
    if (rc == 0)
        rc = run_call(call);
    if (opts->report)
        *opts->report = call->report;
    if (rc < 0)
        explain(call, rc);
    bide_response *r = call->response, *blank = call->blank;
    keep_call(s, call);
    bide_response_close(blank); /* it may be all that the session lives for */
    if (rc == 0) {
        bide__response_hand_out(r);
        return r;
    }
    bide_response_close(r);
    return NULL;
}

bide_response *bide_fetch_opts(bide_session *s, const char *method,
                               const struct bide_fetch_opts *opts)
{
    return fetch(s, method, opts, false);
}

/* ---- other protocols ---- */

bide_response *bide__fetch_upgrade(bide_session *s, const struct bide_fetch_opts *opts)
{
    return fetch(s, "GET", opts, true);
}

bide_stream *bide__response_take_stream(bide_response *r)
{
    struct connection *connection = r->connection;
    bide_stream *stream = connection->stream;
    connection->stream = NULL;
    r->connection = NULL;
    bide__pool_give(connection, false);
    bide__response_tell_end(r);
    return stream;
}
