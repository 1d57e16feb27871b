/* What else a response tells: its trailers, and where its links lead. */
#include "http/response.h"

#include "http/links.h"
#include "http/trailers.h"

#include <string.h>

/* ---- trailers ---- */

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
        extras->trailers = bide__trailers_read(&mine->body.chunked, &mine->scratch);
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
