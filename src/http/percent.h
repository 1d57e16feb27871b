/* Percent-encoding: query parameters, forms and path segments, both ways. */
#ifndef BIDE_HTTP_PERCENT_H
#define BIDE_HTTP_PERCENT_H

#include "http/chars.h"
#include "http/write.h"

#include <sys/types.h>

/* Appends text with everything but letters, digits and "-._~" encoded. */
void bide__percent_write(struct writer *w, struct text text);
/* How many bytes bide__percent_write() appends. */
size_t bide__percent_size(struct text text);
/* Appends a piece of a URL as it is pasted: with what is not of one of these kinds encoded.
 * Percent-codes stay; a '%' that begins none becomes %25.  In a path, '\\' becomes '/'. */
void bide__percent_write_loosely(struct writer *w, struct text text, int kinds);
/* Decodes into out, which may be text.at itself; plus: '+' is a space, as in forms.
 * Returns the size, at most text.size, or -1: a % without two digits, or a NUL. */
ssize_t bide__percent_decode(char *out, struct text text, bool plus);

#endif
