/* TLS for connections of a pool, whose settings it uses. */
#ifndef BIDE_HTTP_SECURE_H
#define BIDE_HTTP_SECURE_H

#include "http/pool.h"

struct bide_tls;

/* Puts TLS around *stream: 0; < 0 with the error held, and *stream is as it was.  own: other
 * settings than the pool's; NULL: those.  name: who must answer; key: whose sessions may be
 * resumed. */
BIDE_WAITS int bide__secure(bide_stream **stream, struct pool *pool, struct bide_tls *own,
                            const char *name, const char *key);

#endif
