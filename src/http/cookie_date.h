/* The dates of cookies, which are whatever servers have ever written. */
#ifndef BIDE_HTTP_COOKIE_DATE_H
#define BIDE_HTTP_COOKIE_DATE_H

#include "http/chars.h"

/* Reads "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Nov 6 08:49:37 1994"
 * and their like: seconds since 1970, before it less than 0.  False: it is no date. */
bool bide__cookie_date(struct text text, int64_t *seconds);

#endif
