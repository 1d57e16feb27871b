/* Lines of an access log by a pattern of the user's: taken apart once, then filled in for each
 * answer. */
#ifndef BIDE_WEB_ACCESS_FORMAT_H
#define BIDE_WEB_ACCESS_FORMAT_H

#include "web/access_line.h"

enum { ACCESS_FORMAT_MAX = 4096 };      /* bytes of a pattern */

struct access_format;

/* Takes a pattern apart.  NULL: BIDE_EINVAL, with the place of what is wrong, or BIDE_ENOMEM. */
struct access_format *bide__access_format_read(const char *pattern);
/* NULL: nothing. */
void bide__access_format_free(struct access_format *format);
/* Appends the line, without its end; headers of both sides are the request's. */
void bide__access_format_write(struct writer *w, const struct access_format *format,
                               bide_request *req, const struct access *access);

#endif
