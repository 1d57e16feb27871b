/* Base64 (RFC 4648, section 4), with its padding. */
#ifndef BIDE_HTTP_BASE64_H
#define BIDE_HTTP_BASE64_H

#include "http/write.h"

/* Appends the code of several pieces, one behind the other as if they were one. */
void bide__base64_write(struct writer *w, const struct text *pieces, size_t count);

#endif
