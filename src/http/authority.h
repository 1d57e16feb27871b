/* Host and port, as a request may name them: in Host, in an absolute target, in CONNECT's.
 *
 * Narrower than RFC 3986: what one reader might route elsewhere than another (percent-codes,
 * commas, a user, a port that is no number) is refused.  Nothing is copied. */
#ifndef BIDE_HTTP_AUTHORITY_H
#define BIDE_HTTP_AUTHORITY_H

#include "http/chars.h"

/* "example.org", "[::1]:80", "h:"; NULL, or a static sentence.  *port: the digits behind the colon,
 * at NULL without one. */
const char *bide__authority_check(struct text authority, struct text *port);
/* The same without the question for the port; an empty one is good. */
const char *bide__host_check(struct text host);

#endif
