/* A document as an answer: written into what is left of the request's own memory, so that a small
 * one allocates nothing, and from there behind the head, which must tell its length. */
#include "web/request.h"

#include "base/memory.h"
#include "json/write.h"

#include <bide/respond.h>

int bide_respond_json(bide_request *req, int status, const bide_json *document)
{
    size_t size, room = (size_t)(req->scratch.end - req->scratch.at);
    char *space = req->scratch.at;
    char *text = bide__json_write_into(document, space, room, &size);
    if (!text)
        return bide_errcode();
    int rc = bide_respond(req, status, "application/json", text, size);
    if (text != space)
        bide__free(text);
    return rc;
}
