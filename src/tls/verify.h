/* Judging certificates, and the sentences about them. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H
#include <openssl/x509_vfy.h>

enum { NAME_TEXT = 64 };
/* OpenSSL's callback: lets a missing revocation list of an authority pass, and puts down the
 * sentence of a refusal with the handshake. */
int bide__verify(int passed, X509_STORE_CTX *chain);
/* The common name, or what else a name has, in printable characters. */
void bide__name_write(char to[NAME_TEXT], const X509_NAME *name);

#endif
