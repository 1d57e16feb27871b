/* bide/trace.h -- watching requests on their way, and changing them.
 *
 * A trace function is told of every phase of every request, with its time: for metrics and
 * debugging.  Counterpart: TraceConfig.  A middleware stands around each request that is sent,
 * redirects and retries too: it may change it, answer in its place, send it again.  Counterpart:
 * client middlewares.
 *
 *     static bide_response *sign(bide_client_request *req, void *key)
 *     {
 *         if (bide_client_request_set_header(req, "X-Signature", signature(key)) < 0)
 *             return NULL;
 *         return bide_client_next(req);
 *     } */
#ifndef BIDE_TRACE_H
#define BIDE_TRACE_H
#include <bide/base.h>
#include <bide/error.h>
BIDE_BEGIN_

struct bide_response;
typedef struct bide_client_request bide_client_request;

/* What is told, in the order in which it happens. */
enum bide_trace_kind {
    BIDE_TRACE_START,           /* a call begins; text: the URL */
    BIDE_TRACE_QUEUED,          /* it waits for a free connection */
    BIDE_TRACE_REUSED,          /* it has a kept connection */
    BIDE_TRACE_DNS_START,       /* text: the name */
    BIDE_TRACE_DNS_END,         /* number: addresses */
    BIDE_TRACE_CONNECT_START,
    BIDE_TRACE_CONNECT_END,     /* text: the address */
    BIDE_TRACE_PROXY_START,     /* a tunnel is asked for; text: where to */
    BIDE_TRACE_PROXY_END,
    BIDE_TRACE_TLS_START,       /* text: the name that is verified */
    BIDE_TRACE_TLS_END,         /* text: version and cipher; number: 1 if resumed */
    BIDE_TRACE_SENT_HEAD,       /* text: method; number: bytes */
    BIDE_TRACE_SENT_BODY,       /* number: bytes of a piece */
    BIDE_TRACE_HEAD,            /* the reply's head is here; number: status */
    BIDE_TRACE_BODY,            /* number: bytes of a piece of the reply's body, as it came */
    BIDE_TRACE_REDIRECT,        /* text: where to; number: status */
    BIDE_TRACE_RETRY,           /* number: which try comes next; text: why */
    BIDE_TRACE_END,             /* the body is done, and the connection free or closed */
    BIDE_TRACE_FAIL,            /* text: the sentence; number: the code */
};
/* One of them.  Valid during the call. */
struct bide_trace_event {
    enum bide_trace_kind kind;
    uint64_t call;              /* the same number for all events of one call */
    double time;                /* bide_now() */
    const char *text;           /* as said above; may be NULL */
    int64_t number;
};
/* Must not wait, nor end the session.  Not called any more once that was closed. */
typedef void bide_trace_fn(void *arg, const struct bide_trace_event *event);
/* "dns_start" */
const char *bide_trace_name(enum bide_trace_kind kind);

/* Called for each request; returns what bide_client_next() gave, or a failure: NULL with the error
 * held.  May wait, and may fetch with the same session from its pool's room. */
typedef struct bide_response *bide_client_middleware(bide_client_request *req, void *arg);
/* Goes on to the next middleware, at last to the server.  May be called again: what it returned
 * before is the middleware's to close. */
BIDE_WAITS struct bide_response *bide_client_next(bide_client_request *req);
/* The request's, until it is over. */
const char *bide_client_request_method(const bide_client_request *req);
const char *bide_client_request_url(const bide_client_request *req);
/* What was set for this request, not what the session adds; NULL: none. */
const char *bide_client_request_header(const bide_client_request *req, const char *name);
/* Sets a header of this request, in place of those of that name; copied.  value NULL: leaves it
   out.  0, BIDE_EINVAL, BIDE_ENOMEM. */
int bide_client_request_set_header(bide_client_request *req, const char *name, const char *value);

BIDE_END_
#endif
