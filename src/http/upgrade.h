/* A client's request for another protocol over the same connection (RFC 9110, section 7.8). */
#ifndef BIDE_HTTP_UPGRADE_H
#define BIDE_HTTP_UPGRADE_H

#include <bide/http.h>

/* As bide_get(), whose headers ask for it; a 101 is a response like any other then.  An HTTP proxy
 * makes a tunnel for it, also without TLS. */
BIDE_WAITS bide_response *bide__fetch_upgrade(bide_session *s, const struct bide_fetch_opts *opts);
/* After a 101: the connection's stream, with what came behind the head; the caller's from now
 * on, and the pool has its place back. */
bide_stream *bide__response_take_stream(bide_response *r);

#endif
