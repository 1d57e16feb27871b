/* bide_url: a URL with all its parts as texts. */
#ifndef BIDE_HTTP_URL_OBJECT_H
#define BIDE_HTTP_URL_OBJECT_H

#include "http/scratch.h"
#include "http/url.h"

#include <bide/url.h>

struct bide_url {
    struct url url;             /* points into text */
    const char *text, *redacted, *scheme, *user, *password, *host, *host_unicode;
    const char *path, *query, *fragment, *target, *origin;      /* in scratch memory */
    const struct bide_pair *params;
    struct scratch scratch;
    char first[512];            /* enough for most */
};

/* Makes the object for a text on a page at base (or NULL).  NULL: the failure is held. */
bide_url *bide__url_new(const struct url *base, struct text text, int flags);

#endif
