/* Which cookie belongs to which request: hosts, paths, and whether nobody can listen. */
#ifndef BIDE_HTTP_COOKIE_MATCH_H
#define BIDE_HTTP_COOKIE_MATCH_H

#include "http/url.h"

/* Is the URL's host an address? */
bool bide__cookie_host_is_address(struct text host);
/* Is host the domain itself or, unless it is an address, below it?  Both in lower case.
 * RFC 6265bis, section 5.1.3. */
bool bide__cookie_domain_matches(struct text host, struct text domain);
/* Is the path of a request the cookie's path, or below it?  Section 5.1.4. */
bool bide__cookie_path_matches(struct text path, struct text cookie_path);
/* The path of a cookie that names none: the request's directory.  Points into path, or is "/". */
struct text bide__cookie_default_path(struct text path);
/* May cookies that are Secure go to this URL and come from it?  To https; and, as in browsers, to
 * this very machine ("localhost", names below it, 127.0.0.0/8, [::1]), where nobody listens. */
bool bide__cookie_is_trusted(const struct url *url);

#endif
