/* A host as people write it, made what DNS and the strict reader know. */
#ifndef BIDE_HTTP_URL_HOST_H
#define BIDE_HTTP_URL_HOST_H

#include "http/idna.h"
#include "http/url.h"

/* Reads "host:port" with percent-codes and names beyond ASCII; url->secure is set.  NULL, or why
 * not, a static sentence. */
const char *bide__url_read_host_loosely(struct url *url, struct text all);

#endif
