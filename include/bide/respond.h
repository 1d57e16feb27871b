/* bide/respond.h -- answering a request.
 *
 * There is no response object: one responds on the request, once, either whole (bide_respond() and
 * its kin, which do not wait), or piece by piece: bide_respond_start(), bide_respond_write() as
 * often as needed.  Headers are added before.  What is wrong with an answer (a header with CR in
 * it, a second answer) is refused by the call, and nothing of it goes out.  Unless said otherwise
 * the calls return 0, or < 0: BIDE_EINVAL, BIDE_ENOMEM, and, where they wait, the connection's
 * failures.  Counterpart: aiohttp.web.Response, StreamResponse, FileResponse, json_response(),
 * HTTPFound, ... */
#ifndef BIDE_RESPOND_H
#define BIDE_RESPOND_H
#include <bide/cookies.h>
#include <bide/request.h>
BIDE_BEGIN_

/* ---- headers, before the answer ---- */

/* Adds a header to the response: 0; BIDE_EINVAL: not a legal name or value, or the response is
 * on its way.  "Connection: close" closes it after the response; other words in it, but
 * keep-alive, and Transfer-Encoding are BIDE_EINVAL too. */
int bide_respond_header(bide_request *req, const char *name, const char *value);
/* Sets a header in place of all of that name; value NULL: takes them out. */
int bide_respond_header_set(bide_request *req, const char *name, const char *value);
/* The value of the first header of that name added so far; the request's.  NULL: there is none.
 * Content-Length and Connection are kept apart, and never found. */
const char *bide_respond_header_get(const bide_request *req, const char *name);
/* Options of bide_respond_cookie(); 0 is the default of each. */
struct bide_respond_cookie_opts {
    size_t abi_;
    const char *value;          /* hidden: the last plain argument; sent as it is: no controls,
                                   spaces, quotes, commas, semicolons or backslashes */
    const char *path;           /* default "/" */
    const char *domain;         /* default: this host alone */
    double max_age;             /* seconds; default: until the browser ends; < 0: it is deleted */
    bool secure;                /* over https only.  Set by itself if the request came so */
    bool script;                /* scripts may read it: without HttpOnly, which is the default */
    enum bide_same_site same_site;      /* default Lax */
    bool partitioned;           /* CHIPS; needs secure */
};
/* Adds a Set-Cookie: bide_respond_cookie(req, "theme", "dark", .max_age = 86400).
 * Counterpart: response.set_cookie(). */
#define bide_respond_cookie(req, name, ...) \
    bide_respond_cookie_opts(req, name, BIDE_OPTS_(bide_respond_cookie_opts, .value = __VA_ARGS__))
int bide_respond_cookie_opts(bide_request *req, const char *name,
                             const struct bide_respond_cookie_opts *opts);

/* ---- whole answers ---- */

/* Responds with a copy of data; type NULL: "application/octet-stream"; a Content-Type given
 * by bide_respond_header() goes before both.  Once per request, else BIDE_EINVAL. */
int bide_respond(bide_request *req, int status, const char *type, const void *data,
                 size_t size);
/* Responds with text/plain; charset=utf-8, made as by printf; at most 64 KiB. */
int bide_respond_text(bide_request *req, int status, const char *fmt, ...) BIDE_PRINTF_(3, 4);
/* Responds with text/html; charset=utf-8, as it is: html is escaped already (bide/template.h). */
int bide_respond_html(bide_request *req, int status, const char *html);
/* Responds with application/json.  A document that has failed fails this: no half answer goes out.
 * The document stays yours.  Counterpart: json_response(). */
int bide_respond_json(bide_request *req, int status, const bide_json *document);
/* Responds without a body. */
int bide_respond_status(bide_request *req, int status);
/* Responds with an error page: plain text, HTML or application/problem+json, by what the client
 * accepts, or as bide_app_on_error() says; why (as by printf; for the client to read, NULL: the
 * status' own words).  `return bide_respond_error(req, 404, "no user %s", name);` 0 as the others.
 * Counterpart: raise HTTPNotFound(). */
int bide_respond_error(bide_request *req, int status, const char *fmt, ...) BIDE_PRINTF_(3, 4);
/* Responds with a redirect, 301, 302, 303, 307 or 308, to a URL or path, which is encoded where it
 * has to be; what would lead to another host by "//" or a backslash, if it begins with '/', is
 * BIDE_EINVAL.  Counterpart: raise HTTPFound(location). */
int bide_respond_redirect(bide_request *req, int status, const char *location);
/* Forgets an answer given whole and the headers added, if it is not on its way yet: for middlewares
 * that answer otherwise.  What ready middlewares say in every answer (bide/middleware.h) stays.
 * BIDE_EINVAL: it is. */
int bide_respond_reset(bide_request *req);
/* The status answered with so far; 0: none yet. */
int bide_respond_given(const bide_request *req);

/* ---- piece by piece ---- */

/* Begins an answer that is written piece by piece: chunked, unless Content-Length is among the
 * headers added; to HTTP/1.0 without either, until the connection ends.  The head is sent with the
 * first piece, or with the next bide_respond_flush().  BIDE_EPERM, as in the calls below: in a
 * handler that may block (.blocking).  Counterpart: StreamResponse.prepare(). */
int bide_respond_start(bide_request *req, int status);
/* Sends a piece of the response's body and waits while the client is slow.  Without
 * bide_respond_start() the first one begins it with status 200.  The response ends when the handler
 * returns; a handler that fails meanwhile closes the connection, so that the client sees it is not
 * whole. */
BIDE_WAITS int bide_respond_write(bide_request *req, const void *data, size_t size);
/* A piece made as by printf, at most 64 KiB. */
BIDE_WAITS int bide_respond_printf(bide_request *req, const char *fmt, ...) BIDE_PRINTF_(2, 3);
/* Sends what is waiting to go out. */
BIDE_WAITS int bide_respond_flush(bide_request *req);
/* Adds a trailer field (RFC 9110 6.5), to go after the body of a chunked answer: before its end.
 * Dropped where there are no trailers (HTTP/1.0, a Content-Length, an answer given whole).
 * BIDE_EINVAL: a field that must not be one, or the answer has ended. */
int bide_respond_trailer(bide_request *req, const char *name, const char *value);
/* Options of bide_respond_event(); 0 is the default of each. */
struct bide_respond_event_opts {
    size_t abi_;
    const char *data;           /* hidden: the last plain argument; its lines become data lines */
    const char *type;           /* default: none, which is "message" */
    const char *id;             /* default: none */
    double retry;               /* seconds; default: not told */
};
/* Sends a server-sent event; the first one begins the answer, as text/event-stream and not to be
 * cached.  bide_respond_event(req, "hello", .type = "greeting").  BIDE_EINVAL: a line end in
 * type or id. */
#define bide_respond_event(req, ...) \
    bide_respond_event_opts(req, BIDE_OPTS_(bide_respond_event_opts, .data = __VA_ARGS__))
BIDE_WAITS int bide_respond_event_opts(bide_request *req,
                                       const struct bide_respond_event_opts *opts);
/* Sends a comment to keep the connection busy, as proxies want it. */
BIDE_WAITS int bide_respond_event_ping(bide_request *req);

BIDE_END_
#endif
