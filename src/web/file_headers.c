/* What an answer tells of its file.  What the handler has said goes before. */
#include "web/file.h"

#include "http/disposition.h"
#include "http/media_type.h"
#include "web/request.h"

/* Adds a header unless there is one. */
static int tell(bide_request *req, const char *name, const char *value)
{
    if (!value || bide_respond_header_get(req, name))
        return 0;
    return bide_respond_header(req, name, value);
}

static const char *disposition(bide_request *req, const char *name)
{
    struct writer w;
    bide__scratch_write(&req->scratch, &w);
    bide__disposition_write(&w, "attachment", text_from(name));
    writer_put(&w, "", 1);
    if (w.code < 0) {
        bide_fail(w.code, "respond_file: out of memory");
        return NULL;
    }
    bide__scratch_keep(&req->scratch, &w);
    return w.at;
}

/* "text/css; charset=utf-8": of text without a charset each reader makes something else. */
static int choose_type(struct file_answer *a)
{
    if (a->manner->type || !bide__media_type_is_text(a->type))
        return 0;
    a->type = bide_request_printf(a->req, "%s; charset=utf-8", a->type);
    return a->type ? 0 : bide_errcode();
}

int bide__file_headers(struct file_answer *a)
{
    bide_request *req = a->req;
    const char *saved = a->manner->name ? disposition(req, a->manner->name) : NULL;
    if ((a->manner->name && !saved) || choose_type(a) < 0 ||
        tell(req, "Last-Modified", a->file->modified) < 0 ||
        tell(req, "ETag", a->file->etag) < 0 || tell(req, "Accept-Ranges", "bytes") < 0 ||
        tell(req, "Cache-Control", a->manner->cache) < 0 ||
        tell(req, "Content-Encoding", a->coding) < 0 ||
        tell(req, "Content-Disposition", saved) < 0)
        return bide_errcode();
    return a->varies ? bide_respond_header(req, "Vary", "Accept-Encoding") : 0;
}
