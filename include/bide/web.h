/* bide/web.h -- a small HTTP/1.1 server: aiohttp.web.
 *
 * A handler is a function of a request that responds on it and may wait meanwhile; what it
 * returns < 0 becomes a 500 (unless it has responded) and a message in the log.  Responses
 * are given whole, or written piece by piece; limits are on by default; framing is strict (RFC
 * 9112): what could be read two ways is refused, and the connection closed. */
#ifndef BIDE_WEB_H
#define BIDE_WEB_H
#include <bide/http.h>
#include <bide/net.h>
BIDE_BEGIN_

typedef struct bide_app bide_app;
typedef struct bide_request bide_request;
/* Answers one request: 0, or < 0 with the error held. */
typedef int bide_handler(bide_request *req);
/* Options of bide_app_run(). */
struct bide_app_run_opts {
    size_t abi_;
    const char *address;        /* "127.0.0.1:8080"; port 0: any free one */
    bide_listener *listener;    /* instead of address; stays yours */
    double grace;               /* seconds that running requests get when it is cancelled;
                                   default 5, < 0: none */
    size_t connections;         /* at once; default 10000: then accepting waits */
    size_t header_max;          /* bytes of a request's head; default 32768, most 65535;
                                   else 431 */
    size_t body_max;            /* bytes of a body read whole; default 1 MiB, else 413 */
    double idle;                /* seconds a connection may be silent between requests, or
                                   take for 256 KiB of an answer; default 75 */
    double slow;                /* seconds for a request's head, and again for its body (read
                                   piece by piece: 256 KiB of it), to arrive; default 30,
                                   else 408 */
};
/* An application; state is what bide_request_state() gives, and stays yours.  NULL:
 * BIDE_ENOMEM. */
bide_app *bide_app_new(void *state);
/* bide_route(app, "GET", "/users/{name}", show): a segment in braces matches one non-empty
 * segment; first match in the order of adding wins; GET answers HEAD too; "*" is every
 * method; at most 64 segments.  Nothing matches: 404, or 405 if another method would.  method
 * and path are copied.  0, or BIDE_EINVAL, BIDE_ENOMEM. */
int bide_route(bide_app *app, const char *method, const char *path, bide_handler *fn);
/* The stand-in for the services that examples and tests call: /delay/N, /get, /status/N, ...; all
 * of them are in the manual of `bide serve`.  NULL: BIDE_ENOMEM. */
bide_app *bide_demo_app(void);
/* Serves until it is cancelled: bide_app_run(app, "127.0.0.1:8080").  Then no new requests,
 * `grace` seconds for those that run, then they are cancelled; returns BIDE_ECANCELED, or
 * why it could not listen. */
#define bide_app_run(app, ...) \
    bide_app_run_opts(app, BIDE_OPTS_(bide_app_run_opts, .address = __VA_ARGS__))
BIDE_WAITS int bide_app_run_opts(bide_app *app, const struct bide_app_run_opts *opts);
/* The whole body, with a NUL after it; "" if there is none.  NULL: cut short or too long (a
 * 400 or 413 is sent if the handler then fails).  The request's. */
BIDE_WAITS const char *bide_request_text(bide_request *req, size_t *size);
/* Up to size bytes of the body; 0: its end.  For bodies of any length; not mixed with
   bide_request_text(). */
BIDE_WAITS ssize_t bide_request_read(bide_request *req, void *buf, size_t size);
/* Sends a piece of the response's body and waits while the client is slow.  The first one
 * sends the head, with status 200 and the headers added: chunked, unless Content-Length is
 * among them.  The response ends when the handler returns; a handler that fails meanwhile
 * closes the connection, so that the client sees it is not whole. */
BIDE_WAITS int bide_respond_write(bide_request *req, const void *data, size_t size);

/* "GET"; the request's, as all below. */
const char *bide_request_method(const bide_request *req);
/* The path, decoded: "/users/ann". */
const char *bide_request_path(const bide_request *req);
/* What matched {name}, decoded; NULL if the route has no such segment. */
const char *bide_request_param(const bide_request *req, const char *name);
/* The first query parameter of that name, decoded; NULL if there is none. */
const char *bide_request_query(const bide_request *req, const char *name);
/* The first header of that name, in any case; NULL if there is none. */
const char *bide_request_header(const bide_request *req, const char *name);
/* All headers, ended by {NULL, NULL}. */
const struct bide_pair *bide_request_headers(const bide_request *req);
/* The application's state. */
void *bide_request_state(const bide_request *req);
/* Adds a header to the response: 0; BIDE_EINVAL: not a legal name or value, or already
 * responded.  "Connection: close" closes it after the response; other words in it, but
 * keep-alive, and Transfer-Encoding are BIDE_EINVAL too. */
int bide_respond_header(bide_request *req, const char *name, const char *value);
/* Responds with a copy of data; type NULL: "application/octet-stream"; a Content-Type given
 * by bide_respond_header() goes before both.  Once per request, else BIDE_EINVAL. */
int bide_respond(bide_request *req, int status, const char *type, const void *data,
                 size_t size);
/* Responds with text/plain; charset=utf-8, made as by printf; at most 64 KiB. */
int bide_respond_text(bide_request *req, int status, const char *fmt, ...) BIDE_PRINTF_(3, 4);
/* Ends the application.  Not while it runs.  NULL: nothing. */
void bide_app_free(bide_app *app);
BIDE_AUTO_(app, bide_app_free)

BIDE_END_
#endif
