/* bide/http.h -- an HTTP/1.1 client with a pooled session: aiohttp.ClientSession.
 *
 *     bide_auto(session) session = bide_session_open(.limit = 10);
 *     bide_auto(response) res = bide_get(session, "http://127.0.0.1:8080/", .timeout = 5);
 *     size_t size;
 *     const char *text = bide_response_text(res, &size);      // NULL passes the held error on
 *
 * One session per program: it owns the connections, which are kept alive and reused.  The
 * rules are strict (RFC 9110, 9112): a reply that is cut short, too long, or could be read
 * two ways is an error, never a result.  Limits on headers and bodies are on by default. */
#ifndef BIDE_HTTP_H
#define BIDE_HTTP_H
#include <bide/error.h>
BIDE_BEGIN_

typedef struct bide_session bide_session;
typedef struct bide_response bide_response;
/* A name and its value: headers, query, form.  A list of them ends with {NULL, NULL}. */
struct bide_pair { const char *name, *value; };
/* .headers = BIDE_PAIRS({ "Accept", "text/plain" }, { "X-Id", id }) */
#define BIDE_PAIRS(...) (const struct bide_pair[]){ __VA_ARGS__, { NULL, NULL } }

/* How long each phase may take, in seconds; 0: the default, BIDE_FOREVER: no limit.  A
 * time-out's sentence says which phase ran out: "get http://x/: first byte: timed out
 * after 3 s"; that of the whole call adds "in all".  Negative or NaN: BIDE_EINVAL. */
struct bide_timeouts {
    double pool;                /* waiting for a free connection; default none */
    double dns;                 /* looking up the name; default none */
    double connect;             /* TCP connect, all addresses; default 30 */
    double first_byte;          /* from the request sent to the reply's first byte; default
                                   none */
    double idle;                /* between two pieces of the head or body; default none */
    double total;               /* the whole call, retries and body included; default 300 */
};
/* Options of bide_session_open(). */
struct bide_session_opts {
    size_t abi_;
    size_t limit;               /* connections at once; default 100 */
    size_t limit_per_host;      /* the same per host and port; default: limit */
    double timeout;             /* short for timeouts.total */
    struct bide_timeouts timeouts;
    double keep_alive;          /* seconds an unused connection is kept; default 15.  Checked
                                   whenever the session is used */
    const char *base_url;       /* URLs that are only a path are joined to it */
    const struct bide_pair *headers;    /* sent with every request that does not name them
                                   itself; copied */
    const char *user_agent;     /* default "bide/VERSION" */
    size_t header_max;          /* bytes of a reply's head; default, and most, 65535.  Start
                                   line at most 8192 bytes, at most 100 headers */
    size_t body_max;            /* bytes of a body read whole; default 64 MiB */
};
/* What happened to a call, also to a failed one: give .report = &report. */
struct bide_report {
    unsigned attempts;          /* tries made, 1 without retries */
    bool reused;                /* the last try went over a kept connection */
    double pool, dns, connect;  /* seconds spent, in the last try */
    double first_byte;          /* from beginning to send until the head was read; likewise */
    double total;               /* all tries, until the head was read; the body's time is the
                                   reader's */
};
/* Options of bide_fetch(), bide_get(), bide_post().  Pointers need only live during the
   call. */
struct bide_fetch_opts {
    size_t abi_;
    const char *url;            /* "http://host[:port]/path?query", at most 16384 bytes;
                                   https: BIDE_ETLS in this version */
    double timeout;             /* short for timeouts.total */
    struct bide_timeouts timeouts;      /* what is not 0 overrides the session's */
    const struct bide_pair *headers;    /* CR, LF or NUL in them: BIDE_EINVAL */
    const struct bide_pair *query;      /* percent-encoded and appended to the URL's */
    const void *data;           /* the body, of data_size bytes */
    size_t data_size;
    int retries;                /* further tries after a failure that may pass: name not
                                   resolved, no connection, time-out of a phase, cut
                                   short, 408, 425, 429, 500, 502, 503, 504; idempotent
                                   methods only; default 0.  Cancellation and the total
                                   time are never retried */
    double retry_delay;         /* seconds before the first retry, doubled each time;
                                   default 0.5 */
    double retry_cap;           /* the longest delay; default 30.  A longer Retry-After, or no
                                   time left for the delay, ends the tries */
    double retry_jitter;        /* 0 < j <= 1: the delay is drawn from (1-j)..1 of it;
                                   default 0.5; < 0: none */
    bool retry_all;             /* other methods too */
    size_t body_max;            /* overrides the session's */
    struct bide_report *report; /* filled in before the call returns; must outlive it */
};
/* A session; connects when first used.  NULL: BIDE_EINVAL, BIDE_ENOMEM.  Counterpart:
   ClientSession(). */
#define bide_session_open(...) \
    bide_session_open_opts(BIDE_OPTS_(bide_session_opts, __VA_ARGS__))
bide_session *bide_session_open_opts(const struct bide_session_opts *opts);

/* bide_fetch(session, "PUT", url, .data = text, .data_size = n): sends the request and
 * waits for the head of the reply; the body is still to be read.  Any status is a success;
 * bide_response_check() makes >= 400 an error.  The method is a token, in capitals.  NULL:
 * BIDE_EURL, BIDE_EDNS, BIDE_ETIMEDOUT, BIDE_EHTTP, BIDE_EEOF, -ECONNREFUSED, ...  Redirects
 * (3xx) are not followed in this version.  A response that is still open when its session is
 * closed stays valid until it is closed itself. */
#define bide_fetch(session, method, ...) \
    bide_fetch_opts(session, method, BIDE_OPTS_(bide_fetch_opts, .url = __VA_ARGS__))
#define bide_get(session, ...) bide_fetch(session, "GET", __VA_ARGS__)
#define bide_head(session, ...) bide_fetch(session, "HEAD", __VA_ARGS__)
#define bide_post(session, ...) bide_fetch(session, "POST", __VA_ARGS__)
#define bide_put(session, ...) bide_fetch(session, "PUT", __VA_ARGS__)
#define bide_delete(session, ...) bide_fetch(session, "DELETE", __VA_ARGS__)
BIDE_WAITS bide_response *bide_fetch_opts(bide_session *s, const char *method,
                                          const struct bide_fetch_opts *opts);
/* The whole body, with a NUL after it; size may be NULL.  "" if empty; the response's.
 * Reads it at the first call (BIDE_EEOF: cut short, BIDE_ELIMIT: over body_max), then
 * returns the same.  NULL on a NULL response. */
BIDE_WAITS const char *bide_response_text(bide_response *r, size_t *size);
/* Up to size bytes of the body; 0: its end.  For bodies of any length; not mixed with
   bide_response_text(). */
BIDE_WAITS ssize_t bide_response_read(bide_response *r, void *buf, size_t size);

/* The status, 200 to 999; < 0 on NULL. */
int bide_response_status(const bide_response *r);
/* The status's words as the server sent them; may be "". */
const char *bide_response_reason(const bide_response *r);
/* 0, or BIDE_EHTTP "get http://...: 404 Not Found" if the status is 400 or more.
   Counterpart: raise_for_status(). */
int bide_response_check(const bide_response *r);
/* The first header of that name, in any case; NULL if there is none.  The response's. */
const char *bide_response_header(const bide_response *r, const char *name);
/* All headers in the order received, ended by {NULL, NULL}; the response's. */
const struct bide_pair *bide_response_headers(const bide_response *r);
/* The URL that was asked; the response's. */
const char *bide_response_url(const bide_response *r);
/* Gives the connection back; an unread rest of the body costs it, unless it is short and
   already here.  NULL: nothing. */
void bide_response_close(bide_response *r);
BIDE_AUTO_(response, bide_response_close)
/* Closes the connections; requests that still run fail with BIDE_ECLOSED.  NULL: nothing. */
void bide_session_close(bide_session *s);
BIDE_AUTO_(session, bide_session_close)

BIDE_END_
#endif
