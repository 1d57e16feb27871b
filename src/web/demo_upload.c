/* What a form with files sends (multipart/form-data), of any size: told part by part. */
#include "web/demo.h"

#include "http/charset.h"
#include "http/multipart_read.h"
#include "http/parameters.h"

#include <string.h>

enum { PART_SHOWN = 200 };      /* bytes: a part's text is told up to this size */

struct upload {
    struct multipart_reader reader;
    bide_json *parts, *part;
    uint64_t size;              /* of the part */
    bool over;
    char shown[PART_SHOWN];
};

/* Begins if the body is one. */
static bool start(struct upload *up, bide_json *j, bide_request *req)
{
    struct parameter boundary;
    const char *type = bide_request_header(req, "Content-Type");
    *up = (struct upload){ .parts = NULL };
    if (!bide__demo_is_type(req, "multipart/form-data") ||
        !bide__parameter_find(text_of(type, strlen(type)), "boundary", &boundary) ||
        bide__multipart_read_start(&up->reader, boundary.value, NULL) < 0)
        return false;
    up->parts = bide_json_array(j, "parts");
    return true;
}

static void set_parameter(bide_json *j, const char *value, const char *name)
{
    char text[300];
    struct parameter p;
    if (bide__parameter_find(text_of(value, strlen(value)), name, &p) &&
        bide__parameter_text(&p, text, sizeof text) >= 0)
        bide__demo_set(j, name, text);
}

static void begin_part(struct upload *up)
{
    up->part = bide_json_object(up->parts, NULL);
    up->size = 0;
    for (const struct bide_pair *pair = up->reader.headers; pair->name; pair++) {
        struct text name = text_of(pair->name, strlen(pair->name));
        if (bide__text_is_caseless(name, "Content-Disposition")) {
            set_parameter(up->part, pair->value, "name");
            set_parameter(up->part, pair->value, "filename");
        } else if (bide__text_is_caseless(name, "Content-Type")) {
            bide__demo_set(up->part, "type", pair->value);
        }
    }
}

static void take_data(struct upload *up, struct text data)
{
    if (up->size + data.size <= PART_SHOWN)
        memcpy(up->shown + up->size, data.at, data.size);
    up->size += data.size;
}

/* Its size, and what is in it if that is a short text. */
static void end_part(struct upload *up)
{
    bide_json_set(up->part, "size", bide_value(up->size));
    if (up->size > 0 && up->size < PART_SHOWN && !memchr(up->shown, '\0', up->size)) {
        up->shown[up->size] = '\0';
        bide__demo_set(up->part, "text", up->shown);
    }
}

/* Takes a piece of the body: 0, or < 0 and the reader's why. */
static int take(struct upload *up, const char *at, size_t size)
{
    while (size > 0 && !up->over) {
        enum multipart_item item;
        struct text data = { NULL, 0 };
        ssize_t took = bide__multipart_read_take(&up->reader, at, size, &item, &data);
        if (took < 0)
            return (int)took;
        at += took;
        size -= (size_t)took;
        if (item == MULTIPART_HEAD)
            begin_part(up);
        else if (item == MULTIPART_DATA)
            take_data(up, data);
        else if (item == MULTIPART_PART_END)
            end_part(up);
        up->over = item == MULTIPART_END;
    }
    return 0;
}

void bide__demo_set_parts(bide_json *j, bide_request *req, const char *body, size_t size)
{
    struct upload up;
    if (start(&up, j, req) && take(&up, body, size) < 0)
        bide_json_set(j, "error", bide_value(up.reader.why));
    bide__multipart_read_end(&up.reader);
}

/* Reads all of the body: its size, or < 0. */
BIDE_WAITS static int64_t read_all(bide_request *req, struct upload *up, bool is_form)
{
    char piece[1024];
    int64_t sum = 0;
    for (ssize_t n; (n = bide_request_read(req, piece, sizeof piece)) != 0; sum += n) {
        if (n < 0)
            return n;
        if (is_form && take(up, piece, (size_t)n) < 0)
            return bide_fail(BIDE_EINVAL, "%s", up->reader.why);
    }
    return sum;
}

static int upload(bide_request *req)
{
    struct upload up;
    bide_json *j = bide_json_new();
    bool is_form = start(&up, j, req);
    int64_t size = read_all(req, &up, is_form);
    bool failed = size < 0 || (is_form && bide__multipart_read_last(&up.reader) < 0);
    if (!failed)
        bide_json_set(j, "size", bide_value(size));
    bide__multipart_read_end(&up.reader);
    if (!failed)
        return bide__demo_json(req, 200, j);
    bide_json_free(j);
    return size < 0 && size != BIDE_EINVAL ? (int)size
           : bide_respond_text(req, 400, "this is no form, or not all of it\n");
}

const struct demo_route bide__demo_upload[] = {
    { "POST", "/upload", upload }, { "PUT", "/upload", upload }, { NULL, NULL, NULL },
};
