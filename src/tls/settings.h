/* Settings from inside: an SSL_CTX, what must fit besides, and the sessions. */
#ifndef TLS_SETTINGS_H
#define TLS_SETTINGS_H
#include "tls/fingerprint.h"
#include "tls/session_cache.h"
#include "tls/tls.h"

#include <openssl/ssl.h>

/* Names of protocols in the form that TLS has: each with its length before it (RFC 7301). */
enum { ALPN_MAX = 512 };
struct alpn { size_t size; unsigned char wire[ALPN_MAX]; };

struct bide_tls {
    SSL_CTX *context;
    BIO_METHOD *bio;            /* see bio.h */
    struct alpn alpn;
    struct pin *pins;
    size_t pin_count;
    struct session_cache sessions;
    uint64_t id;
    int owners;                 /* atomic */
    bool server, insecure;
};

/* Reads "h2,http/1.1"; NULL or "": none.  0 or BIDE_EINVAL. */
int bide__alpn_read(struct alpn *alpn, const char *names);

#endif
