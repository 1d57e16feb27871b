/* Connecting in its two phases, for callers that put a deadline of their own around each. */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H
#include "net/resolve.h"
#include <bide/net.h>
BIDE_BEGIN_                     /* for bide-http as well: bide.map, BIDE_PRIVATE */

/* The first connection that comes about, RFC 8305 (net/connect.c); NULL with the reasons held,
 * "connect: [::1]:1: Connection refused; 127.0.0.1:1: Connection refused". */
BIDE_WAITS bide_stream *bide__connect_to(const struct bide_addresses *addresses);
/* The same from a local address; NULL: the system's choice. */
BIDE_WAITS bide_stream *bide__connect_from(const struct bide_addresses *addresses,
                                           const struct bide_address *local);
/* Sets the options that every TCP connection of ours has; those accepted inherit them from
 * their listener. */
void bide__tcp_tune(int fd);

BIDE_END_
#endif
