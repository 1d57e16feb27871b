/* bide/request.h -- what a client asks: a server's request.
 *
 * What is reached through a request is the request's, and good until its handler returns.  No text
 * given by these calls is NULL unless that is said.  The body is read once: whole (text, JSON,
 * form), or piece by piece. */
#ifndef BIDE_REQUEST_H
#define BIDE_REQUEST_H
#include <bide/app.h>
#include <bide/json.h>
#include <bide/sync.h>
BIDE_BEGIN_

/* The whole body, with a NUL after it; "" if there is none.  NULL: BIDE_EEOF, BIDE_EHTTP,
 * BIDE_ELIMIT, BIDE_ETIMEDOUT, BIDE_ENOMEM (if the handler then fails, the client gets 400, 400,
 * 413, 408 or 503).  Counterpart: await request.read(). */
BIDE_WAITS const char *bide_request_text(bide_request *req, size_t *size);
/* The whole body as UTF-8, from the charset that Content-Type tells (default UTF-8, which is
 * checked).  NULL: as above, or BIDE_EINVAL: not in that charset (400).  Counterpart: await
 * request.text(). */
BIDE_WAITS const char *bide_request_string(bide_request *req, size_t *size);
/* The body as JSON.  NULL: as bide_request_text(), or BIDE_EINVAL: not JSON (a 400 that tells
 * where), or another Content-Type than JSON's (415).  Counterpart: await request.json(). */
BIDE_WAITS const bide_json *bide_request_json(bide_request *req);
/* Up to size bytes of the body; 0: its end.  For bodies of any length; not mixed with the
 * others.  Counterpart: request.content.read(). */
BIDE_WAITS ssize_t bide_request_read(bide_request *req, void *buf, size_t size);
/* Trailer fields of a chunked body that was read to its end, ended by {NULL, NULL}; without those
 * that must stand before a body (RFC 9110 6.5.1). */
const struct bide_pair *bide_request_trailers(const bide_request *req);

/* "GET". */
const char *bide_request_method(const bide_request *req);
/* The path, decoded: "/users/ann"; as it came if it cannot be. */
const char *bide_request_path(const bide_request *req);
/* Path and query as they came: "/users/ann?page=2". */
const char *bide_request_target(const bide_request *req);
/* What matched {name}, decoded; NULL if the route has no such segment.  Counterpart:
 * request.match_info. */
const char *bide_request_param(const bide_request *req, const char *name);
/* The name or else the path of the route that matched, "/users/{name}"; "" if none did. */
const char *bide_request_route(const bide_request *req);
/* The first query parameter of that name, decoded; NULL if there is none. */
const char *bide_request_query(const bide_request *req, const char *name);
/* All of them, ended by {NULL, NULL}. */
const struct bide_pair *bide_request_queries(const bide_request *req);
/* The first header of that name, in any case; NULL if there is none. */
const char *bide_request_header(const bide_request *req, const char *name);
/* All headers, ended by {NULL, NULL}. */
const struct bide_pair *bide_request_headers(const bide_request *req);
/* The cookie of that name; NULL if there is none. */
const char *bide_request_cookie(const bide_request *req, const char *name);
/* All of them, ended by {NULL, NULL}. */
const struct bide_pair *bide_request_cookies(const bide_request *req);
/* The media type without parameters, in lower case: "text/html"; "" if none was given. */
const char *bide_request_type(const bide_request *req);
/* The body's length as declared; -1: not known before its end. */
int64_t bide_request_length(const bide_request *req);
/* May there be a body?  Counterpart: request.body_exists. */
bool bide_request_has_body(const bide_request *req);

/* "HTTP/1.1", or "HTTP/1.0". */
const char *bide_request_version(const bide_request *req);
/* The client's address without port, "192.0.2.1"; "unix" for a Unix socket.  From a trusted proxy:
 * the one that it tells.  Counterpart: request.remote. */
const char *bide_request_remote(const bide_request *req);
/* "http" or "https"; from a trusted proxy: what it tells. */
const char *bide_request_scheme(const bide_request *req);
/* "example.org:8080", from the target, or Host, or a trusted proxy; "" in HTTP/1.0 without. */
const char *bide_request_host(const bide_request *req);
/* The whole URL: "https://example.org/users/ann?page=2". */
const char *bide_request_url(const bide_request *req);
/* A URL of this application for a named route, as bide_app_url(); NULL: it fails. */
const char *bide_request_url_for(bide_request *req, const char *name,
                                 const struct bide_pair *params);
/* Its id: what the client's X-Request-Id says, if that is from a trusted proxy and at most 64
 * letters, digits, '-', '_', '.'; else one made up. */
const char *bide_request_id(bide_request *req);
/* What the TLS handshake agreed on, and who the client showed itself to be; the request's.  NULL:
 * the connection is not TLS, or BIDE_ENOMEM.  Counterpart: request.get_extra_info("ssl_object"). */
const struct bide_tls_info *bide_request_tls(bide_request *req);

/* The application's state: the one that the route belongs to. */
void *bide_request_state(const bide_request *req);
/* Its application, and the worker that serves it. */
bide_app *bide_request_app(const bide_request *req);
bide_worker *bide_request_worker(const bide_request *req);
/* Keeps something under a key, whose address counts, with the request; drop (or NULL) ends it when
 * the request is over, or another takes its place.  0, or BIDE_ENOMEM; then it was dropped.
 * Counterpart: request["key"]. */
int bide_request_set(bide_request *req, const void *key, void *value, bide_drop_fn *drop);
/* What the request, else its worker, keeps there; NULL: neither. */
void *bide_request_get(const bide_request *req, const void *key);
/* Memory that is freed when the request is over.  NULL: BIDE_ENOMEM. */
void *bide_request_alloc(bide_request *req, size_t size);
/* A text made as by printf in such memory.  NULL: BIDE_ENOMEM, or BIDE_EINVAL: it cannot be. */
const char *bide_request_printf(bide_request *req, const char *fmt, ...) BIDE_PRINTF_(2, 3);
/* Has the client gone away?  Known only while the server looks for it: for routes with
 * BIDE_DISCONNECT_TELL or _CANCEL. */
bool bide_request_disconnected(const bide_request *req);
/* Set when that becomes true, or when the application stops; for bide_select().  For routes with
 * BIDE_DISCONNECT_TELL.  NULL: BIDE_ENOMEM. */
bide_event *bide_request_gone(bide_request *req);
/* Is the server stopping?  A long stream then ends itself. */
bool bide_request_stopping(const bide_request *req);

BIDE_END_
#endif
