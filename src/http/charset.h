/* From a body's bytes to UTF-8, as browsers do it.
 *
 * A byte order mark decides, else the charset that Content-Type names, else the text itself:
 * what is valid UTF-8 is taken as such, anything else by a fallback.  Names are those of the
 * WHATWG's Encoding Standard where it differs from what the names say: latin1, ISO-8859-1 and
 * ASCII are windows-1252, gb2312 is GB18030, shift_jis Microsoft's.  A name that nobody knows
 * counts as none.  What cannot be decoded becomes U+FFFD. */
#ifndef HTTP_CHARSET_H
#define HTTP_CHARSET_H

#include "http/chars.h"

/* The charset parameter of a Content-Type, without quotes; ->at NULL: there is none. */
struct text bide__charset_of(struct text content_type);

/* Decodes a whole body.  label: a charset, ->at NULL: none; fallback: for what has no label and is
 * no UTF-8, NULL: windows-1252; size_max: bytes of the result.  0: *text is the result, within the
 * body if *memory is NULL, else in *memory, to be freed with bide__free(), with a NUL behind it.
 * BIDE_ELIMIT, BIDE_ENOMEM; BIDE_EINVAL: nobody knows the fallback. */
int bide__charset_decode(struct text body, struct text label, const char *fallback,
                         size_t size_max, struct text *text, char **memory);

#endif
