/* Parts of what a URL has: Content-Range and Accept-Ranges (RFC 9110, section 14), and how long a
 * connection is kept (Keep-Alive). */
#ifndef BIDE_HTTP_RANGES_H
#define BIDE_HTTP_RANGES_H

#include "http/chars.h"

struct content_range {
    bool has_range, has_total;
    uint64_t first, last;       /* bytes, both included */
    uint64_t total;
};

/* "bytes 0-499/1234", of which either side of the slash may be a star, but not both.  False: it is
 * none, contradicts itself, or counts in something else than bytes. */
bool bide__content_range_read(struct text value, struct content_range *range);
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
