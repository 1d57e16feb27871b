/* Parts of a body as they come.
 *
 * The codec (http/multipart_read.h) points out payload where it lies, in one buffer; who reads
 * copies it from there, or writes it to a file as it is. */
#include "web/upload.h"

#include "base/memory.h"
#include "http/charset.h"
#include "http/heap_writer.h"
#include "http/parameters.h"

#include <bide/dir.h>
#include <bide/scope.h>

/* ---- making it ---- */

static struct text find_boundary(struct bide_request *req)
{
    struct parameter boundary;
    struct text type = head_get(&req->head, req->text, HEADER_CONTENT_TYPE);
    if (strncmp(bide_request_type(req), "multipart/", 10) == 0 &&
        bide__parameter_find(type, "boundary", &boundary))
        return boundary.value;
    return text_of(NULL, 0);
}

static int start(struct bide_upload *up, const struct bide_upload_opts *o)
{
    struct multipart_limits limits = { .head = o->headers_max, .parts = o->parts_max };
    struct text boundary = find_boundary(up->req);
    up->part_max = o->part_max ? o->part_max : UINT64_MAX;
    up->size_max = o->size_max ? o->size_max : UINT64_MAX;
    if (boundary.at && bide__multipart_read_start(&up->reader, boundary, &limits) == 0)
        return 0;
    bide_fail(BIDE_EINVAL, "the body is to be multipart/form-data with a boundary");
    return bide__request_refuse(up->req, 415);
}

bide_upload *bide_request_multipart_opts(bide_request *req, const struct bide_upload_opts *opts)
{
    struct body_forms *forms = bide__body_forms(req);
    if (!forms || bide__request_decode(req, UINT64_MAX) < 0)
        return NULL;
    if (forms->upload) {
        bide_fail(BIDE_EINVAL, "the body's parts are being read already");
        return NULL;
    }
    struct bide_upload *up = bide__alloc(sizeof *up);
    if (!up) {
        bide_fail(BIDE_ENOMEM, "out of memory for an upload");
        return NULL;
    }
    memset(up, 0, offsetof(struct bide_upload, piece));
    up->req = req;
    if (start(up, opts) == 0)
        return forms->upload = up;
    bide__free(up);
    return NULL;
}

void bide__upload_free(struct bide_upload *up)
{
    if (!up)
        return;
    bide__multipart_read_end(&up->reader);
    bide__free(up->texts);
    bide__free(up->text);
    bide__free(up);
}

/* ---- reading ---- */

static int refuse(struct bide_upload *up, int code, const char *why)
{
    bide_fail(code == BIDE_EHTTP ? BIDE_EINVAL : code, "the body's parts: %s", why);
    if (code != BIDE_ENOMEM)
        bide__request_refuse(up->req, code == BIDE_ELIMIT ? 413 : 400);
    return up->code = bide_errcode();
}

/* More of the body: how much. */
BIDE_WAITS static ssize_t refill(struct bide_upload *up)
{
    ssize_t got = bide__request_read_decoded(up->req, up->piece, sizeof up->piece);
    if (got < 0)
        return up->code = (int)got;
    up->from = 0;
    up->to = (size_t)got;
    up->size += (uint64_t)got;
    if (up->size > up->size_max)
        return refuse(up, BIDE_ELIMIT, "they are larger than the limit");
    return got;
}

/* What is next. */
BIDE_WAITS static int advance(struct bide_upload *up, enum multipart_item *item, struct text *data)
{
    *item = MULTIPART_NOTHING;
    while (*item == MULTIPART_NOTHING) {
        if (up->from == up->to) {
            ssize_t got = refill(up);
            if (got < 0)
                return (int)got;
            if (got == 0) {
                int rc = bide__multipart_read_last(&up->reader);
                return refuse(up, rc, up->reader.why);
            }
        }
        ssize_t took = bide__multipart_read_take(&up->reader, up->piece + up->from,
                                                 up->to - up->from, item, data);
        if (took < 0)
            return refuse(up, (int)took, up->reader.why);
        up->from += (size_t)took;
    }
    return 0;
}

static int count_payload(struct bide_upload *up)
{
    up->part_size += up->data.size;
    return up->part_size > up->part_max
        ? refuse(up, BIDE_ELIMIT, "one of them is larger than the limit") : 0;
}

int bide__upload_peek(struct bide_upload *up, struct text *data)
{
    enum multipart_item item = MULTIPART_DATA;
    if (up->code < 0)
        return bide_fail(up->code, "the body's parts cannot be read any more");
    if (up->data.size == 0 && up->in_part) {
        int rc = advance(up, &item, &up->data);
        if (rc == 0)
            rc = count_payload(up);
        if (rc < 0)
            return rc;
        up->in_part = item == MULTIPART_DATA;
    }
    *data = up->in_part ? up->data : text_of(NULL, 0);
    return 0;
}

BIDE_WAITS static int skip_part(struct bide_upload *up)
{
    struct text data;
    int rc;
    do {
        up->data.size = 0;
        rc = bide__upload_peek(up, &data);
    } while (rc == 0 && up->in_part);
    return rc;
}

/* What stands behind the last boundary means nothing, but another request may follow. */
BIDE_WAITS static int read_epilogue(struct bide_upload *up)
{
    ssize_t got;
    up->over = true;
    while ((got = refill(up)) > 0)
        continue;
    return (int)got;
}

int bide_upload_next(bide_upload *up, struct bide_upload_part *part)
{
    enum multipart_item item;
    struct text none;
    if (!up)
        return bide_errcode();
    int rc = skip_part(up);
    if (rc < 0 || up->over)
        return rc;
    rc = advance(up, &item, &none);
    if (rc < 0)
        return rc;
    if (item == MULTIPART_END)
        return read_epilogue(up);
    up->in_part = true;
    up->part_size = 0;
    rc = bide__upload_describe(up, part);
    if (rc < 0)
        return up->code = rc;
    return 1;
}

ssize_t bide_upload_read(bide_upload *up, void *buf, size_t size)
{
    struct text data;
    int rc = up ? bide__upload_peek(up, &data) : bide_errcode();
    if (rc < 0)
        return rc;
    if (size > data.size)
        size = data.size;
    if (size > 0)
        memcpy(buf, data.at, size);
    up->data = text_of(up->data.at + size, up->data.size - size);
    return (ssize_t)size;
}

/* ---- a part whole ---- */

static struct text charset_of(const struct bide_upload *up)
{
    for (const struct bide_pair *pair = up->reader.headers; pair && pair->name; pair++)
        if (bide__text_is_caseless(text_from(pair->name), "Content-Type"))
            return bide__charset_of(text_from(pair->value));
    return text_of(NULL, 0);
}

static int too_large(struct bide_upload *up, size_t max)
{
    bide_fail(BIDE_ELIMIT, "a part of the body is larger than %zu bytes", max);
    return bide__request_refuse(up->req, 413);
}

/* Its bytes, with a NUL behind them. */
BIDE_WAITS static int gather(struct bide_upload *up, size_t max, struct text *whole)
{
    struct writer w = bide__heap_writer();
    struct text data;
    int rc;
    while ((rc = bide__upload_peek(up, &data)) == 0 && data.size > 0 && w.code == 0) {
        if (data.size > max - w.size) {
            rc = too_large(up, max);
            break;
        }
        writer_put(&w, data.at, data.size);
        up->data.size = 0;
    }
    writer_put(&w, "", 1);
    if (rc == 0 && w.code < 0)
        rc = bide_fail(BIDE_ENOMEM, "out of memory for a part of the body");
    if (rc < 0) {
        bide__free(w.at);
        return rc;
    }
    *whole = text_of(w.at, w.size - 1);
    return 0;
}

const char *bide_upload_text(bide_upload *up, size_t max, size_t *size)
{
    struct text whole, string;
    char *memory;
    if (!up || gather(up, max, &whole) < 0)
        return NULL;
    bide__free(up->text);
    up->text = (char *)(uintptr_t)whole.at;
    if (bide__body_string(up->req, whole, charset_of(up), &string, &memory) < 0)
        return NULL;
    if (memory) {
        bide__free(up->text);
        up->text = memory;
    }
    if (size)
        *size = string.size;
    return string.at;
}

BIDE_WAITS static int64_t copy_to(struct bide_upload *up, bide_file *f, uint64_t max)
{
    struct text data;
    uint64_t size = 0;
    int rc;
    while ((rc = bide__upload_peek(up, &data)) == 0 && data.size > 0) {
        if (data.size > max - size)
            return too_large(up, max);
        rc = bide_file_write(f, data.at, data.size);
        if (rc < 0)
            return rc;
        size += data.size;
        up->data.size = 0;
    }
    if (rc == 0)
        rc = bide_file_finish(f);
    return rc < 0 ? rc : (int64_t)size;
}

int64_t bide_upload_save(bide_upload *up, const char *path, uint64_t max)
{
    bide_auto(file) f = up ? bide_file_open(path, "x") : NULL;
    if (!f)
        return bide_errcode();
    int64_t rc = copy_to(up, f, max);
    if (rc >= 0)
        return rc;
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(shield, 5);
    bide_ignore(bide_unlink(path));
    return rc;
}
