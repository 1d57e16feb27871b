/* Base64 (RFC 4648): with its padding, or that of URLs, without. */
#ifndef BIDE_HTTP_BASE64_H
#define BIDE_HTTP_BASE64_H

#include "http/write.h"

#include <sys/types.h>

/* Appends the code of several pieces, one behind the other as if they were one. */
void bide__base64_write(struct writer *w, const struct text *pieces, size_t count);
/* Appends it in the letters of URLs ('-' and '_'), without padding. */
void bide__base64url_write(struct writer *w, struct text bytes);
/* Decodes into out, of at least text.size bytes; url: as above, else with all of its padding.  Its
 * size; -1: it is not what would have been written for these bytes. */
ssize_t bide__base64_read(char *out, struct text text, bool url);

#endif
