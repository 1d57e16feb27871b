/* bide_download(): requests until the file is whole.
 *
 * Each reply is either the whole (200: what there is of the part is thrown away) or the rest (206,
 * which must begin where the part ends).  Whatever does not fit is answered by asking for the
 * whole, once; a body that was cut short, by asking for the rest, as often as .retries says. */
#include <bide/download.h>

#include "base/backoff.h"
#include "base/memory.h"
#include "http/content_range.h"
#include "http/download_part.h"
#include "http/heap_writer.h"

#include <bide/http.h>
#include <bide/run.h>
#include <bide/scope.h>
#include <bide/task.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FEW_SECONDS = 60, HEADERS_OURS = 4 };

struct download {
    bide_session *session;
    const char *url;
    const struct bide_download_opts *opts;
    struct download_part part;
    unsigned failed;            /* bodies cut short, in a row without a byte */
    int retries;                /* left */
    bool started_anew;          /* the server's answer did not fit: not a second time */
    bool in_one_piece;          /* no range is asked for */
    uint64_t random;
};

/* What a reply has led to, besides failures. */
enum { WHOLE = 1, AGAIN = 2 };

/* ---- asking ---- */

static bool may_go_on(const struct download *d)
{
    return d->part.validator && part_size(&d->part) > 0 && !d->in_one_piece;
}

static bool is_ours(const char *name)
{
    static const char *const ours[] = { "range", "if-range", "accept-encoding" };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (bide__text_is_caseless(text_of(name, strlen(name)), ours[i]))
            return true;
    return false;
}

static size_t count(const struct bide_pair *pairs)
{
    size_t n = 0;
    while (pairs && pairs[n].name)
        n++;
    return n;
}

static size_t copy_others(struct bide_pair *to, const struct bide_pair *from)
{
    size_t n = 0;
    for (; from && from->name; from++)
        if (!is_ours(from->name))
            to[n++] = *from;
    return n;
}

/* The caller's headers and ours.  NULL: out of memory. */
static struct bide_pair *headers_of(const struct download *d, char range[40])
{
    const struct bide_pair *more = d->opts->request ? d->opts->request->headers : NULL;
    size_t room = count(d->opts->headers) + count(more) + HEADERS_OURS, n = 0;
    struct bide_pair *pairs = bide__zalloc(room * sizeof *pairs);
    if (!pairs) {
        bide_fail(BIDE_ENOMEM, "out of memory for a download");
        return NULL;
    }
    n += copy_others(pairs + n, d->opts->headers);
    n += copy_others(pairs + n, more);
    pairs[n++] = (struct bide_pair){ "Accept-Encoding", "identity" };
    if (may_go_on(d)) {
        snprintf(range, 40, "bytes=%" PRId64 "-", part_size(&d->part));
        pairs[n++] = (struct bide_pair){ "Range", range };
        pairs[n++] = (struct bide_pair){ "If-Range", d->part.validator };
    }
    return pairs;
}

BIDE_WAITS static bide_response *ask(struct download *d)
{
    struct bide_report report = { 0 };
    char range[40];
    struct bide_pair *headers = headers_of(d, range);
    if (!headers)
        return NULL;
    struct bide_fetch_opts o = { .abi_ = sizeof o };
    if (d->opts->request)
        o = *d->opts->request;
    o.url = d->url;
    o.headers = headers;
    o.retries = d->retries;
    o.report = &report;
    o.timeout = 0;
    o.timeouts.total = BIDE_FOREVER;
    if (d->opts->idle > 0 || o.timeouts.idle == 0)
        o.timeouts.idle = d->opts->idle > 0 ? d->opts->idle : FEW_SECONDS;
    bide_response *r = bide_fetch_opts(d->session, "GET", &o);
    if (d->opts->request && d->opts->request->report)
        *d->opts->request->report = report;
    d->retries -= report.attempts > 1 ? (int)report.attempts - 1 : 0;
    bide__free(headers);
    return r;
}

/* ---- what was answered ---- */

static int too_large(const struct download *d)
{
    return bide_fail(BIDE_ELIMIT, "more than the %" PRIu64 " bytes that are allowed",
                     d->opts->size_max);
}

static bool exceeds(const struct download *d, int64_t size)
{
    return d->opts->size_max && size > 0 && (uint64_t)size > d->opts->size_max;
}

/* The server's answer does not fit what we have: asks for the whole, once. */
static int start_anew(struct download *d, const char *why)
{
    if (d->started_anew)
        return bide_fail(BIDE_EHTTP, "%s", why);
    d->started_anew = d->in_one_piece = true;
    return AGAIN;
}

static bool is_coded(const bide_response *r)
{
    const char *coding = bide_response_header(r, "Content-Encoding");
    return coding && *coding && strcasecmp(coding, "identity") != 0;
}

/* As Content-Length says; -1: it does not, or means something else than what is written. */
static int64_t length_of(const bide_response *r)
{
    const char *length = bide_response_header(r, "Content-Length");
    uint64_t number;
    if (is_coded(r) || !length || !bide__text_number(text_of(length, strlen(length)), &number) ||
        number > INT64_MAX)
        return -1;
    return (int64_t)number;
}

static const char *validator_of(const bide_response *r)
{
    if (is_coded(r))
        return NULL;
    return bide__if_range_of(bide_response_header(r, "ETag"),
                             bide_response_header(r, "Last-Modified"),
                             bide_response_header(r, "Date"));
}

/* 200: all of it, from the beginning. */
BIDE_WAITS static int begin_whole(struct download *d, const bide_response *r)
{
    int64_t total = length_of(r);
    return exceeds(d, total) ? too_large(d)
                             : bide__part_restart(&d->part, validator_of(r), total, d->opts->sync);
}

/* 206: the rest, or its beginning.  0, AGAIN or < 0. */
static int begin_rest(struct download *d, const bide_response *r)
{
    struct content_range range;
    const char *said = bide_response_header(r, "Content-Range");
    const char *etag = bide_response_header(r, "ETag");
    int64_t length = length_of(r), *total = &d->part.total;
    if (!may_go_on(d))
        return bide_fail(BIDE_EHTTP, "206 without having been asked for a part");
    if (!said || !bide__content_range_read(text_of(said, strlen(said)), &range) || range.first < 0)
        return start_anew(d, "206 without saying which part it is");
    if (range.first != part_size(&d->part) || is_coded(r) ||
        (length >= 0 && length != range.last - range.first + 1))
        return start_anew(d, "206 with another part than was asked for");
    if ((*total >= 0 && range.total >= 0 && range.total != *total) ||
        (*total >= 0 && range.last >= *total) ||
        (etag && d->part.validator[0] == '"' && strcmp(etag, d->part.validator) != 0))
        return start_anew(d, "206 with a part of something else");
    if (range.total >= 0)
        *total = range.total;
    return exceeds(d, *total) ? too_large(d) : 0;
}

/* 416: there is no rest.  Is the part the whole? */
static int judge_no_rest(struct download *d, const bide_response *r)
{
    struct content_range range;
    const char *said = bide_response_header(r, "Content-Range");
    if (!may_go_on(d))
        return bide_response_check(r);
    bool is_whole = said && bide__content_range_read(text_of(said, strlen(said)), &range) &&
                    range.first < 0 && range.total == part_size(&d->part) &&
                    (d->part.total < 0 || d->part.total == range.total);
    return is_whole ? WHOLE : start_anew(d, "416, though the part is not the whole");
}

BIDE_WAITS static int begin_body(struct download *d, const bide_response *r)
{
    int status = bide_response_status(r);
    if (status == 200)
        return begin_whole(d, r);
    if (status == 206)
        return begin_rest(d, r);
    if (status == 416)
        return judge_no_rest(d, r);
    int rc = bide_response_check(r);
    return rc < 0 ? rc : bide_fail(BIDE_EHTTP, "get %.150s: %d is no reply with a file",
                                   bide_response_url(r), status);
}

/* ---- the body ---- */

static void tell(const struct download *d)
{
    if (d->opts->progress)
        d->opts->progress(d->opts->progress_arg, part_size(&d->part), d->part.total);
}

/* Reads it to its end: 0. */
BIDE_WAITS static int read_body(struct download *d, bide_response *r, bool *theirs)
{
    tell(d);
    for (;;) {
        size_t room;
        *theirs = false;
        char *to = bide__part_room(&d->part, &room);
        if (!to)
            return bide_errcode();
        *theirs = true;
        ssize_t n = bide_response_read(r, to, room);
        if (n <= 0)
            return (int)n;
        d->failed = 0;
        *theirs = false;
        if (exceeds(d, part_size(&d->part) + n))
            return too_large(d);
        d->part.gathered += (size_t)n;
        tell(d);
    }
}

/* The body has ended well: was that all? */
static int judge_end(struct download *d, int64_t before, bool is_rest)
{
    int64_t size = part_size(&d->part), total = d->part.total;
    if (size == total || (total < 0 && !is_rest))
        return WHOLE;
    if (total >= 0 && size > total)
        return start_anew(d, "more came than the whole has");
    if (size > before && d->part.validator)
        return AGAIN;           /* the server gives less than it is asked for, and may */
    return bide_fail(BIDE_EEOF, "%" PRId64 " of %" PRId64 " bytes came", size, total);
}

static bool may_pass(int code)
{
    return code == BIDE_EEOF || code == BIDE_ETIMEDOUT || code == -ECONNRESET ||
           code == -ECONNABORTED || code == -EPIPE || code == -EHOSTUNREACH ||
           code == -ENETUNREACH;
}

/* A body was cut short: waits, and goes on. */
BIDE_WAITS static int pause_after(struct download *d, int rc)
{
    const struct bide_download_opts *o = d->opts;
    if (!may_pass(rc) || d->retries <= 0)
        return rc;
    d->retries--;
    double delay = bide__backoff(o->retry_delay > 0 ? o->retry_delay : 0.5, 2,
                                 o->retry_cap > 0 ? o->retry_cap : 30, 0.5, ++d->failed,
                                 &d->random);
    if (bide_time_left() <= delay)
        return rc;
    int slept = bide_sleep(delay);
    return slept < 0 ? slept : AGAIN;
}

BIDE_WAITS static int take_reply(struct download *d, bide_response *r)
{
    bool theirs;
    int rc = begin_body(d, r);
    if (rc != 0)
        return rc;
    int64_t before = part_size(&d->part);
    rc = read_body(d, r, &theirs);
    if (rc == 0)
        return judge_end(d, before, bide_response_status(r) == 206);
    return theirs ? pause_after(d, rc) : rc;
}

BIDE_WAITS static int run(struct download *d)
{
    for (;;) {
        bide_auto(response) r = ask(d);
        int rc = r ? take_reply(d, r) : bide_errcode();
        d->in_one_piece = rc == AGAIN && d->in_one_piece && bide_response_status(r) != 200;
        if (rc == WHOLE)
            return bide__part_finish(&d->part, d->opts->path, d->opts->sync);
        if (rc < 0)
            return rc;
    }
}

/* ---- the call ---- */

static int check_options(const char *url, const struct bide_download_opts *o)
{
    if (!url || !o->path || !*o->path)
        return bide_fail(BIDE_EINVAL, "no %s given", url ? "path" : "URL");
    if (strpbrk(url, "\r\n"))
        return bide_fail(BIDE_EURL, "a line's end in the URL");
    if (o->retries < 0)
        return bide_fail(BIDE_EINVAL, "retries is negative");
    if (!(o->timeout >= 0) || !(o->idle >= 0) || !(o->retry_delay >= 0) || !(o->retry_cap >= 0))
        return bide_fail(BIDE_EINVAL, "a time is negative, or no number");
    return 0;
}

/* What is left of it, for the sentence of a failure. */
static int tell_of_part(const struct download *d, int rc)
{
    int64_t size = part_size(&d->part);
    if (!d->part.path || !d->part.resume || !d->part.validator || size == 0)
        return rc;
    struct bide_error error = bide_error_held_();
    return bide_fail(rc, "%.180s (%" PRId64 " bytes are kept)", error.text, size);
}

BIDE_WAITS static int download(struct download *d)
{
    int rc = bide__part_open(&d->part, d->url, d->opts);
    if (rc == 0)
        rc = run(d);
    if (rc < 0)
        bide_ignore(bide__part_settle(&d->part));
    return rc;
}

int64_t bide_download_opts(bide_session *session, const char *url,
                           const struct bide_download_opts *opts)
{
    if (!session)
        return bide_errcode();
    int rc = check_options(url, opts);
    if (rc < 0)
        return bide_within("download");
    struct download d = {
        .session = session, .url = url, .opts = opts, .retries = opts->retries,
        .random = (uint64_t)(bide_now() * 1e9),
    };
    BIDE_TIMEOUT(limit, opts->timeout > 0 ? opts->timeout : BIDE_FOREVER);
    rc = download(&d);
    int64_t size = part_size(&d.part);
    if (rc < 0) {
        rc = bide_scope_result(limit, rc);
        if (rc != BIDE_ECANCELED)
            rc = tell_of_part(&d, bide_within("download %.100s", opts->path));
    }
    bide_ignore(bide__part_end(&d.part));
    return rc < 0 ? rc : size;
}
