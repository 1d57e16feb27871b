/* A document as an answer: written into what is left of the request's own memory, so that a small
 * one allocates nothing, and from there behind the head, which must tell its length. */
#include "web/request.h"

#include "base/memory.h"
#include "json/write.h"

#include <bide/respond.h>

int bide_respond_json(bide_request *req, int status, const bide_json *document)
{
    struct writer w;
    size_t size;
    bide__scratch_write(&req->scratch, &w);
    char *text = bide__json_write_into(document, w.at, w.room, &size);
    if (!text)
        return bide_errcode();
    bool lent = text == w.at;
    w.size = lent ? size : 0;
    bide__scratch_keep(&req->scratch, &w);
    int rc = bide_respond(req, status, "application/json", text, size);
    if (!lent)
        bide__free(text);
    return rc;
}
