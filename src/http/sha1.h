/* SHA-1 (FIPS 180-4): no longer a safe hash, and not used as one.  The WebSocket handshake wants it
 * (RFC 6455, section 4.2.2), also in builds without TLS. */
#ifndef BIDE_HTTP_SHA1_H
#define BIDE_HTTP_SHA1_H

#include <bide/base.h>

BIDE_BEGIN_                     /* bide-redis knows scripts by it: bide-http.map, BIDE_PRIVATE */

enum { SHA1_SIZE = 20 };

/* The hash of a text. */
void bide__sha1(const void *text, size_t size, uint8_t hash[SHA1_SIZE]);

BIDE_END_
#endif
