/* One call of bide_fetch() while it runs: what was asked, under which limits, how far it is.
 *
 *     fetch.c        the call as a whole, under its total time
 *     redirect.c     the next URL, and what may go there
 *     retry.c        whether and when to try again
 *     middleware.c   who stands around each request
 *     try.c          one request on one connection, and what a kept one may do wrong
 *     call_route.c   which way: proxy, settings, local end
 *     connect.c      making a connection, phase by phase
 *     compose.c      the request's URL and head
 *     call_body.c    what is sent as its body
 *     call_auth.c    who asks, and the answer to a challenge
 *     send.c         the request on its way out
 *     exchange.c     the reply's head
 *
 * Each request of a call has a response of its own from the beginning: texts of both lie in its
 * scratch memory, and go with it. */
#ifndef BIDE_HTTP_CALL_H
#define BIDE_HTTP_CALL_H

#include "core/park.h"
#include "http/auth.h"
#include "http/response.h"
#include "http/source.h"

#include <bide/run.h>

struct call {
    struct call *next_spare;
    bide_session *session;
    const struct bide_fetch_opts *opts;
    struct bide_timeouts limits;
    struct bide_retry_policy policy;
    struct text method;
    enum method known;
    bide_response *response;
    bide_response *blank;       /* a middleware's is in its place: here lies what url points to */
    const char *phase;          /* what is going on, for the sentence of a time-out */
    struct bide_report report;
    uint64_t number;            /* in the session, for its trace */
    double start;               /* when it began */
    bool precise;               /* somebody wants to know the times */
    bool crossed;               /* it has left its origin: no credentials */
    bool bodiless;              /* a redirect took the body away */
    bool unexpected;            /* the server has refused Expect: it is not said again */
    bool cut;                   /* the body was not sent whole, for the reply came before */
    bool spoilt;                /* the body's source has failed: no retry mends that */
    bool said;                  /* the last request had credentials */
    bool upgrades;              /* it asks for another protocol */
    uint8_t refused;            /* credentials that this request has had refused */
    unsigned depth;             /* how many middlewares stand around what runs now */
    struct own_header *own;     /* set by middlewares */
    char *shown;                /* to them: the request's URL; a response's goes with it */
    struct hop *hops, **last_hop;       /* redirects followed */
    char *moved;                /* where the last one led, with user and password; NULL: none did */
    struct source *source;      /* the body; NULL: opts->data, or none */
    struct source *inner;       /* what a coding in it reads from; NULL: nothing of ours */
    struct credentials credentials;     /* for call->url; all NULL: none */
    struct auth *auth;          /* what is known of them there; NULL: nothing has to be said */
    /* set before they are read: not cleared, for that would cost as much as reading the URL */
    struct url url;             /* points into the response's copy */
    struct route route;         /* to url */
};

/* A redirect that was followed. */
struct hop {
    struct hop *next;
    int status;
    char url[];
};

/* A header that a middleware has set, in place of all others of that name. */
struct own_header {
    struct own_header *next;
    const char *value;          /* NULL: the name is left out */
    char name[];
};

/* Reads the URL (joined to the session's base) into call->url and the response's scratch. */
int bide__call_read_url(struct call *call, const char *text);
/* What that URL is read from once more: as it was given, with user and password. */
const char *bide__call_current_url(const struct call *call);
/* A new response in place of call->response, which is the caller's then. */
int bide__call_new_response(struct call *call);
/* Another request of this call begins, to `url`, or NULL: the same.  Its response is a new one; the
 * old one gives its connection back. */
BIDE_WAITS int bide__call_renew(struct call *call, const char *url);
/* Opens what the options say is the body. */
BIDE_WAITS int bide__call_open_body(struct call *call);
/* Makes the body ready to be sent once more.  0, or BIDE_EINVAL: it cannot be. */
BIDE_WAITS int bide__call_rewind_body(struct call *call);
/* Finds out who asks at call->url. */
BIDE_WAITS int bide__call_find_credentials(struct call *call);
/* What Digest signs: the target as it will stand in the request line. */
struct text bide__call_target(struct call *call, struct text path, struct text query);
/* Appends the Authorization header, if there is something to say; there is a call->auth. */
void bide__call_write_auth(struct call *call, struct writer *w, struct text target);
/* After a reply: does it ask who we are, and can it be answered with something new? */
bool bide__call_is_challenged(struct call *call);
/* Finds out which way the request to call->url goes. */
int bide__call_find_route(struct call *call);
/* Writes the request's head into the response's scratch; the host's prepared fields are made when
 * they are missing. */
int bide__call_write_head(struct call *call, struct host *host, struct text *head);
/* Makes the connection's stream: name look-up, connect, the proxy's consent, TLS, each under its
 * limit. */
BIDE_WAITS int bide__call_connect(struct call *call, struct connection *connection);
/* Tells the report who is at the other end. */
void bide__call_note_remote(struct call *call, bide_stream *stream);
/* Sends the request, in one write if it is small.  1: it was not sent whole, for the reply is there
 * already. */
BIDE_WAITS int bide__call_send(struct call *call, struct connection *connection,
                               struct text head);
/* After a head that said Expect: waits, a second at most, for the server's word.  1: send the body;
 * 0: it has answered already; < 0. */
BIDE_WAITS int bide__call_await_continue(struct call *call, struct connection *connection);
/* Waits for the reply's head and puts it into the response.  BIDE_EEOF with *silent: the server
 * has closed, or reset, without a byte. */
BIDE_WAITS int bide__call_read_reply(struct call *call, struct connection *connection,
                                     bool *silent);
/* The call with this route waits for a connection: tells the session's trace function. */
void bide__call_tell_queued(const struct route *route);
/* One whole try: connection, request, reply's head. */
BIDE_WAITS int bide__call_try(struct call *call);
/* The same with the session's middlewares around it. */
BIDE_WAITS int bide__call_pass(struct call *call);
/* All tries of one request, with the delays between them. */
BIDE_WAITS int bide__call_tries(struct call *call);
/* Does the response lead elsewhere, and are redirects followed? */
bool bide__call_is_redirected(const struct call *call);
/* Goes where it leads: the next request is ready to be tried. */
BIDE_WAITS int bide__call_redirect(struct call *call);
/* The header a middleware has set; NULL: none has. */
const struct own_header *bide__call_own_header(const struct call *call, const char *name);
/* Frees what redirects and middlewares have left. */
void bide__call_end(struct call *call);

/* Now; to the loop's last look at the clock, which costs nothing, if nobody asked for times. */
static inline double call_now(const struct call *call)
{
    return call->precise ? bide_now() : (double)bide__loop()->looked_ns * 1e-9;
}

/* The body, as far as it is in memory. */
static inline struct text call_data(const struct call *call)
{
    if (call->bodiless)
        return text_of(NULL, 0);
    if (!call->source)
        return text_of(call->opts->data, call->opts->data_size);
    return call->source->in_memory ? call->source->memory : text_of(NULL, 0);
}

/* A body that has to be fetched from somewhere while it is sent; NULL: there is none. */
static inline struct source *call_source(const struct call *call)
{
    return call->source && !call->source->in_memory && !call->bodiless ? call->source : NULL;
}

/* Does the body wait for the server's word? */
static inline bool call_expects(const struct call *call)
{
    return call->opts->expect_continue && !call->unexpected &&
           (call_source(call) || call_data(call).size > 0);
}

/* Is there a body that is gone? */
static inline bool call_can_resend(const struct call *call)
{
    return !call->source || call->bodiless ||
           (!call->spoilt && bide__source_is_rewindable(call->source));
}

static inline void call_trace(const struct call *call, enum bide_trace_kind kind,
                              const char *text, int64_t number)
{
    session_trace(call->session, call->number, kind, text, number);
}

#endif
