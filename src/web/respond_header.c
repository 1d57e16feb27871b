/* Headers and trailers of an answer. */
#include "http/trailers.h"
#include "web/exchange.h"
#include "web/respond.h"

#include <string.h>

/* Lines lie in the request's memory, of which an ordinary answer does not use all.  What they grow
 * out of stays there until the request ends; it is less than what they grow into. */
static bool grow(struct writer *w, size_t more)
{
    size_t room = 2 * w->room + more + 128;
    char *at = bide__scratch_take(w->owner, room);
    if (!at)
        return false;
    if (w->size > 0)
        memcpy(at, w->at, w->size);
    w->at = at;
    w->room = room;
    return true;
}

static struct writer *grown_by_request(struct writer *fields, bide_request *req)
{
    fields->grow = grow;
    fields->owner = &req->scratch;
    return fields;
}

/* The length of a response that will be written piece by piece. */
static int declare_length(bide_request *req, const char *value)
{
    if (!bide__text_number(text_from(value), &req->length) || req->length > INT64_MAX)
        return bide_fail(BIDE_EINVAL, "Content-Length: not a number");
    req->declared = true;
    return 0;
}

/* Who says that it closes must do so; that it stays open is for the server to know. */
static int note_connection(bide_request *req, const char *value)
{
    if (bide__text_is_caseless(text_from(value), "close"))
        req->keep_alive = false;
    else if (!bide__text_is_caseless(text_from(value), "keep-alive"))
        return bide_fail(BIDE_EINVAL, "header Connection: neither close nor keep-alive");
    return 0;
}

/* A line of its own; what cannot be written leaves the others as they were. */
static int add_line(struct writer *fields, const char *name, const char *value)
{
    struct writer before = *fields;
    bide__write_field(fields, text_from(name), text_from(value));
    if (fields->code == 0)
        return 0;
    int code = bide_fail(fields->code, "header: %s", fields->why);
    fields->size = before.size;
    fields->code = before.code;
    return code;
}

int bide_respond_header(bide_request *req, const char *name, const char *value)
{
    struct text spelled = text_from(name);
    if (req->responded != NOT_YET && req->responded != HELD)
        return bide_fail(BIDE_EINVAL, "header %s: the response is already on its way", name);
    if (bide__text_is_caseless(spelled, "Transfer-Encoding"))
        return bide_fail(BIDE_EINVAL, "header %s: not for a handler to say", name);
    if (bide__text_is_caseless(spelled, "Content-Length"))
        return declare_length(req, value);
    if (bide__text_is_caseless(spelled, "Connection"))
        return note_connection(req, value);
    int rc = add_line(grown_by_request(&req->fields, req), name, value);
    if (rc == 0)
        req->typed |= bide__text_is_caseless(spelled, "Content-Type");
    return rc;
}

int bide__respond_lines(bide_request *req, struct text lines)
{
    struct writer *fields = grown_by_request(&req->fields, req);
    writer_put(fields, lines.at, lines.size);
    if (fields->code == 0)
        return 0;
    int code = bide_fail(fields->code, "header: %s", fields->why);
    fields->code = 0;
    return code;
}

/* ---- those added so far ---- */

/* The line that begins at `at`: its value, and where the next one begins. */
static struct text line_value(const char *at, const char *end, struct text *name,
                              const char **next)
{
    const char *colon = memchr(at, ':', (size_t)(end - at));
    const char *stop = memmem(colon, (size_t)(end - colon), "\r\n", 2);
    *name = text_of(at, (size_t)(colon - at));
    *next = stop + 2;
    return text_of(colon + 2, (size_t)(stop - colon - 2));
}

static const char *find_line(const struct writer *fields, const char *from, const char *name,
                             struct text *value, const char **next)
{
    const char *end = fields->at + fields->size;
    for (const char *at = from; at < end; at = *next) {
        struct text found;
        *value = line_value(at, end, &found, next);
        if (bide__text_is_caseless(found, name))
            return at;
    }
    return NULL;
}

const char *bide_respond_header_get(const bide_request *req, const char *name)
{
    struct text value;
    const char *next;
    if (req->fields.size == 0 ||
        !find_line(&req->fields, req->fields.at, name, &value, &next))
        return NULL;
    return bide__scratch_copy(&((bide_request *)(uintptr_t)req)->scratch, value.at, value.size);
}

static void remove_lines(bide_request *req, const char *name)
{
    struct writer *fields = &req->fields;
    struct text value;
    const char *next, *at = fields->at;
    while (fields->size > 0 && (at = find_line(fields, at, name, &value, &next))) {
        size_t offset = (size_t)(at - fields->at), size = (size_t)(next - at);
        memmove(fields->at + offset, next, fields->size - offset - size);
        fields->size -= size;
        at = fields->at + offset;
    }
}

int bide_respond_header_set(bide_request *req, const char *name, const char *value)
{
    if (req->responded != NOT_YET && req->responded != HELD)
        return bide_fail(BIDE_EINVAL, "header %s: the response is already on its way", name);
    remove_lines(req, name);
    if (bide__text_is_caseless(text_from(name), "Content-Type"))
        req->typed = false;
    if (bide__text_is_caseless(text_from(name), "Content-Length"))
        req->declared = false;
    return value ? bide_respond_header(req, name, value) : 0;
}

/* ---- trailers ---- */

int bide_respond_trailer(bide_request *req, const char *name, const char *value)
{
    if (req->responded == DONE)
        return bide_fail(BIDE_EINVAL, "trailer %s: the response has ended", name);
    if (bide__trailer_forbidden(text_from(name)))
        return bide_fail(BIDE_EINVAL, "trailer %s: this field must stand before the body", name);
    return add_line(grown_by_request(&req->trailers, req), name, value);
}
