/* What else a response tells: its trailers, and where its links lead. */
#include "http/response.h"

#include "http/links.h"

#include <string.h>

/* ---- trailers ---- */

/* May it not stand behind a body (RFC 9110, 6.5.1)?  What frames a message, routes it, says who
 * asks or what the body is has been acted upon: saying it again can only be a trick. */
static bool is_forbidden(struct text name)
{
    static const char *const names[] = {
        "age", "authorization", "cache-control", "connection", "content-encoding",
        "content-length", "content-range", "content-type", "cookie", "date", "expect", "expires",
        "host", "keep-alive", "location", "max-forwards", "pragma", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "range", "retry-after", "set-cookie", "te",
        "trailer", "transfer-encoding", "upgrade", "vary", "warning", "www-authenticate",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bide__text_is_caseless(name, names[i]))
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One line, which the chunks' reader has checked: "name: value".  Ends both with a NUL. */
static void read_trailer(char *line, char *end, struct bide_pair *pair)
{
    char *colon = memchr(line, ':', (size_t)(end - line));
    char *value = colon + 1;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *colon = *end = '\0';
    *pair = (struct bide_pair){ line, value };
}

static struct bide_pair *read_trailers(struct bide_response *r)
{
    const struct chunked *chunked = &r->body.chunked;
    char *at = chunked->trailers, *end = at + chunked->kept;
    size_t count = 0, lines = 1;
    for (const char *c = at; c < end; c++)
        lines += *c == '\n';
    struct bide_pair *pairs = bide__scratch_take(&r->scratch, lines * sizeof *pairs);
    while (pairs && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        read_trailer(at, stop - 1, &pairs[count]);      /* before its CR */
        count += !is_forbidden(text_of(at, strlen(at)));
        at = stop + 1;
    }
    if (pairs)
        pairs[count] = (struct bide_pair){ NULL, NULL };
    return pairs;
}

const struct bide_pair *bide_response_trailers(const bide_response *r)
{
    static const struct bide_pair none[] = { { NULL, NULL } };
    if (!r)
        return NULL;
    if (!r->over || r->body.kind != BODY_CHUNKED || r->body.chunked.kept == 0)
        return none;
    /* Made late, as the list of headers is: that does not change what the response is. */
    struct bide_response *mine = (struct bide_response *)(uintptr_t)r;
    struct extras *extras = bide__response_extras(mine);
    if (extras && !extras->trailers)
        extras->trailers = read_trailers(mine);
    return extras && extras->trailers ? extras->trailers : none;
}

/* ---- links ---- */

struct known_link {
    struct known_link *next;
    const char *url;            /* NULL: there is no such link */
    char rel[];
};

/* The first link of that relation: true. */
static bool find_link(const struct bide_response *r, const char *rel, struct link *link)
{
    const char *value = bide_response_header(r, "Link");
    for (; value; value = bide_response_header_next(r, "Link", value)) {
        struct reader reader = reader_of(text_of(value, strlen(value)));
        while (bide__link_next(&reader, link) > 0)
            if (bide__link_is(link, rel))
                return true;
    }
    return false;
}

static int resolve(struct bide_response *r, const struct link *link, const char **to)
{
    struct url base;
    const char *why;
    int rc = bide__url_parse(&base, r->url, strlen(r->url), &why);
    if (rc < 0)
        return bide_fail(rc, "%s", why);
    size_t room = url_join_room(&base, link->target.size);
    char *url = bide__scratch_take(&r->scratch, room);
    if (!url)
        return bide_fail(BIDE_ENOMEM, "out of memory for a link");
    ssize_t size = bide__link_url(link, &base, url, room, &why);
    if (size < 0)
        return bide_fail((int)size, "a link leads to no URL: %s", why);
    *to = url;
    return 0;
}

static struct known_link *know(struct bide_response *r, struct extras *extras, const char *rel)
{
    size_t size = strlen(rel) + 1;
    struct known_link *known = bide__scratch_take(&r->scratch, sizeof *known + size);
    if (!known) {
        bide_fail(BIDE_ENOMEM, "out of memory for a link");
        return NULL;
    }
    struct link link;
    known->url = NULL;
    memcpy(known->rel, rel, size);
    if (find_link(r, rel, &link) && resolve(r, &link, &known->url) < 0)
        return NULL;
    known->next = extras->links;
    extras->links = known;
    return known;
}

const char *bide_response_link(bide_response *r, const char *rel)
{
    if (!r || !rel || !bide_response_header(r, "Link"))
        return NULL;
    struct extras *extras = bide__response_extras(r);
    if (!extras)
        return NULL;
    struct known_link *known = extras->links;
    while (known && !bide__text_is_caseless(text_of(rel, strlen(rel)), known->rel))
        known = known->next;
    if (!known && !(known = know(r, extras, rel)))
        bide__response_within(r);
    return known ? known->url : NULL;
}
