/* What an answer tells of its file.  What the handler has said goes before. */
#include "web/file.h"

#include "http/disposition.h"
#include "web/respond.h"

/* Adds a header unless there is one. */
static int tell(struct file_answer *a, const char *name, const char *value)
{
    if (!value || (!a->alone && bide_respond_header_get(a->req, name)))
        return 0;
    return bide_respond_header(a->req, name, value);
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

/* What the file itself has to tell: as it was written once, where nothing is in the way. */
static int tell_file(struct file_answer *a)
{
    if (a->alone)
        return bide__respond_lines(a->req, text_of(a->file->lines, a->file->lines_size));
    if (tell(a, "Last-Modified", a->file->modified) < 0 || tell(a, "ETag", a->file->etag) < 0)
        return bide_errcode();
    return tell(a, "Accept-Ranges", "bytes");
}

int bide__file_headers(struct file_answer *a)
{
    const struct file_manner *manner = a->manner;
    const char *saved = manner->name ? disposition(a->req, manner->name) : NULL;
    if ((manner->name && !saved) || tell_file(a) < 0 ||
        tell(a, "Cache-Control", manner->cache) < 0 ||
        tell(a, "Content-Encoding", a->coding) < 0 ||
        tell(a, "Content-Disposition", saved) < 0)
        return bide_errcode();
    return a->varies ? bide_respond_header(a->req, "Vary", "Accept-Encoding") : 0;
}
