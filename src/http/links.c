/* Read by the lenient rules of RFC 8288's appendix B.3, as links are written by everybody. */
#include "http/links.h"

#include <string.h>

static const char stops[] = ";,";

/* Behind what is broken: the next comma that is not in quotes. */
static void skip_broken(struct reader *r)
{
    for (bool quoted = false; r->at < r->end && (quoted || *r->at != ','); r->at++)
        if (*r->at == '"')
            quoted = !quoted;
}

static void read_parameters(struct reader *r, struct link *link)
{
    struct parameter p;
    int rc;
    const char *start = r->at, *end = r->at;
    while ((rc = bide__read_parameter(r, stops, &p)) > 0) {
        end = r->at;
        if (link->rel.value.size == 0 && bide__text_is_caseless(p.name, "rel"))
            link->rel = p;
    }
    link->rest = text_of(start, (size_t)(end - start));
    skip_broken(r);
}

int bide__link_next(struct reader *r, struct link *link)
{
    do
        bide__read_space(r);
    while (bide__read_char(r, ','));
    *link = (struct link){ .rel = { .value = text_of(r->at, 0) } };
    if (r->at == r->end)
        return 0;
    const char *close = memchr(r->at, '>', (size_t)(r->end - r->at));
    if (*r->at != '<' || !close)
        return -1;
    link->target = text_of(r->at + 1, (size_t)(close - r->at - 1));
    r->at = close + 1;
    read_parameters(r, link);
    return 1;
}

bool bide__link_is(const struct link *link, const char *word)
{
    const char *at = link->rel.value.at, *end = at + link->rel.value.size;
    while (at < end) {
        const char *start = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        if (at > start && bide__text_is_caseless(text_of(start, (size_t)(at - start)), word))
            return true;
        at += at < end;
    }
    return false;
}

static bool find(const struct link *link, const char *name, bool starred, struct parameter *p)
{
    struct reader r = reader_of(link->rest);
    size_t size = strlen(name);
    while (bide__read_parameter(&r, stops, p) > 0)
        if (p->name.size == size + starred && (!starred || p->name.at[size] == '*') &&
            bide__text_is_caseless(text_of(p->name.at, size), name))
            return true;
    return false;
}

ssize_t bide__link_text(const struct link *link, const char *name, char *out, size_t room)
{
    struct parameter p;
    if (find(link, name, true, &p)) {
        ssize_t size = bide__parameter_extended(&p, out, room);
        if (size >= 0)
            return size;
    }
    return find(link, name, false, &p) ? bide__parameter_text(&p, out, room) : -1;
}

ssize_t bide__link_url(const struct link *link, const struct url *base, char *out, size_t room,
                       const char **why)
{
    return bide__url_join(base, link->target.at, link->target.size, out, room, why);
}
