/* Content-Disposition (RFC 6266): is it to be saved, and under which name? */
#ifndef BIDE_HTTP_DISPOSITION_H
#define BIDE_HTTP_DISPOSITION_H

#include "http/parameters.h"
#include "http/write.h"

enum { DISPOSITION_NAME_SIZE = 256 };   /* the longest name that file systems take, and a NUL */

/* Is its type this word ("attachment", "form-data"), in any case? */
bool bide__disposition_is(struct text value, const char *type);
/* Writes the name that it suggests, as UTF-8 and with a NUL, safe to make a file of in a directory:
 * only what follows the last slash or backslash, without control characters, dots and
 * spaces in front and spaces and dots at its end, and no longer than fits.  filename* is preferred
 * to filename.  Its size; -1: there is none, or nothing of it is left. */
ssize_t bide__disposition_filename(struct text value, char out[DISPOSITION_NAME_SIZE]);
/* Makes such a name of one from elsewhere, in place: its size, or -1. */
ssize_t bide__filename_sanitize(char *name, size_t size);
/* Writes a header's value: type ("attachment") and the name, UTF-8, whatever it holds. */
void bide__disposition_write(struct writer *w, const char *type, struct text name);

#endif
