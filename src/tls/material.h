/* What the files of settings said when they were last read: the part of settings that
 * bide_tls_reload() replaces as a whole. */
#ifndef TLS_MATERIAL_H
#define TLS_MATERIAL_H
#include "tls/identities.h"
#include "tls/session_cache.h"

#include <bide/tls.h>

struct material {
    int owners;                 /* atomic: the settings, and each stream that was begun with it */
    SSL_CTX *context;
    struct identities identities;       /* a server's */
    struct session_cache sessions;      /* a client's; gained under this trust, and go with it */
};

/* Reads the files.  NULL, the error held: -ENOENT or the like, BIDE_ETLS, BIDE_EINVAL,
 * BIDE_ENOMEM. */
struct material *bide__material_read(const struct bide_tls_opts *o);
/* Reads one more certificate of a server into it: 0, or < 0 with the error held. */
int bide__material_add(struct material *m, const struct bide_tls_opts *o,
                       const struct identity_files *files);
/* Has it take the tickets that `before` gave, unless clients show certificates: those are to be
 * looked at again. */
void bide__material_inherit(struct material *m, const struct material *before);
struct material *bide__material_ref(struct material *m);
/* One owner less.  NULL: nothing. */
void bide__material_drop(struct material *m);

#endif
