/* Reading and comparing; no byte within the quotes means anything. */
#include "http/etag.h"

#include <string.h>

/* Visible, but no quote, or beyond ASCII. */
static bool is_tag_char(char c)
{
    return c != '"' && c != ' ' && c != '\t' && char_is(c, CHAR_FIELD);
}

bool bide__etag_read(struct reader *r, struct etag *etag)
{
    const char *at = r->at;
    *etag = (struct etag){ .weak = r->end - at > 2 && at[0] == 'W' && at[1] == '/' };
    at += etag->weak ? 2 : 0;
    const char *start = at;
    if (at == r->end || *at++ != '"')
        return false;
    while (at < r->end && is_tag_char(*at))
        at++;
    if (at == r->end || *at++ != '"')
        return false;
    etag->opaque = text_of(start, (size_t)(at - start));
    r->at = at;
    return true;
}

struct etag bide__etag_of(struct text text)
{
    struct reader r = reader_of(text);
    struct etag etag;
    if (text.at && bide__etag_read(&r, &etag) && r.at == r.end)
        return etag;
    return (struct etag){ .weak = false };
}

static bool is_same(const struct etag *a, const struct etag *b, bool weakly)
{
    return (weakly || (!a->weak && !b->weak)) && a->opaque.size == b->opaque.size &&
           a->opaque.size > 0 && memcmp(a->opaque.at, b->opaque.at, a->opaque.size) == 0;
}

bool bide__etag_is_in(const struct etag *etag, struct text list, bool weakly)
{
    struct reader r = reader_of(list);
    struct etag one;
    if (bide__text_is(list, "*"))
        return true;
    while (r.at < r.end) {
        bide__read_space(&r);
        if (bide__read_char(&r, ','))
            continue;
        bool read = bide__etag_read(&r, &one);
        bide__read_space(&r);
        bool ends = r.at == r.end || *r.at == ',';
        if (read && ends && is_same(etag, &one, weakly))
            return true;
        while (r.at < r.end && *r.at != ',')
            r.at++;
    }
    return false;
}
