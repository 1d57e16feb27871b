/* What the layers above need of TLS besides bide/tls.h. */
#ifndef TLS_TLS_H
#define TLS_TLS_H
#include <bide/tls.h>

/* One owner more, who calls bide_tls_free(); NULL: NULL. */
bide_tls *bide__tls_ref(bide_tls *tls);
/* A number that no other settings of this process have or had, for the keys of pools: streams
 * made with different settings are never the same.  NULL: 0. */
uint64_t bide__tls_id(const bide_tls *tls);

#endif
