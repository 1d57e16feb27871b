/* Asking a SOCKS5 proxy for a connection (RFC 1928, 1929). */
#ifndef BIDE_HTTP_SOCKS_H
#define BIDE_HTTP_SOCKS_H

#include "http/proxy.h"

#include <bide/resolve.h>
#include <bide/stream.h>

/* Where to: an address, or, without one, a name that the proxy looks up. */
struct socks_target {
    const struct bide_address *address;
    const char *name;
    uint16_t port;              /* of the name */
};

/* Talks to the proxy until it has let us through: 0; or < 0 with the error held, "SOCKS: ...".
 * Then the stream carries whatever the target says. */
BIDE_WAITS int bide__socks_open(bide_stream *stream, const struct proxy *proxy,
                                const struct socks_target *target);

#endif
