/* One Set-Cookie header taken apart (RFC 6265bis, section 5.6): lenient where browsers are, for
 * that is what servers rely on.  Texts point into the header; nothing allocates. */
#ifndef BIDE_HTTP_SET_COOKIE_H
#define BIDE_HTTP_SET_COOKIE_H

#include "http/chars.h"

enum {
    COOKIE_SIZE_MAX = 4096,     /* of name and value together */
    COOKIE_ATTRIBUTE_MAX = 1024,    /* of one attribute's value; a longer one is passed over */
    COOKIE_AGE_MAX = 400 * 86400,   /* seconds; what is to live longer lives so long */
};

enum same_site { SAME_SITE_UNSET, SAME_SITE_NONE, SAME_SITE_LAX, SAME_SITE_STRICT };

struct set_cookie {
    struct text name, value;
    struct text domain;         /* without a dot in front, in any case; empty: none given */
    struct text path;           /* begins with '/'; empty: none given, or one that does not */
    bool persistent;            /* else it goes with the session */
    bool secure, http_only;
    enum same_site same_site;
    int64_t expires;            /* if persistent: seconds since 1970; may have passed */
};

/* 0, or BIDE_EINVAL and *why, a static sentence.  now: seconds since 1970. */
int bide__set_cookie_parse(struct set_cookie *cookie, struct text text, int64_t now,
                           const char **why);
/* Is it one of the names that promise something, and is the promise not kept?  host_only and
 * secure as they came out.  Section 4.1.3.  NULL: all is well. */
const char *bide__set_cookie_prefix_fault(const struct set_cookie *cookie, bool host_only);

#endif
