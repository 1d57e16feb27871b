/* Which failures may pass, and how long to wait for that. */
#include "http/call.h"

#include "base/backoff.h"
#include "http/date.h"

#include <math.h>
#include <time.h>

static bool may_pass(int status)
{
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

bool bide__call_may_retry(const struct call *call, int rc)
{
    if (!call->opts->retry_all && !bide__method_is_idempotent(call->known))
        return false;
    return rc < 0 ? is_passing(rc) : may_pass(call->response->head.status);
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
    if (bide__date_read(text, &date))
        return fmax(0, (double)(date - (int64_t)time(NULL)));
    return 0;
}

double bide__call_retry_delay(const struct call *call, unsigned attempt)
{
    const struct bide_fetch_opts *o = call->opts;
    double cap = o->retry_cap > 0 ? o->retry_cap : 30;
    double first = o->retry_delay > 0 ? o->retry_delay : 0.5;
    double jitter = o->retry_jitter == 0 ? 0.5 : o->retry_jitter;
    double delay = bide__backoff(first, 2, cap, jitter, attempt, &call->session->random);
    double asked = call->response->text ? retry_after(call->response) : 0;
    if (asked > cap)
        return -1;
    return fmax(asked, delay);
}
