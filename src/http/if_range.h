/* What proves that a part is still one of the same whole (RFC 9110, 13.1.5). */
#ifndef BIDE_HTTP_IF_RANGE_H
#define BIDE_HTTP_IF_RANGE_H

/* What If-Range may be asked with, of a response's headers, each of which may be NULL: a strong
 * ETag, or a Last-Modified so long before Date that no second change can hide in its second.
 * NULL: nothing is good enough. */
const char *bide__if_range_of(const char *etag, const char *modified, const char *date);

#endif
