/* A body as a text: strictly in the charset that is told.  A browser shows something where bytes
 * are no characters; a server that went on would keep the damage. */
#include "base/memory.h"
#include "http/charset.h"
#include "web/body_forms.h"

enum { GROWTH = 3 };            /* bytes of UTF-8 that one byte can become */

bool bide__is_utf8_label(struct text charset)
{
    return !charset.at || bide__text_is_caseless(charset, "utf-8") ||
           bide__text_is_caseless(charset, "utf8");
}

/* The decoder puts this where it met what is no character. */
static bool was_replaced(struct text text)
{
    return memmem(text.at, text.size, "\xef\xbf\xbd", 3) != NULL;
}

int bide__body_string(struct bide_request *req, struct text bytes, struct text charset,
                      struct text *string, char **memory)
{
    struct text label = bide__is_utf8_label(charset) ? text_from("utf-8") : charset;
    int rc = bide__charset_decode(bytes, label, "", GROWTH * bytes.size + GROWTH, string, memory);
    if (rc == BIDE_ENOMEM)
        return bide_fail(rc, "out of memory for the body's text");
    if (rc == 0 && !(*memory && was_replaced(*string)))
        return 0;
    if (rc == 0)
        bide__free(*memory);
    *memory = NULL;
    bide_fail(BIDE_EINVAL, "the body is not in %.*s", (int)label.size, label.at);
    return bide__request_refuse(req, 400);
}

static int make_string(struct bide_request *req)
{
    struct body_forms *forms = req->forms;
    struct text type = head_get(&req->head, req->text, HEADER_CONTENT_TYPE), whole;
    int rc = bide__request_whole(req, bide__request_body_max(req), &whole);
    if (rc == 0)
        rc = bide__body_string(req, whole, bide__charset_of(type), &forms->string,
                               &forms->string_memory);
    forms->has_string = rc == 0;
    return rc;
}

const char *bide_request_string(bide_request *req, size_t *size)
{
    struct body_forms *forms = bide__body_forms(req);
    if (!forms || (!forms->has_string && make_string(req) < 0))
        return NULL;
    if (size)
        *size = forms->string.size;
    return forms->string.at;
}
