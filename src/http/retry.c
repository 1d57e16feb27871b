/* Trying again: which failures may pass, and how long to wait for that. */
#include "http/call.h"

#include "base/inline.h"
#include "base/backoff.h"
#include "http/date.h"
#include "http/wall.h"

#include <math.h>
#include <stdio.h>

static bool may_pass(const struct bide_retry_policy *policy, int status)
{
    for (const int *at = policy->statuses; at && *at; at++)
        if (*at == status)
            return true;
    if (policy->statuses)
        return false;
    return status == 408 || status == 425 || status == 429 || status == 500 ||
           (status >= 502 && status <= 504);
}

/* Failures of the way to the server, not of what it or the caller said. */
static bool is_passing(int code)
{
    switch (code) {
    case BIDE_ETIMEDOUT:        /* of a phase: the total time ends the call elsewhere */
    case BIDE_EEOF:
    case BIDE_EDNS:
    case -ECONNREFUSED:
    case -ECONNRESET:
    case -ECONNABORTED:
    case -EPIPE:
    case -EHOSTUNREACH:
    case -ENETUNREACH:
    case -EHOSTDOWN:
    case -ENETDOWN:
        return true;
    }
    return false;
}

COLD static bool may_retry(const struct call *call, int rc)
{
    const struct bide_retry_policy *policy = &call->policy;
    int status = rc < 0 ? 0 : call->response->head.status;
    if (rc == BIDE_ECANCELED || (!policy->all_methods && !bide__method_is_idempotent(call->known)))
        return false;
    if (policy->judge) {
        struct bide_error held = bide_error_held_();
        return policy->judge(policy->arg, status, rc < 0 ? &held : NULL);
    }
    return rc < 0 ? is_passing(rc) : may_pass(policy, status);
}

/* What the server asked for: seconds or a date.  0: nothing. */
static double retry_after(const bide_response *r)
{
    struct text text = head_get(&r->head, r->text, HEADER_RETRY_AFTER);
    uint64_t seconds;
    int64_t date;
    if (!text.at)
        return 0;
    if (bide__text_number(text, &seconds))
        return (double)seconds;
    const char *end = text.at + text.size;
    if (text.size > 0 && bide__chars_skip(text.at, end, CHAR_DIGIT) == end)
        return INFINITY;        /* a number that does not fit is not none */
    if (bide__date_read(text, &date))
        return fmax(0, (double)(date - wall_now()));
    return 0;
}

/* Seconds before try number `attempt` + 1; < 0: the server asks for more than the cap. */
static double retry_delay(const struct call *call, unsigned attempt)
{
    const struct bide_retry_policy *policy = &call->policy;
    double cap = policy->cap > 0 ? policy->cap : 30;
    double first = policy->delay > 0 ? policy->delay : 0.5;
    double jitter = policy->jitter == 0 ? 0.5 : policy->jitter;
    double delay = bide__backoff(first, 2, cap, jitter, attempt, &call->session->random);
    double asked = call->response->text ? retry_after(call->response) : 0;
    if (asked > cap)
        return -1;
    return fmax(asked, delay);
}

/* Says that it is tried again, and why. */
COLD static void tell(const struct call *call, int rc, unsigned attempt)
{
    char status[32];
    if (!call->session->o.trace)
        return;
    snprintf(status, sizeof status, "status %d", rc < 0 ? 0 : call->response->head.status);
    call_trace(call, BIDE_TRACE_RETRY, rc < 0 ? bide_errmsg() : status, attempt + 1);
}

int bide__call_tries(struct call *call)
{
    for (unsigned attempt = 1;; attempt++) {
        int rc = bide__call_pass(call);
        if (attempt > 1 || call->report.redirects == 0)
            call->report.attempts++;
        if (attempt > (unsigned)call->policy.retries || !may_retry(call, rc))
            return rc;
        double delay = retry_delay(call, attempt);
        if (delay < 0 || bide_time_left() <= delay || !call_can_resend(call))
            return rc;          /* no time for another: this one's result stands */
        tell(call, rc, attempt);
        call->phase = "retry";
        rc = bide__call_renew(call, NULL);
        if (rc == 0)
            rc = bide_sleep(delay);
        if (rc < 0)
            return rc;
    }
}
