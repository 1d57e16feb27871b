/* Entity tags (RFC 9110, 8.8.3): one, lists of them, and when two are the same. */
#ifndef BIDE_HTTP_ETAG_H
#define BIDE_HTTP_ETAG_H

#include "http/parameters.h"

struct etag {
    struct text opaque;         /* with its quotes; empty: there is none */
    bool weak;
};

/* Reads the tag that begins here, W/"..." or "...".  False: there is none. */
bool bide__etag_read(struct reader *r, struct etag *etag);
/* A tag that is the whole of a text; .opaque is empty if it is none. */
struct etag bide__etag_of(struct text text);
/* Is this one in the list, or is the list "*"?  weakly: W/ is not looked at; else neither may
 * have it (8.8.3.2).  What is no tag in a list is passed over. */
bool bide__etag_is_in(const struct etag *etag, struct text list, bool weakly);

#endif
