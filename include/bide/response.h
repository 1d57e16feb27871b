/* bide/response.h -- what a server answered: its status, its headers, and its body as it comes.
 *
 *     bide_auto(response) res = bide_get(session, url);
 *     if (bide_response_check(res) < 0)                  // NULL, or a status of 400 and more
 *         return bide_errcode();
 *     char *line;
 *     while ((size = bide_response_line(res, &line)) > 0)
 *         ...
 *
 * The body is read once, in one of these ways: whole (text, bytes, JSON: as often as you like), or
 * piece by piece (read, chunk, line, which go on where the one before has stopped), or as events.
 * Going from one way to another in the middle is BIDE_EINVAL, but for events behind pieces.  A read
 * that was cancelled can be tried again; any other failure is the body's end.  The body is decoded
 * (gzip, deflate, br, zstd) unless .no_decoding was said; what is wrong with the coded data, or
 * behind it, is BIDE_EHTTP.  With its last byte the connection goes back to the session, not with
 * the close; a chunk's with the call after it. */
#ifndef BIDE_RESPONSE_H
#define BIDE_RESPONSE_H
#include <bide/error.h>
#include <bide/json.h>
#include <bide/pair.h>
#include <bide/sse.h>
BIDE_BEGIN_

typedef struct bide_response bide_response;
/* One redirect that was followed. */
struct bide_hop {
    int status;                 /* 301, 302, 303, 307 or 308 */
    const char *url;            /* that answered with it */
};

/* The whole body as text in UTF-8, with a NUL after it; size may be NULL.  "" if empty; the
 * response's.  What is in another charset (by its byte order mark, else by Content-Type; if neither
 * says, and it is no UTF-8: windows-1252) is converted; bytes that are no text in it become
 * U+FFFD.  Reads it at the first call (BIDE_EEOF:
 * cut short, BIDE_ELIMIT: over body_max), then returns the same.  NULL on a NULL response.
 * Counterpart: text(). */
BIDE_WAITS const char *bide_response_text(bide_response *r, size_t *size);
/* The same, but as it came: decoded, in whatever charset.  Counterpart: read(). */
BIDE_WAITS const void *bide_response_bytes(bide_response *r, size_t *size);
/* The whole body as JSON; the response's.  NULL: BIDE_EINVAL, or BIDE_EEOF (the JSON, or
 * the body, was cut short), with line and column, and what reading it can give.  A Content-Type
 * that is not JSON is told in the sentence of a failure, and no failure itself.  Counterpart:
 * json(). */
BIDE_WAITS const bide_json *bide_response_json(bide_response *r);
/* Up to size bytes of the body; 0: its end.  For bodies of any length.  Counterpart:
   content.read(n). */
BIDE_WAITS ssize_t bide_response_read(bide_response *r, void *buf, size_t size);
/* The next piece of the body, of any size up to 16 KiB, as soon as there is one; *data is valid
 * until the next call.  0: the end.  Counterpart: content.iter_any(). */
BIDE_WAITS ssize_t bide_response_chunk(bide_response *r, const char **data);
/* The next line, without its LF or CRLF and with a NUL after it, valid until the next call: its
 * size and what ended it (so an empty line is more than 0); 0: the end.  BIDE_ELIMIT: longer than
 * 64 KiB; nothing can be read after that.  Counterpart: async for line in content. */
BIDE_WAITS ssize_t bide_response_line(bide_response *r, char **line);
/* The next event of a text/event-stream: 1; 0: the end.  Valid until the next call.  BIDE_EHTTP:
 * the Content-Type is another; BIDE_ELIMIT: larger than 1 MiB.  Going on after the end, with
 * Last-Event-ID, is yours. */
BIDE_WAITS int bide_response_event(bide_response *r, struct bide_sse_event *event);

/* The status, 200 to 999; < 0 on NULL. */
int bide_response_status(const bide_response *r);
/* The status's words as the server sent them; may be "". */
const char *bide_response_reason(const bide_response *r);
/* 0, or BIDE_EHTTP "get http://...: 404 Not Found" if the status is 400 or more.
   Counterpart: raise_for_status(). */
int bide_response_check(const bide_response *r);
/* The first header of that name, in any case; NULL if there is none.  The response's. */
const char *bide_response_header(const bide_response *r, const char *name);
/* The next one after `before`, which this call or the one above returned; NULL: no more. */
const char *bide_response_header_next(const bide_response *r, const char *name,
                                      const char *before);
/* All headers in the order received, ended by {NULL, NULL}; the response's. */
const struct bide_pair *bide_response_headers(const bide_response *r);
/* The same of what came behind a chunked body, once that has been read; at most 8 KiB.  Left out is
 * what must not stand there, such as Content-Length. */
const struct bide_pair *bide_response_trailers(const bide_response *r);
/* The media type in lower case, "text/html"; "" if there is none.  The response's. */
const char *bide_response_type(const bide_response *r);
/* Bytes of the body as the server announced them, before decoding; -1: it did not. */
int64_t bide_response_length(const bide_response *r);
/* The target of the first Link header with that rel (RFC 8288), absolute; NULL: none, or, with the
 * error held, BIDE_EURL or BIDE_ENOMEM.  The response's.  Counterpart: links. */
const char *bide_response_link(bide_response *r, const char *rel);
/* The URL that answered, after redirects, without user and fragment; the response's. */
const char *bide_response_url(const bide_response *r);
/* The redirects that led there, ended by {0, NULL}; the response's.  Counterpart: history. */
const struct bide_hop *bide_response_history(const bide_response *r);
/* Minor version of HTTP/1: 0 or 1. */
int bide_response_version(const bide_response *r);
/* Gives the connection back; an unread rest of the body costs it, unless it is short and
   already here.  NULL: nothing. */
void bide_response_close(bide_response *r);
BIDE_AUTO_(response, bide_response_close)

BIDE_END_
#endif
