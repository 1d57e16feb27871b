/* Whether, by which coding, and doing it. */
#include "web/compress.h"

#include "base/memory.h"
#include "http/accept.h"
#include "http/heap_writer.h"
#include "http/media_type.h"
#include "http/parameters.h"
#include "web/exchange.h"
#include "web/respond.h"

#include <bide/thread.h>
#include <string.h>

enum { PIECE = 16384 };

/* ---- what is wanted ---- */

int bide_respond_compress_opts(bide_request *req, const struct bide_compress_opts *opts)
{
    if (req->responded != NOT_YET)
        return bide_fail(BIDE_EINVAL, "respond_compress: this request has been answered already");
    req->compressing.wanted = true;
    req->compressing.min_size = opts->min_size ? opts->min_size : COMPRESS_MIN_SIZE;
    req->compressing.level = opts->level;
    req->compressing.is_wanted = opts->wanted ? opts->wanted : bide__media_type_shrinks;
    return 0;
}

static int compress(bide_request *req)
{
    int rc = bide_respond_compress_opts(req, bide_middleware_arg(req));
    return rc < 0 ? rc : bide_next(req);
}

int bide_use_compress_opts(bide_app *app, const struct bide_compress_opts *opts)
{
    struct bide_compress_opts *own = bide__alloc(sizeof *own);
    if (!own)
        return bide_fail(BIDE_ENOMEM, "compress: out of memory");
    *own = *opts;
    return bide_use_with(app, compress, own, bide__free);
}

/* ---- whether ---- */

/* Is this word in the list of a header's value? */
static bool has_word(const char *value, const char *word)
{
    struct reader r = reader_of(text_from(value ? value : ""));
    while (r.at < r.end) {
        bide__read_space(&r);
        if (bide__text_is_caseless(bide__read_token(&r), word))
            return true;
        while (r.at < r.end && !bide__read_char(&r, ','))
            r.at++;
    }
    return false;
}

static bool may_be_coded(const bide_request *req, int status, const char *type)
{
    const char *told = bide_respond_header_get(req, "Content-Type");
    type = told ? told : type;
    return status != 204 && status != 206 && status != 304 && type &&
           req->compressing.is_wanted(type) && !bide_respond_header_get(req, "Content-Encoding") &&
           !bide_respond_header_get(req, "Content-Range") &&
           !has_word(bide_respond_header_get(req, "Cache-Control"), "no-transform");
}

/* The quickest that is as small first; deflate last, for some have always read it wrongly. */
static const char *choose(const bide_request *req)
{
    static const char *const codings[] = {
#ifdef BIDE_ZSTD
        "zstd",
#endif
#ifdef BIDE_ZLIB
        "gzip", "deflate",
#endif
        NULL,
    };
    struct text accepted = head_get(&req->head, req->text, HEADER_ACCEPT_ENCODING);
    int chosen = bide__accept_coding(accepted, codings, sizeof codings / sizeof *codings - 1);
    return chosen < 0 ? NULL : codings[chosen];
}

/* What is sent is no longer byte for byte what the tag was made of (RFC 9110, 8.8.3.3). */
static int weaken_etag(bide_request *req)
{
    const char *etag = bide_respond_header_get(req, "ETag");
    if (!etag || strncmp(etag, "W/", 2) == 0)
        return 0;
    const char *weak = bide_request_printf(req, "W/%s", etag);
    return weak ? bide_respond_header_set(req, "ETag", weak) : bide_errcode();
}

static int vary(bide_request *req)
{
    if (has_word(bide_respond_header_get(req, "Vary"), "Accept-Encoding"))
        return 0;
    return bide_respond_header(req, "Vary", "Accept-Encoding");
}

/* Says so in the headers, and opens the encoder; *encoder NULL: it is not to be coded. */
static int begin(bide_request *req, int status, const char *type, struct encoder **encoder)
{
    const char *why;
    *encoder = NULL;
    if (!may_be_coded(req, status, type))
        return 0;
    int rc = vary(req);
    const char *coding = rc == 0 ? choose(req) : NULL;
    if (!coding)
        return rc;
    rc = bide__encoder_open(encoder, text_from(coding), req->compressing.level, &why);
    if (rc < 0)
        return bide_fail(rc, "respond: %s: %s", coding, why);
    if (weaken_etag(req) == 0 && bide_respond_header(req, "Content-Encoding", coding) == 0 &&
        bide_respond_header_set(req, "Accept-Ranges", NULL) == 0)
        return 0;
    bide__encoder_free(*encoder);
    *encoder = NULL;
    return bide_errcode();
}

/* ---- a whole answer ---- */

struct whole_job { struct encoder *encoder; const char *data; size_t size; struct text coded; };

static int encode(void *arg)
{
    struct whole_job *job = arg;
    struct writer w = bide__heap_writer();
    const char *in = job->data;
    size_t size = job->size;
    for (int rc = 0; rc == 0 && w.code == 0;) {
        size_t made = PIECE;
        char *room = writer_room(&w, made);
        if (!room)
            break;
        rc = bide__encoder_run(job->encoder, &in, &size, room, &made, ENCODER_END);
        if (rc < 0)
            bide__writer_fail(&w, rc, "out of memory");
        else
            w.size += made;
    }
    job->coded = bide__heap_writer_end(&w, "a compressed answer");
    return job->coded.at ? 0 : bide_errcode();
}

/* A job without an encoder: nothing is to be done. */
static int begin_whole(bide_request *req, const struct answer *answer, struct whole_job *job)
{
    *job = (struct whole_job){ .data = answer->data, .size = answer->size };
    if (answer->size < req->compressing.min_size || req->compressing.coded)
        return 0;
    return begin(req, answer->status, answer->type, &job->encoder);
}

static int end_whole(bide_request *req, struct answer *answer, struct whole_job *job, int rc)
{
    bide__encoder_free(job->encoder);
    if (rc < 0 || !job->coded.at) {
        bide__free((char *)(uintptr_t)job->coded.at);
        return rc;
    }
    req->compressing.coded = (char *)(uintptr_t)job->coded.at;
    answer->data = job->coded.at;
    answer->size = req->length = job->coded.size;
    return 0;
}

int bide__compress_whole(bide_request *req, struct answer *answer)
{
    struct whole_job job;
    int rc = begin_whole(req, answer, &job);
    return end_whole(req, answer, &job, job.encoder ? encode(&job) : rc);
}

/* An error page must not wait, and is hardly ever long. */
bool bide__compress_is_long(const bide_request *req, const struct answer *answer)
{
    return req->compressing.wanted && answer->size > COMPRESS_INLINE_MAX && !req->in_page;
}

int bide__compress_aside(bide_request *req, struct answer *answer)
{
    struct whole_job job;
    int rc = begin_whole(req, answer, &job);
    if (job.encoder)
        rc = bide__exchange_flush(req);
    if (job.encoder && rc == 0)
        rc = bide_to_thread(encode, &job);
    return end_whole(req, answer, &job, rc);
}

/* ---- piece by piece ---- */

int bide__compress_start(bide_request *req, int status)
{
    struct compressing *c = &req->compressing;
    bide__compressing_end(c);           /* of an answer that could not begin */
    if (req->declared && req->length < c->min_size)
        return 0;
    int rc = begin(req, status, NULL, &c->encoder);
    if (rc == 0 && c->encoder)
        req->declared = false;          /* how long it becomes, nobody knows yet */
    return rc;
}

/* One run of the encoder: from what is in to a piece that is made. */
struct step {
    struct encoder *encoder;
    const char *in;
    size_t size, made;
    enum encoder_until until;
    char *room;
    int done;
};

static int encode_some(void *arg)
{
    struct step *step = arg;
    step->made = PIECE;
    step->done = bide__encoder_run(step->encoder, &step->in, &step->size, step->room, &step->made,
                                   step->until);
    return 0;
}

/* Much at once is a thread's work, for other tasks would wait for it. */
BIDE_WAITS static int take_step(struct step *step)
{
    int rc = step->size > COMPRESS_INLINE_MAX ? bide_to_thread(encode_some, step)
                                              : encode_some(step);
    return rc == 0 && step->done < 0
               ? bide_fail(step->done, "out of memory for a compressed answer") : rc;
}

BIDE_WAITS static int run(bide_request *req, const char *in, size_t size,
                          enum encoder_until until)
{
    struct step step = { .encoder = req->compressing.encoder, .in = in, .size = size,
                         .until = until, .room = bide__alloc(PIECE) };
    int rc = step.room ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a compressed answer");
    while (rc == 0 && step.done == 0) {
        rc = take_step(&step);
        if (rc == 0 && step.made > 0)
            rc = bide__respond_piece(req, step.room, step.made);
    }
    bide__free(step.room);
    return rc;
}

int bide__compress_write(bide_request *req, const void *data, size_t size)
{
    return size > 0 ? run(req, data, size, ENCODER_MORE) : bide_respond_flush(req);
}

int bide__compress_flush(bide_request *req)
{
    return run(req, NULL, 0, ENCODER_FLUSH);
}

int bide__compress_end(bide_request *req)
{
    int rc = run(req, NULL, 0, ENCODER_END);
    bide__encoder_free(req->compressing.encoder);
    req->compressing.encoder = NULL;
    return rc;
}

void bide__compressing_end(struct compressing *c)
{
    bide__encoder_free(c->encoder);
    bide__free(c->coded);
    c->encoder = NULL;
    c->coded = NULL;
}
