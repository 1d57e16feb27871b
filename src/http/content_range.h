/* Which bytes of what a 206 or 416 is about (RFC 9110, 14.4), and what proves that it is still the
 * same (13.1.5). */
#ifndef BIDE_HTTP_CONTENT_RANGE_H
#define BIDE_HTTP_CONTENT_RANGE_H

#include "http/chars.h"

struct content_range {
    int64_t first, last;        /* -1: none of it (416) */
    int64_t total;              /* -1: not known */
};

/* Reads "bytes 5-9/10", "bytes 5-9/" "*" or "bytes *" "/10".  False: it is none, or makes no
 * sense. */
bool bide__content_range_read(struct text text, struct content_range *range);

/* What If-Range may be asked with, of a response's headers, each of which may be NULL: a strong
 * ETag, or a Last-Modified so long before Date that no second change can hide in its second.
 * NULL: nothing is good enough. */
const char *bide__if_range_of(const char *etag, const char *modified, const char *date);

#endif
