/* Is a text that comes in pieces UTF-8 (RFC 3629)?  A wrong byte is refused as soon as it is seen,
 * also in the middle of a character. */
#ifndef BIDE_HTTP_WS_UTF8_H
#define BIDE_HTTP_WS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at the beginning of a text. */
struct ws_utf8 {
    uint8_t need;               /* bytes that the character at the end still needs */
    uint8_t low, high;          /* the first of them lies between these */
};

/* The next piece; false: it is not UTF-8. */
bool bide__ws_utf8_take(struct ws_utf8 *u, const char *text, size_t size);
/* A text as a whole. */
bool bide__ws_utf8_is(const char *text, size_t size);

#endif
