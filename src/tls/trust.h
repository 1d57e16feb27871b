/* Whom to trust: authorities and revocation lists. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H
#include <bide/tls.h>
#include <openssl/ssl.h>

/* Loads them into a context, and says how strictly to look; 0, or < 0 with the error held. */
int bide__trust_set(SSL_CTX *context, const struct bide_tls_opts *o);

#endif
