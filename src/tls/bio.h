/* What OpenSSL reads from and writes to: the inner stream's buffer, and an outbox. */
#ifndef TLS_BIO_H
#define TLS_BIO_H
#include <openssl/bio.h>

struct tls_stream;
/* For bide__tls_bio(); freed with the settings.  NULL: out of memory. */
BIO_METHOD *bide__tls_bio_method(void);
/* One for this stream. */
BIO *bide__tls_bio(BIO_METHOD *method, struct tls_stream *t);

#endif
