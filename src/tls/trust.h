/* Whom to trust: authorities and revocation lists. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H
#include "tls/settings.h"

/* Loads them into the settings, and says how strictly to look; 0, or < 0 with the error held. */
int bide__trust_set(bide_tls *tls, const struct bide_tls_opts *o);

#endif
