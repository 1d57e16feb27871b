/* Which parts of a whole a request asks for: Range (RFC 9110, 14.2).
 *
 * A header is a few bytes and could ask for the same megabyte a thousand times, or byte by byte
 * with a head for each.  So parts that overlap, or lie so close that a head between them
 * would be longer than the gap, are sent as one, and a header that still asks for more than
 * BYTE_RANGES_MAX is not heeded: the whole goes out, which is always allowed. */
#ifndef BIDE_HTTP_BYTE_RANGES_H
#define BIDE_HTTP_BYTE_RANGES_H

#include "http/chars.h"

enum {
    BYTE_RANGES_MAX = 16,       /* parts in one answer; browsers and download tools ask for one */
    BYTE_RANGES_GAP = 80,       /* bytes; about what a part's head costs */
};

struct byte_range {
    uint64_t first, last;       /* both are sent */
};

/* Reads "bytes=0-99, 500-, -20" for a whole of that size: how many parts there are, in the order
 * asked, or, where some were joined, in that of the whole.  0: the header does not count (another
 * unit, malformed, too many).  -1: there is nothing there (416). */
int bide__byte_ranges_read(struct text value, uint64_t size,
                           struct byte_range ranges[BYTE_RANGES_MAX]);

#endif
