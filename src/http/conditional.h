/* Requests that hold only if something has, or has not, changed (RFC 9110, section 13). */
#ifndef BIDE_HTTP_CONDITIONAL_H
#define BIDE_HTTP_CONDITIONAL_H

#include "http/etag.h"
#include "http/head.h"

/* What the thing asked for is now. */
struct validators {
    struct etag etag;           /* .opaque empty: it has none */
    int64_t modified;           /* seconds since 1970; < 0: not known */
    int64_t now;                /* the time of day, against which `modified` is judged */
};

/* Asks the conditions of a request in the order of 13.2.2, with the method it has: 0: go on; 304:
 * the client has it already (GET and HEAD); 412: what was meant is not there any more. */
int bide__conditions_judge(const struct head *head, const char *text, const struct validators *is);
/* Does a Range count?  True without If-Range; else only if that is exactly what is there now, by a
 * strong ETag or by a date in whose second no second change can hide (13.1.5). */
bool bide__if_range_holds(const struct head *head, const char *text, const struct validators *is);

#endif
