/* Domains under which strangers register names: "com", "co.uk", "github.io".
 *
 * A cookie for all of them would be sent to everybody's servers, so none may be set there.  The
 * list is libpsl's, as it was built; without libpsl a domain of one label ("com", "uk") is
 * public, and no other. */
#ifndef BIDE_HTTP_PUBLIC_SUFFIX_H
#define BIDE_HTTP_PUBLIC_SUFFIX_H

#include "http/chars.h"

/* domain: lower case, ASCII, of at most 253 bytes (longer ones count as public); a dot at its end
 * does not matter.  Not for addresses. */
bool bide__public_suffix(struct text domain);

#endif
