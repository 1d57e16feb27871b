/* Percent-encoding: query parameters, forms and path segments, both ways. */
#ifndef BIDE_HTTP_PERCENT_H
#define BIDE_HTTP_PERCENT_H

#include "http/chars.h"
#include "http/write.h"

#include <sys/types.h>

/* Appends text with everything but letters, digits and "-._~" encoded. */
void bide__percent_write(struct writer *w, struct text text);
/* Decodes into out, which may be text.at itself; plus: '+' is a space, as in forms.
 * Returns the size, at most text.size, or -1: a % without two digits, or a NUL. */
ssize_t bide__percent_decode(char *out, struct text text, bool plus);

#endif
