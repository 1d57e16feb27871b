/* What addresses a name has.  Visible to bide-http, as is net/connect.h.
 *
 * Numbers and localhost are known at once.  Other names are asked of the system (getaddrinfo,
 * so /etc/hosts and the name servers), which may block for many seconds and cannot be
 * interrupted: so on the resolver's own threads, RESOLVER_THREADS per process at most, started
 * when there is something to ask and ended when there is nothing more.  Tasks of a loop that
 * ask for the same name at the same time share one look-up; nothing is remembered after it. A
 * look-up that is cancelled by all of them is abandoned: one that has not begun never does, the
 * answer of one that has is dropped, also when its loop has ended long since. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H
#include "net/address.h"
#include <bide/base.h>

BIDE_BEGIN_                     /* for bide-http as well: bide.map, BIDE_PRIVATE */

enum { RESOLVER_THREADS = 4 };

/* The addresses of a host, each with this port, at least one: 0; BIDE_EDNS, BIDE_ECANCELED. */
BIDE_WAITS int bide__resolve(const char *host, uint16_t port, struct address_list *found);

/* Asks the system: 0, or an EAI_ code.  On a thread of the resolver's. */
typedef int bide__look_up_fn(const char *host, struct address_list *found);
/* Tests: asks this function instead; NULL: the system again. */
void bide__resolve_with(bide__look_up_fn *fn);

BIDE_END_
#endif
