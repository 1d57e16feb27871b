/* Cookie files: the format of Netscape, curl, wget and Python's MozillaCookieJar. */
#ifndef BIDE_HTTP_COOKIE_TEXT_H
#define BIDE_HTTP_COOKIE_TEXT_H

#include "http/cookies.h"

/* Adds the cookies of such a text: how many.  BIDE_EINVAL, *line and *why: a line is none, and
 * nothing was added; BIDE_ENOMEM (*why too): not all. */
int bide__cookies_read(struct bide_cookies *jar, struct text text, int64_t now, size_t *line,
                       const char **why);
/* Writes all that has not expired: how many. */
int bide__cookies_print(const struct bide_cookies *jar, int64_t now, struct writer *w);

#endif
