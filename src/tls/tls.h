/* What the layers above need of TLS besides bide/tls.h. */
#ifndef TLS_TLS_H
#define TLS_TLS_H
#include <bide/tls.h>

/* One owner more, who calls bide_tls_free(); NULL: NULL. */
bide_tls *bide__tls_ref(bide_tls *tls);
/* A number that no other settings of this process have or had, for the keys of pools: streams
 * made with different settings are never the same.  NULL: 0. */
uint64_t bide__tls_id(const bide_tls *tls);

/* Would a read of the stream give something (bytes, the end, a failure) without its descriptor,
 * of what has been taken from there already?  If not, and nobody is in it, whoever waits for news
 * waits for bide_stream_fd() to become readable.  Takes a stream that is not TLS as well.  Does
 * not look at the system, does not wait. */
bool bide__tls_holds(bide_stream *s);
/* bide_stream_rest(), and the same for what is below: all memory that an idle connection can do
 * without.  The next read and write take it again. */
void bide__tls_rest(bide_stream *s);

#endif
