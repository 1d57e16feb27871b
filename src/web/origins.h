/* Lists of origins (RFC 6454): "https://a.example, https://b.example:8443". */
#ifndef BIDE_WEB_ORIGINS_H
#define BIDE_WEB_ORIGINS_H

#include "http/chars.h"

/* All zero is an empty list. */
struct origins {
    struct origin *list;
    size_t count;
    char *text;                 /* in which they lie */
    bool any;                   /* "*" */
    bool none;                  /* "null": what has no origin */
};

/* Reads a list: 0; BIDE_EINVAL with the error held: one of them is none; BIDE_ENOMEM.  End it in
 * any case.  list NULL: an empty one. */
int bide__origins_read(struct origins *origins, const char *list);
/* Is the value of an Origin header one of them? */
bool bide__origins_have(const struct origins *origins, const char *origin);
void bide__origins_end(struct origins *origins);

/* The next word of a list with commas, without blanks; false: there are no more. */
bool bide__list_next(const char **at, struct text *word);

#endif
