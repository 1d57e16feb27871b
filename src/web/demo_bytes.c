/* Services whose answers are letters, a to z over and over: as many as asked for, in parts
 * (RFC 9110, section 14), and only if they have changed (section 13). */
#include "web/demo.h"

#include <string.h>

enum { RANGE_MAX = 16 << 20 };

#define CHANGED "Thu, 01 Jan 2026 00:00:00 GMT"

BIDE_WAITS static int respond_letters(bide_request *req, long size, long cut)
{
    const char *length = bide__demo_print(req, "%ld", size);
    if (!length || bide_respond_header(req, "Content-Type", "application/octet-stream") < 0 ||
        bide_respond_header(req, "Content-Length", length) < 0)
        return bide_errcode();
    int rc = bide__demo_letters(req, 0, cut < size ? cut : size);
    return rc == 0 && cut < size ? bide__demo_cut(req) : rc;
}

static int bytes(bide_request *req)
{
    long size;
    const char *text = bide_request_param(req, "size");
    const struct demo *demo = bide_request_state(req);
    if (!bide__demo_number(text, 0, DEMO_BYTES_MAX, &size))
        return bide__demo_bad(req, text);
    if (size <= DEMO_LETTERS)
        return bide_respond(req, 200, NULL, demo->letters, (size_t)size);
    return respond_letters(req, size, size);
}

/* ---- parts ---- */

struct part {
    long first, last;
};

/* "5-9", "5-", "-5": 1; 0: not of such a form, which counts as not asked for; -1: it begins behind
 * the end. */
static int read_part(const char *text, long size, struct part *part)
{
    uint64_t first = 0, last = UINT64_MAX;
    size_t digits = strspn(text, "0123456789"), more;
    if (text[digits] != '-')
        return 0;
    const char *behind = text + digits + 1;
    more = strspn(behind, "0123456789");
    if (behind[more] != '\0' || digits + more == 0 ||
        (digits > 0 && !bide__text_number(text_of(text, digits), &first)) ||
        (more > 0 && !bide__text_number(text_of(behind, more), &last)) || last < first)
        return 0;
    if (digits == 0) {                  /* so many from the end */
        first = last < (uint64_t)size ? (uint64_t)size - last : 0;
        last = more > 0 && last == 0 ? 0 : UINT64_MAX;
        if (last == 0)
            return -1;
    }
    if (first >= (uint64_t)size)
        return -1;
    *part = (struct part){ (long)first, last < (uint64_t)size ? (long)last : size - 1 };
    return 1;
}

/* What is asked for of it: as read_part(). */
static int asked_part(const bide_request *req, const char *etag, long size, struct part *part)
{
    const char *range = bide_request_header(req, "Range");
    const char *same = bide_request_header(req, "If-Range");
    if (!range || strncmp(range, "bytes=", 6) != 0 ||
        (same && strcmp(same, etag) != 0 && strcmp(same, CHANGED) != 0))
        return 0;
    return read_part(range + 6, size, part);
}

static int respond_part(bide_request *req, const struct part *part, long size)
{
    const struct demo *demo = bide_request_state(req);
    long count = part->last - part->first + 1;
    char *at = bide__scratch_take(&req->scratch, (size_t)count);
    const char *range = bide__demo_print(req, "bytes %ld-%ld/%ld", part->first, part->last, size);
    if (!at || !range)
        return bide_fail(BIDE_ENOMEM, "out of memory for an answer");
    for (long i = 0; i < count; i++)
        at[i] = demo->letters[(part->first + i) % DEMO_LETTERS];
    int rc = bide_respond_header(req, "Content-Range", range);
    return rc < 0 ? rc : bide_respond(req, 206, NULL, at, (size_t)count);
}

/* ?cut=N: whoever asks for all of it is cut short after so many bytes. */
static int range(bide_request *req)
{
    long size, cut = RANGE_MAX;
    struct part part;
    const char *text = bide_request_param(req, "size");
    if (!bide__demo_number(text, 0, RANGE_MAX, &size) ||
        !bide__demo_query(req, "cut", 0, RANGE_MAX, &cut))
        return bide__demo_bad(req, text);
    const char *etag = bide__demo_print(req, "\"letters-%ld\"", size);
    if (!etag || bide_respond_header(req, "ETag", etag) < 0 ||
        bide_respond_header(req, "Last-Modified", CHANGED) < 0 ||
        bide_respond_header(req, "Accept-Ranges", "bytes") < 0)
        return bide_errcode();
    int asked = asked_part(req, etag, size, &part);
    if (asked > 0)
        return respond_part(req, &part, size);
    if (asked == 0)
        return respond_letters(req, size, cut);
    const char *none = bide__demo_print(req, "bytes */%ld", size);
    if (!none || bide_respond_header(req, "Content-Range", none) < 0)
        return bide_errcode();
    return bide_respond_text(req, 416, "there are %ld bytes\n", size);
}

/* ---- conditions ---- */

/* Does a list of tags have this one in it? */
static bool names(const char *list, const char *etag)
{
    return list && (strcmp(list, "*") == 0 || strstr(list, etag));
}

static int etag(bide_request *req)
{
    const char *match = bide_request_header(req, "If-Match");
    const char *tag = bide__demo_print(req, "\"%s\"", bide_request_param(req, "tag"));
    if (!tag)
        return bide_errcode();
    if (strchr(bide_request_param(req, "tag"), '"') || bide_respond_header(req, "ETag", tag) < 0)
        return bide_respond_text(req, 400, "this can be no tag\n");
    if (match && !names(match, tag))
        return bide_respond_text(req, 412, "it is %s\n", tag);
    if (names(bide_request_header(req, "If-None-Match"), tag))
        return bide_respond(req, 304, NULL, NULL, 0);
    return bide_respond_text(req, 200, "this is %s\n", tag);
}

const struct demo_route bide__demo_bytes[] = {
    { "GET", "/bytes/{size}", bytes }, { "GET", "/range/{size}", range },
    { "GET", "/etag/{tag}", etag }, { NULL, NULL, NULL },
};
