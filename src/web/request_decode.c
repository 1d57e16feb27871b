/* A body that Content-Encoding says is coded.
 *
 * Its bytes come from the connection, or from where they lie if they were read whole before, into a
 * buffer and from there through the decoder.  What comes out may be a thousand times as much, so
 * the decoder is told how much it may be, beside its own limit of the ratio. */
#include "web/body_forms.h"

#include "base/memory.h"
#include "http/coding.h"
#include "http/heap_writer.h"

#include <bide/respond.h>

enum {
    INPUT_SIZE = 8192,
    OUTPUT_SIZE = 4096,         /* room for each step, where all is wanted */
    LIST_MAX = 200,             /* bytes of a Content-Encoding */
};

struct coded_body {
    struct coding *coding;
    bool last, ended;           /* all of the input is in the buffer; all has come out */
    size_t from, to;            /* of in */
    char in[INPUT_SIZE];
};

void bide__coded_body_free(struct coded_body *c)
{
    if (!c)
        return;
    bide__coding_free(c->coding);
    bide__free(c);
}

/* The header's value, put together if it came in pieces. */
static struct text find_list(const struct bide_request *req, char list[LIST_MAX])
{
    size_t size = 0;
    for (unsigned i = 0; i < req->head.count; i++) {
        const struct field *field = &req->head.fields[i];
        if (field->header != HEADER_CONTENT_ENCODING || field->value_size == 0)
            continue;
        if (field->value_size + 2u > LIST_MAX - size)
            return text_from("(a list too long)");
        if (size > 0)
            list[size++] = ',';
        memcpy(list + size, req->text + field->value, field->value_size);
        size += field->value_size;
    }
    return text_of(list, size);
}

/* So the client knows that it is the coding, and which others it may use (RFC 9110, 12.5.3). */
void bide__request_tell_codings(struct bide_request *req)
{
    const char *accepted = bide__coding_accept();
    if (req->forms && req->forms->coding_refused)
        bide_respond_header(req, "Accept-Encoding", accepted ? accepted : "identity");
}

int bide__request_decode(struct bide_request *req, uint64_t size_max)
{
    char list[LIST_MAX];
    struct text value = find_list(req, list);
    struct coding_limits limits = { .size_max = size_max };
    struct coding *coding;
    const char *why;
    struct body_forms *forms = bide__body_forms(req);
    if (!forms)
        return BIDE_ENOMEM;
    if (forms->coded)
        return 0;
    int rc = bide__coding_open(&coding, value, &limits, &why);
    if (rc == BIDE_ENOMEM)
        return bide_fail(rc, "out of memory for decoding the body");
    if (rc < 0) {
        bide_fail(BIDE_EINVAL, "Content-Encoding %.*s: %s", (int)value.size, value.at, why);
        forms->coding_refused = true;
        return bide__request_refuse(req, 415);
    }
    if (!coding)
        return 0;
    forms->coded = bide__alloc(sizeof *forms->coded);
    if (!forms->coded) {
        bide__coding_free(coding);
        return bide_fail(BIDE_ENOMEM, "out of memory for decoding the body");
    }
    forms->coded->coding = coding;
    forms->coded->last = forms->coded->ended = false;
    forms->coded->from = forms->coded->to = 0;
    return 0;
}

/* ---- piece by piece ---- */

/* As it was sent. */
BIDE_WAITS static ssize_t read_sent(struct bide_request *req, char *buf, size_t size)
{
    if (!req->read_whole)
        return bide_request_read(req, buf, size);
    size_t left = req->whole.size - req->forms->taken;
    if (size > left)
        size = left;
    if (size > 0)
        memcpy(buf, req->whole.text + req->forms->taken, size);
    req->forms->taken += size;
    return (ssize_t)size;
}

/* One step of the decoder: how much came out. */
static ssize_t step(struct bide_request *req, struct coded_body *c, char *buf, size_t size)
{
    const char *in = c->in + c->from;
    size_t left = c->to - c->from;
    int rc = bide__coding_run(c->coding, &in, &left, buf, &size, c->last);
    if (rc == BIDE_ENOMEM)
        return bide_fail(rc, "out of memory for decoding the body");
    if (rc < 0) {
        bide_fail(rc == BIDE_ELIMIT ? rc : BIDE_EINVAL, "decoding the body: %s",
                  bide__coding_why(c->coding));
        return bide__request_refuse(req, rc == BIDE_ELIMIT ? 413 : 400);
    }
    c->from = c->to - left;
    c->ended = rc == 1;
    return (ssize_t)size;
}

BIDE_WAITS static int refill(struct bide_request *req, struct coded_body *c)
{
    ssize_t got = read_sent(req, c->in, sizeof c->in);
    if (got < 0)
        return (int)got;
    c->from = 0;
    c->to = (size_t)got;
    c->last = got == 0;
    return 0;
}

ssize_t bide__request_read_decoded(struct bide_request *req, char *buf, size_t size)
{
    struct coded_body *c = req->forms->coded;
    if (!c)
        return read_sent(req, buf, size);
    while (!c->ended) {
        ssize_t made = step(req, c, buf, size);
        if (made != 0)
            return made;
        if (c->from == c->to && !c->last) {
            int rc = refill(req, c);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

/* ---- whole ---- */

/* What was sent is there, so this does not wait for the client. */
BIDE_WAITS static int decode_all(struct bide_request *req)
{
    struct body_forms *forms = req->forms;
    struct writer w = bide__heap_writer();
    ssize_t got = 0;
    do {
        w.size += (size_t)got;
        char *room = writer_room(&w, OUTPUT_SIZE);
        got = room ? bide__request_read_decoded(req, room, OUTPUT_SIZE - 1) : BIDE_ENOMEM;
    } while (got > 0);
    if (got < 0) {
        bide__free(w.at);
        return w.code < 0 ? bide_fail(BIDE_ENOMEM, "out of memory for the body") : (int)got;
    }
    w.at[w.size] = '\0';
    forms->decoded_memory = w.at;
    forms->decoded = text_of(w.at, w.size);
    return 0;
}

int bide__request_whole(struct bide_request *req, size_t max, struct text *whole)
{
    struct body_forms *forms = bide__body_forms(req);
    if (!forms)
        return BIDE_ENOMEM;
    if (!forms->has_decoded) {
        int rc = bide__request_decode(req, max);
        if (rc == 0)
            rc = bide__request_read_whole(req, max);
        if (rc < 0)
            return rc;
        forms->decoded.at = bide_request_text(req, &forms->decoded.size);
        if (forms->coded && (rc = decode_all(req)) < 0)
            return rc;
        forms->has_decoded = true;
    }
    *whole = forms->decoded;
    return 0;
}
