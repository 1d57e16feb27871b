/* The Link header (RFC 8288): other pages and how they belong to this one. */
#ifndef BIDE_HTTP_LINKS_H
#define BIDE_HTTP_LINKS_H

#include "http/parameters.h"
#include "http/url.h"

struct link {
    struct text target;         /* the reference between < and >, as it was sent */
    struct parameter rel;       /* one or more words; value empty: none */
    struct text rest;           /* all its parameters, for bide__link_find() */
};

/* The next link of a header's value: 1; 0: there are no more; -1: the rest is none.  Where a
 * parameter is broken the link ends there, and the next is looked for behind a comma. */
int bide__link_next(struct reader *r, struct link *link);
/* Is word among its relations, in any case? */
bool bide__link_is(const struct link *link, const char *word);
/* A parameter ("title", "type"), without backslashes and with a NUL; "title*" is preferred and
 * comes as UTF-8: its size; -1: there is none, or it does not fit. */
ssize_t bide__link_text(const struct link *link, const char *name, char *out, size_t room);
/* The URL that it means on a page at base, as bide__url_join(). */
ssize_t bide__link_url(const struct link *link, const struct url *base, char *out, size_t room,
                       const char **why);

#endif
