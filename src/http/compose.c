/* Making the request: its URL, its head.
 *
 * What every request to a host begins with (Host and the session's headers) is written once and
 * kept with the host; a request that brings headers of its own is put together piece by
 * piece, for it may name them itself. */
#include "http/call.h"

#include "base/inline.h"
#include "http/cookies.h"
#include "http/heap_writer.h"
#include "http/query.h"
#include "http/session_options.h"
#include "http/tunnel.h"

#include <string.h>

/* ---- the URL ---- */

/* The usual URL is normal already: it is copied and read. */
static bool read_copy(struct call *call, struct text text)
{
    const char *why;
    char *copy = bide__scratch_copy(&call->response->scratch, text.at, text.size);
    if (!copy ||
        bide__url_parse_known(&call->url, &call->session->known, copy, text.size, &why) < 0)
        return false;
    call->response->url = copy;
    return true;
}

/* What a sentence may say of a URL that is none: no password, for one. */
static void show_url(struct call *call, const char *given)
{
    char shown[URL_SHOWN_SIZE];
    bide__url_show(shown, given);
    call->response->url = bide__scratch_copy(&call->response->scratch, shown, strlen(shown));
}

/* Any other is made normal; without a scheme it is joined to the session's base. */
COLD static int read_loosely(struct call *call, const char *given)
{
    struct text text = text_from(given);
    const struct url *base = call->session->o.base_url ? &call->session->base : NULL;
    const char *why;
    struct writer w;
    bide__scratch_write(&call->response->scratch, &w);
    ssize_t size = bide__url_resolve(&w, base, text, 0, &why);
    if (size >= 0) {
        bide__scratch_keep(&call->response->scratch, &w);
        call->response->url = w.at;
        size = bide__url_parse(&call->url, w.at, (size_t)size, &why);
    }
    if (size >= 0)
        return 0;
    show_url(call, given);
    return bide_fail((int)size, "%s", why);
}

/* User, password and fragment stay where the URL was read; what is told to others is without. */
COLD static int hide_user(struct call *call)
{
    struct writer w;
    call->response->url = NULL; /* should there be no memory for it */
    bide__scratch_write(&call->response->scratch, &w);
    bide__url_write(&w, &call->url, URL_DROP_USER | URL_DROP_FRAGMENT);
    writer_put(&w, "", 1);
    if (w.code < 0)
        return bide_fail(w.code, "out of memory for a URL");
    bide__scratch_keep(&call->response->scratch, &w);
    call->response->url = w.at;
    return 0;
}

int bide__call_read_url(struct call *call, const char *given)
{
    struct text text = text_from(given);
    int rc = 0;
    if (text.size > URL_SIZE_MAX || !read_copy(call, text))
        rc = read_loosely(call, given);
    if (rc == 0 && (call->url.user.at || call->url.fragment.at))
        rc = hide_user(call);
    return rc < 0 ? rc : bide__call_find_route(call);
}

const char *bide__call_current_url(const struct call *call)
{
    return call->moved ? call->moved : call->opts->url;
}

int bide__call_renew(struct call *call, const char *url)
{
    bide_response *old = call->response;
    int rewound = bide__call_rewind_body(call);
    if (rewound < 0)
        return rewound;
    const char *current = bide__call_current_url(call);
    int rc = bide__response_drain(old);
    if (rc < 0)
        return rc;
    rc = bide__call_new_response(call);
    if (rc < 0)
        return rc;
    rc = bide__call_read_url(call, url ? url : current);
    bide_response_close(old);
    bide_response_close(call->blank);
    call->blank = NULL;
    return rc;
}

/* ---- the head ---- */

static const struct bide_pair *find(const struct bide_pair *pairs, const char *name)
{
    struct text wanted = text_from(name);
    for (; pairs && pairs->name; pairs++)
        if (bide__text_is_caseless(wanted, pairs->name))
            return pairs;
    return NULL;
}

/* Host and the session's headers, as they stand in a request without headers of its own. */
static int prepare_fields(const struct call *call, struct host *host)
{
    struct writer w = bide__heap_writer();
    if (!find(call->session->headers, "Host"))
        bide__write_field(&w, text_from("Host"), url_host_field(&call->url));
    for (const struct bide_pair *pair = call->session->headers; pair->name; pair++)
        bide__write_field(&w, text_from(pair->name), text_from(pair->value));
    if (w.code == 0 && w.size > HEAD_SIZE_MAX)
        bide__writer_fail(&w, BIDE_ELIMIT, "the session's headers are too large");
    struct text fields = bide__heap_writer_end(&w, "the session's headers");
    if (!fields.at)
        return bide_errcode();
    host->fields = (char *)(uintptr_t)fields.at;
    host->fields_size = (uint16_t)fields.size;
    return 0;
}

/* Is the session's Accept-Encoding out of place?  A part of a coded body cannot be decoded. */
static bool wants_no_coding(const struct call *call)
{
    const struct bide_pair *own = call->opts->headers;
    return (call->opts->no_decoding || find(own, "Range")) && !find(own, "Accept-Encoding");
}

/* May this header of the session's, or of the call's, go along?  A Host was named for one server;
 * the next has its own. */
static bool goes_along(const struct call *call, const char *name)
{
    if (bide__text_is_caseless(text_from(name), "accept-encoding") && wants_no_coding(call))
        return false;
    if (call->crossed && (bide__header_is_secret(name) ||
                          bide__text_is_caseless(text_from(name), "host")))
        return false;
    if (call->bodiless && bide__text_is_caseless(text_of(name, strnlen(name, 8)), "content-"))
        return false;
    return !bide__call_own_header(call, name);
}

static void write_pairs(struct writer *w, const struct call *call, const struct bide_pair *pairs,
                        const struct bide_pair *except)
{
    for (; pairs && pairs->name; pairs++)
        if (pairs->value && goes_along(call, pairs->name) && !find(except, pairs->name))
            bide__write_field(w, text_from(pairs->name), text_from(pairs->value));
}

/* A middleware's headers, the request's own, and of the session's those that neither names. */
static void write_own_fields(struct writer *w, const struct call *call)
{
    const struct bide_pair *own = call->opts->headers;
    bool named = find(own, "Host") || find(call->session->headers, "Host");
    if ((call->crossed || !named) && !bide__call_own_header(call, "Host"))
        bide__write_field(w, text_from("Host"), url_host_field(&call->url));
    write_pairs(w, call, call->session->headers, own);
    write_pairs(w, call, own, NULL);
    for (const struct own_header *header = call->own; header; header = header->next)
        if (header->value)
            bide__write_field(w, text_from(header->name), text_from(header->value));
    if (find(own, "Content-Length") || find(own, "Transfer-Encoding") ||
        bide__call_own_header(call, "Content-Length") ||
        bide__call_own_header(call, "Transfer-Encoding"))
        bide__writer_fail(w, BIDE_EINVAL, "how long the body is, is not for .headers to say");
}

/* Do Host and the session's headers stand in this request as in any other to this host? */
static bool is_usual(const struct call *call)
{
    const struct bide_pair *own = call->opts->headers;
    return !call->own && (!own || !own->name) && !call->opts->no_decoding &&
           !(call->crossed && call->session->has_secrets) && !call->bodiless;
}

/* The URL's query, the session's parameters and those of the call, in this order.  A redirect says
 * itself what it wants. */
static int whole_query(struct call *call, struct text *query)
{
    const struct bide_pair *all = call->session->o.query, *own = call->opts->query;
    struct scratch *scratch = &call->response->scratch;
    struct writer w;
    *query = call->url.query;
    if (call->report.redirects > 0 || ((!all || !all->name) && (!own || !own->name)))
        return 0;
    bide__scratch_write(scratch, &w);
    if (call->url.query.at)
        writer_put(&w, call->url.query.at, call->url.query.size);
    bide__query_write(&w, all, w.size == 0, false);
    bide__query_write(&w, own, w.size == 0, false);
    if (w.code < 0)
        return bide_fail(w.code, "%s", w.why);
    bide__scratch_keep(scratch, &w);
    *query = text_of(w.at, w.size);
    return 0;
}

/* ---- cookies ---- */

static void write_cookie_pairs(struct writer *w, const struct bide_pair *pair, bool more)
{
    for (; pair && pair->name; pair++, more = true) {
        if (more)
            writer_literal(w, "; ");
        writer_put(w, pair->name, strlen(pair->name));
        writer_literal(w, "=");
        writer_put(w, pair->value ? pair->value : "", pair->value ? strlen(pair->value) : 0);
    }
}

/* A cookie of the call's must not break out of its header, nor into its neighbour. */
static bool are_cookies(const struct bide_pair *pair)
{
    for (; pair && pair->name; pair++) {
        struct text name = text_from(pair->name), value = text_from(pair->value ? pair->value : "");
        const char *end = value.at + value.size;
        if (name.size == 0 || bide__chars_skip(name.at, name.at + name.size, CHAR_TOKEN) <
                              name.at + name.size)
            return false;
        if (memchr(value.at, ';', value.size) || bide__chars_skip_field(value.at, end) < end)
            return false;
    }
    return true;
}

/* Does the program say all cookies itself?  Two such headers would be one too many (RFC 6265,
 * section 5.4). */
static bool has_own_cookies(const struct call *call)
{
    if (bide__call_own_header(call, "Cookie"))
        return true;
    return !call->crossed && (find(call->opts->headers, "Cookie") ||
           (call->session->has_secrets && find(call->session->headers, "Cookie")));
}

/* What the jar has for this URL, and what the call adds to it; unless a header says it all. */
static void write_cookies(struct writer *w, const struct call *call)
{
    const struct bide_pair *own = call->crossed ? NULL : call->opts->cookies;
    size_t before = w->size;
    if (!call->session->cookies && (!own || !own->name))
        return;
    if (has_own_cookies(call))
        return;
    if (!are_cookies(own)) {
        bide__writer_fail(w, BIDE_EINVAL, "a name or value in .cookies is none for a cookie");
        return;
    }
    writer_literal(w, "Cookie: ");
    bool some = bide__cookies_write(call->session->cookies, &call->url, w);
    write_cookie_pairs(w, own, some);
    if (some || (own && own->name))
        writer_literal(w, "\r\n");
    else
        w->size = before;
}

/* ---- the body's headers ---- */

/* Methods that usually have a body say so even if it is empty. */
static bool says_length(const struct call *call)
{
    return call_data(call).size > 0 || call->known == METHOD_POST || call->known == METHOD_PUT ||
           call->known == METHOD_PATCH;
}

static bool is_named(const struct call *call, const char *name)
{
    return bide__call_own_header(call, name) || find(call->opts->headers, name) ||
           find(call->session->headers, name);
}

static void write_type(struct writer *w, const struct call *call)
{
    const char *type = call->opts->content_type;
    if (!type && is_named(call, "Content-Type"))
        return;
    if (!type && call->source)
        type = call->source->type;
    if (!type && !call->opts->multipart)
        type = "application/octet-stream";
    if (type)
        bide__write_field(w, text_from("Content-Type"), text_from(type));
}

static void write_body_fields(struct writer *w, const struct call *call)
{
    const struct source *source = call_source(call);
    size_t size = call_data(call).size;
    if (source || size > 0)
        write_type(w, call);
    if (source && source->coding)
        bide__write_field(w, text_from("Content-Encoding"), text_from(source->coding));
    if (source && source->size < 0)
        writer_literal(w, "Transfer-Encoding: chunked\r\n");
    else if (source || says_length(call))
        bide__write_number_field(w, "Content-Length", source ? (uint64_t)source->size : size);
    if (call_expects(call))
        writer_literal(w, "Expect: 100-continue\r\n");
}

/* What a proxy that forwards is to be told: the path behind the origin (RFC 9112, 3.2.2). */
static int whole_path(struct call *call, struct text *path)
{
    struct scratch *scratch = &call->response->scratch;
    struct text host = url_host_field(&call->url);
    struct writer w;
    *path = call->url.path;
    if (!bide__route_absolute(&call->route))
        return 0;
    bide__scratch_write(scratch, &w);
    writer_literal(&w, "http://");
    writer_put(&w, host.at, host.size);
    writer_put(&w, call->url.path.at, call->url.path.size);
    if (w.code < 0)
        return bide_fail(w.code, "%s", w.why);
    bide__scratch_keep(scratch, &w);
    *path = text_of(w.at, w.size);
    return 0;
}

int bide__call_write_head(struct call *call, struct host *host, struct text *head)
{
    struct text path, query, target;
    struct writer w;
    int rc = whole_query(call, &query);
    if (rc == 0)
        rc = whole_path(call, &path);
    if (rc < 0)
        return rc;
    target = bide__call_target(call, path, query);
    bide__scratch_write(&call->response->scratch, &w);
    bide__write_request_line(&w, call->method, path, query);
    if (!is_usual(call)) {
        write_own_fields(&w, call);
    } else {
        if (!host->fields && (rc = prepare_fields(call, host)) < 0)
            return rc;
        writer_put(&w, host->fields, host->fields_size);
    }
    if (bide__route_absolute(&call->route))
        bide__proxy_write_fields(&w, call->route.proxy, call->route.proxy_headers);
    if (call->auth)
        bide__call_write_auth(call, &w, target);
    write_cookies(&w, call);
    write_body_fields(&w, call);
    if (bide__write_end(&w) < 0)
        return bide_fail(w.code, "%s", w.why);
    *head = text_of(w.at, w.size);
    return 0;
}
