/* A body as a document. */
#include "http/charset.h"
#include "web/body_forms.h"

static bool ends_in(const char *text, const char *ending)
{
    size_t size = strlen(text), tail = strlen(ending);
    return size >= tail && strcmp(text + size - tail, ending) == 0;
}

/* What a page elsewhere can make a browser send without asking first (text/plain, a form, no type
 * at all) is not taken as JSON, whatever is in it. */
static int check_type(struct bide_request *req)
{
    const char *type = bide_request_type(req);
    struct text value = head_get(&req->head, req->text, HEADER_CONTENT_TYPE);
    if ((ends_in(type, "/json") || ends_in(type, "+json")) &&
        bide__is_utf8_label(bide__charset_of(value)))
        return 0;
    bide_fail(BIDE_EINVAL, "the body is to be application/json in UTF-8%s%.60s",
              *type ? ", not " : "", type);
    return bide__request_refuse(req, 415);
}

static int make_json(struct bide_request *req)
{
    struct text whole;
    int rc = check_type(req);
    if (rc == 0)
        rc = bide__request_whole(req, bide__request_body_max(req), &whole);
    if (rc < 0)
        return rc;
    req->forms->json = bide_json_parse(whole.at, whole.size);
    if (req->forms->json)
        return 0;
    rc = bide_within("the body");
    return rc == BIDE_ENOMEM ? rc : bide__request_refuse(req, rc == BIDE_ELIMIT ? 413 : 400);
}

const bide_json *bide_request_json(bide_request *req)
{
    struct body_forms *forms = bide__body_forms(req);
    if (!forms || (!forms->json && make_json(req) < 0))
        return NULL;
    return forms->json;
}
