/* application/x-www-form-urlencoded (URL standard, 5.2): what a browser sends for a form. */
#ifndef BIDE_HTTP_FORM_H
#define BIDE_HTTP_FORM_H

#include "http/write.h"

struct bide_pair;

/* Appends "name=value&name=value": a space is '+', and all but letters, digits and "*-._" is
 * percent-encoded.  A value of NULL is empty. */
void bide__form_write(struct writer *w, const struct bide_pair *form);

#endif
