/* What addresses a name has, for callers inside.  Visible to bide-http, as is net/connect.h. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H
#include "net/address.h"

BIDE_BEGIN_                     /* for bide-http as well: bide.map, BIDE_PRIVATE */

/* The addresses of a host, each with this port, at least one: 0; BIDE_EDNS, BIDE_ECANCELED. */
BIDE_WAITS int bide__resolve(const char *host, uint16_t port, struct bide_addresses *found);

/* Asks the system: 0, or an EAI_ code.  On a thread of the resolver's. */
typedef int bide__look_up_fn(const char *host, struct bide_addresses *found);
/* Tests: asks this function instead, on threads, and nothing else; NULL: as ever. */
void bide__resolve_with(bide__look_up_fn *fn);

BIDE_END_
#endif
