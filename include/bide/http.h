/* bide/http.h -- an HTTP/1.1 client with a pooled session: aiohttp.ClientSession.
 *
 *     bide_auto(session) session = bide_session_open(.limit = 10);
 *     bide_auto(response) res = bide_get(session, "https://example.org/", .timeout = 5);
 *     size_t size;
 *     const char *text = bide_response_text(res, &size);      // NULL passes the held error on
 *
 * One session per program: it owns the connections, which are kept alive and reused, the cookies
 * and the defaults.  The rules are strict (RFC 9110, 9112): a reply that is cut short, too long,
 * or could be read two ways is an error, never a result.  Limits on time, headers and bodies are on
 * by default, and https is always verified.  How a response is read: bide/response.h; who watches
 * or changes requests on their way: bide/trace.h. */
#ifndef BIDE_HTTP_H
#define BIDE_HTTP_H
#include <bide/error.h>
#include <bide/pair.h>
#include <bide/response.h>
#include <bide/stream.h>
#include <bide/trace.h>
BIDE_BEGIN_

typedef struct bide_session bide_session;
typedef struct bide_cookies bide_cookies;
typedef struct bide_json bide_json;
typedef struct bide_multipart bide_multipart;
typedef struct bide_tls bide_tls;

/* How long each phase may take, in seconds; 0: the default, BIDE_FOREVER: no limit.  A
 * time-out's sentence says which phase ran out, and how long those before it took: "get http://x/:
 * first byte: timed out after 3 s (connect 0.02 s, tls 0.05 s)"; that of the whole call adds "in
 * all".  Negative or NaN: BIDE_EINVAL.  Counterpart: ClientTimeout, whose `connect` counts the
 * wait for the pool as well; here it does not. */
struct bide_timeouts {
    double pool;                /* waiting for a free connection; default none */
    double dns;                 /* looking up the name; default none */
    double connect;             /* TCP connect, all addresses; default 30 */
    double proxy;               /* until the proxy has let us through; default 30 */
    double tls;                 /* the handshake; default 30 */
    double send;                /* between two pieces of the request that the server takes;
                                   default none */
    double first_byte;          /* from the request sent to the reply's first byte; default
                                   none */
    double idle;                /* between two pieces of the head or body; default none */
    double total;               /* the whole call, redirects, retries and body included;
                                   default 300 */
};

/* Who asks: a user and a password, or a token.  Sent to the origin of the URL alone, never on to
 * another one by a redirect.  Counterpart: BasicAuth, DigestAuthMiddleware. */
struct bide_auth {
    const char *user, *password;        /* Basic (RFC 7617), at once; the user without ':' */
    const char *bearer;         /* instead: a token (RFC 6750) */
    bool digest;                /* the password is never sent: waits for a challenge and answers
                                   it by Digest (RFC 7616) */
};

/* When a call is made again.  Cancellation and the total time are never retried. */
struct bide_retry_policy {
    int retries;                /* further tries; default 0 */
    double delay;               /* seconds before the first retry, doubled each time; default
                                   0.5 */
    double cap;                 /* the longest delay; default 30.  A longer Retry-After, or no
                                   time left for the delay, ends the tries */
    double jitter;              /* 0 < j <= 1: the delay is drawn from (1-j)..1 of it; default
                                   0.5; < 0: none */
    bool all_methods;           /* also those that are not idempotent: POST, PATCH */
    bool no_resend;             /* not even what was lost on a kept connection, before a byte of
                                   the reply came, is sent once more */
    const int *statuses;        /* that are worth a retry, ended by 0; default 408, 425, 429,
                                   500, 502, 503, 504 */
    /* May this be tried again?  status 0: there was none, and `why` tells; asked instead of all
     * the rules but those for methods.  Must not wait. */
    bool (*judge)(void *arg, int status, const struct bide_error *why);
    void *arg;                  /* for judge */
};

/* One that requests pass through on their way: bide/trace.h. */
struct bide_middleware {
    bide_client_middleware *fn;
    void *arg;
};

/* Options of bide_session_open(). */
struct bide_session_opts {
    size_t abi_;
    size_t limit;               /* connections at once; default 100 */
    size_t limit_per_host;      /* the same per host and port; default: limit */
    double timeout;             /* short for timeouts.total */
    struct bide_timeouts timeouts;
    double keep_alive;          /* seconds an unused connection is kept; default 15.  Less if
                                   the server says so (Keep-Alive: timeout=) */
    bool force_close;           /* no connection is used twice */
    const char *base_url;       /* URLs without scheme and host are joined to it */
    const struct bide_pair *headers;    /* sent with every request that does not name them
                                   itself; a value of NULL leaves a default header out */
    const struct bide_pair *query;      /* put into every URL, before the call's own */
    const char *user_agent;     /* default "bide/VERSION" */
    struct bide_auth auth;      /* for base_url's origin alone, or, without it, for the origin
                                   of each call's URL; default none */
    bide_cookies *cookies;      /* a jar to be used, that may be shared and stays yours; default
                                   one of its own */
    bool no_cookies;            /* none are kept, none are sent but those of .cookies of a call */
    bide_tls *tls;              /* how servers are verified, and our certificate; stays yours */
    bool insecure;              /* do NOT verify servers: whoever is on the way can read and change
                                   everything */
    const char *proxy;          /* "http://[user:password@]host:port", https://, socks5:// (names
                                   are looked up here) or socks5h:// (there); "": none */
    const struct bide_pair *proxy_headers;      /* for the proxy alone */
    bool trust_env;             /* http_proxy, https_proxy, all_proxy, no_proxy and ~/.netrc
                                   count where nothing else is said */
    const char *unix_path;      /* connect to this Unix socket, whatever the URL's host */
    const char *local_address;  /* where connections come from */
    int family;                 /* AF_INET or AF_INET6 alone; default both */
    struct bide_retry_policy retry;     /* default for its calls */
    int redirect_max;           /* default 10 */
    bool no_redirects;          /* a 3xx is a response like any other */
    bool raise_for_status;      /* a status of 400 or more is a failure (BIDE_EHTTP) */
    bool no_decoding;           /* asks for no content coding, as do calls with a Range header, and
                                   leaves bodies as they come */
    size_t header_max;          /* bytes of a reply's head; default, and most, 65535.  Start
                                   line at most 8192 bytes, at most 100 headers */
    size_t body_max;            /* bytes of a body read whole; default 64 MiB */
    double inflate_max;         /* a coded body may become so many times its size; default 256
                                   (the first 8 MiB are free), BIDE_FOREVER: no limit */
    const struct bide_middleware *middlewares;  /* the first is outermost; ended by {NULL, NULL} */
    bide_trace_fn *trace;       /* told of every phase; bide/trace.h */
    void *trace_arg;
};
/* What happened to a call, also to a failed one: give .report = &report.  Times are in seconds. */
struct bide_report {
    unsigned attempts;          /* requests made, redirects apart; 1 without retries */
    unsigned redirects;         /* followed */
    bool reused;                /* the last try went over a kept connection */
    double pool, dns, connect;  /* spent, in the last try */
    double proxy, tls;
    double send;                /* until the request was taken by the system */
    double first_byte;          /* from beginning to send until the head was read */
    double total;               /* all tries, until the head was read; the body's time is the
                                   reader's */
    uint64_t sent;              /* bytes of the last request: its head and its body */
    char remote[64];            /* who was connected to, "127.0.0.1:80"; the proxy, if any */
};
/* Options of bide_fetch(), bide_get(), bide_post().  Pointers need only live during the call.
 * What is not said here is as the session says. */
struct bide_fetch_opts {
    size_t abi_;
    const char *url;            /* "https://host[:port]/path?query", at most 16384 bytes; blanks and
                                   what is not ASCII are encoded as a browser does */
    double timeout;             /* short for timeouts.total */
    struct bide_timeouts timeouts;
    const struct bide_pair *headers;    /* CR, LF or NUL in them: BIDE_EINVAL */
    const struct bide_pair *query;      /* percent-encoded and appended to the URL's */
    const struct bide_pair *cookies;    /* sent beside the jar's */
    /* The body: at most one of these. */
    const void *data;           /* bytes, data_size of them; a text's size has to be said, too */
    size_t data_size;
    const struct bide_pair *form;       /* application/x-www-form-urlencoded */
    const bide_json *json;      /* application/json */
    bide_multipart *multipart;  /* multipart/form-data; stays yours */
    const char *file;           /* a file's name; its bytes */
    bide_stream *stream;        /* what can be read from it, to its end; stays yours */
    /* Called until it returns 0, the end, or < 0; may wait.  Counterpart: a generator as data. */
    ssize_t (*source)(void *arg, void *buf, size_t size);
    void *source_arg;
    uint64_t data_length;       /* of stream or source, if it is known; else the body is chunked */
    const char *content_type;   /* default as the body says; application/octet-stream */
    const char *compress;       /* "gzip", "deflate", "zstd": Content-Encoding of the body */
    bool expect_continue;       /* the body waits, for a second at most, until the server wants it
                                   (RFC 9110, 10.1.1) */
    struct bide_auth auth;
    const char *proxy;          /* "": none */
    bide_tls *tls;
    const char *server_name;    /* verified, and named to the server, instead of the URL's host */
    const char *unix_path;
    int retries;                /* short for retry.retries */
    struct bide_retry_policy retry;     /* what is not 0 overrides the session's */
    int redirect_max;
    bool no_redirects;
    bool raise_for_status;
    bool no_decoding;
    size_t body_max;
    struct bide_report *report; /* filled in before the call returns; must outlive it */
};
/* A session; connects when first used.  Everything is copied, but what is said to stay yours and
 * must outlive it.  NULL: BIDE_EINVAL, BIDE_EURL, BIDE_ETLS, BIDE_ENOMEM.  Counterpart:
 * ClientSession(). */
#define bide_session_open(...) \
    bide_session_open_opts(BIDE_OPTS_(bide_session_opts, __VA_ARGS__))
bide_session *bide_session_open_opts(const struct bide_session_opts *opts);

/* bide_fetch(session, "PUT", url, .data = text, .data_size = n): sends the request and
 * waits for the head of the reply; the body is still to be read.  Any status is a success;
 * bide_response_check() makes >= 400 an error.  The method is a token, in capitals.
 *
 * Redirects are followed as fetch does it: 301 and 302 make a POST a GET, 303 makes all but HEAD
 * one, 307 and 308 repeat the request with its body; credentials stay with their origin, and
 * from https nothing leads to http that carries them.  NULL: BIDE_EURL, BIDE_EDNS, BIDE_ETLS,
 * BIDE_ETIMEDOUT, BIDE_EHTTP, BIDE_EEOF, -ECONNREFUSED, ...  A response that is still open when
 * its session is closed stays valid until it is closed itself. */
#define bide_fetch(session, method, ...) \
    bide_fetch_opts(session, method, BIDE_OPTS_(bide_fetch_opts, .url = __VA_ARGS__))
#define bide_get(session, ...) bide_fetch(session, "GET", __VA_ARGS__)
#define bide_head(session, ...) bide_fetch(session, "HEAD", __VA_ARGS__)
#define bide_post(session, ...) bide_fetch(session, "POST", __VA_ARGS__)
#define bide_put(session, ...) bide_fetch(session, "PUT", __VA_ARGS__)
#define bide_patch(session, ...) bide_fetch(session, "PATCH", __VA_ARGS__)
#define bide_delete(session, ...) bide_fetch(session, "DELETE", __VA_ARGS__)
#define bide_options(session, ...) bide_fetch(session, "OPTIONS", __VA_ARGS__)
BIDE_WAITS bide_response *bide_fetch_opts(bide_session *s, const char *method,
                                          const struct bide_fetch_opts *opts);
/* The session's jar; NULL: it has none.  The session's, or yours if you gave it. */
bide_cookies *bide_session_cookies(const bide_session *s);
/* Connections now: in use and kept, those that wait for one are not among them. */
size_t bide_session_connections(const bide_session *s);
/* Closes the connections; requests that still run fail with BIDE_ECLOSED.  NULL: nothing. */
void bide_session_close(bide_session *s);
BIDE_AUTO_(session, bide_session_close)

BIDE_END_
#endif
