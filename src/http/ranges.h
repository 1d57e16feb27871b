/* What a server says of itself: whether it sends parts (Accept-Ranges, RFC 9110, section 14.3), and
 * how long it keeps a connection (Keep-Alive). */
#ifndef BIDE_HTTP_RANGES_H
#define BIDE_HTTP_RANGES_H

#include "http/chars.h"

/* Does it say that parts may be asked for in bytes? */
bool bide__accepts_ranges(struct text value);

struct keep_alive {
    bool has_timeout, has_max;
    uint64_t timeout;           /* seconds without a request, after which the server closes */
    uint64_t max;               /* further requests that it takes */
};

/* "timeout=5, max=100"; what is not understood is passed over. */
void bide__keep_alive_read(struct text value, struct keep_alive *keep);

#endif
