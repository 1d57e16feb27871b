/* What a request says of its body before that is read. */
#include "web/request.h"

#include "http/parameters.h"

/* "text/html" of " Text/HTML; charset=x"; an empty text: there is none, or it is none. */
static struct text media_type(struct text value)
{
    if (!value.at)
        return text_of("", 0);
    struct reader r = reader_of(value);
    bide__read_space(&r);
    const char *start = r.at;
    struct text type = bide__read_token(&r);
    if (type.size == 0 || !bide__read_char(&r, '/') || bide__read_token(&r).size == 0)
        return text_of("", 0);
    return text_of(start, (size_t)(r.at - start));
}

const char *bide_request_type(const bide_request *req)
{
    /* Made late, which does not change what was asked. */
    bide_request *mine = (bide_request *)(uintptr_t)req;
    if (req->type)
        return req->type;
    struct text type = media_type(head_get(&req->head, req->text, HEADER_CONTENT_TYPE));
    char *lower = bide__scratch_copy(&mine->scratch, type.at, type.size);
    for (size_t i = 0; lower && i < type.size; i++)
        lower[i] = char_lower(lower[i]);
    return mine->type = lower ? lower : "";
}

int64_t bide_request_length(const bide_request *req)
{
    if (req->body.kind == BODY_CHUNKED)
        return -1;
    return req->body.kind == BODY_LENGTH ? (int64_t)req->body.length : 0;
}

bool bide_request_has_body(const bide_request *req)
{
    return req->body.kind == BODY_CHUNKED || req->body.kind == BODY_LENGTH;
}
