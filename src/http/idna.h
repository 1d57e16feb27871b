/* Host names beyond ASCII: what DNS is asked, and what people read (UTS #46, RFC 5891).
 *
 * By libidn2, which Meson's option `idn` may leave out (no BIDE_IDN then).  Non-transitional, as
 * browsers have it: "straße.de" is not "strasse.de". */
#ifndef BIDE_HTTP_IDNA_H
#define BIDE_HTTP_IDNA_H

#include <stdbool.h>
#include <stddef.h>

enum { IDNA_SIZE = 256 };       /* of a name with its NUL */

/* Writes the ASCII form of a name in UTF-8, with a NUL.  NULL, or why not, a static sentence. */
const char *bide__idna_to_ascii(char out[IDNA_SIZE], const char *name);
/* Writes in UTF-8 what people read for an ASCII name, with a NUL; false, and nothing is promised
 * of out: there is no other form, or it is too long or would not lead back to the name. */
bool bide__idna_to_unicode(char *out, size_t room, const char *name);

#endif
