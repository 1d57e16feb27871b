/* A copy of options that outlives the call. */
#ifndef TLS_OPTIONS_H
#define TLS_OPTIONS_H
#include <bide/tls.h>

/* Copies what is needed to read the files once more; pins and protocols are not.  0 or BIDE_ENOMEM;
 * then *to is to be freed as well. */
int bide__tls_options_copy(struct bide_tls_opts *to, const struct bide_tls_opts *from);
void bide__tls_options_free(struct bide_tls_opts *o);

#endif
