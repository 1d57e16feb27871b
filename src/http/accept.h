/* What a client would rather have: Accept and Accept-Encoding (RFC 9110, 12.4.2 to 12.5.3).
 *
 * Qualities are whole numbers here, in thousandths, as the header has no finer ones.  What is
 * malformed in a list counts as not being there; the rest of the list still counts. */
#ifndef BIDE_HTTP_ACCEPT_H
#define BIDE_HTTP_ACCEPT_H

#include "http/chars.h"

enum {
    QUALITY_MOST = 1000,
    ACCEPT_IDENTITY = -1,       /* no coding */
};

/* How welcome a media type is, 0 (not at all) to QUALITY_MOST, by the entry that is closest to it:
 * the type itself, else "text/" "*", else "*" "/" "*".  A value whose `at` is NULL, or that is
 * empty: everything is. */
unsigned bide__accept_type(struct text value, const char *type);
/* Which of the codings offered, the best one first, to send: its index, or ACCEPT_IDENTITY.  The
 * highest quality wins, then the order offered; identity wins only where it is wanted more than
 * all of them.  Nothing is welcome, or a value whose `at` is NULL: identity. */
int bide__accept_coding(struct text value, const char *const *offered, unsigned count);
/* How welcome one coding is. */
unsigned bide__accept_coding_quality(struct text value, const char *coding);

#endif
