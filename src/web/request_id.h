/* What requests are called in logs. */
#ifndef BIDE_WEB_REQUEST_ID_H
#define BIDE_WEB_REQUEST_ID_H

#include <bide/request.h>

enum { REQUEST_ID_MAX = 64 };   /* letters of one that a proxy gives */

/* Does the request come from a trusted proxy? */
bool bide__request_is_proxied(const bide_request *req);

#endif
