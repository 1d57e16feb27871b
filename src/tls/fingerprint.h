/* Fingerprints of certificates and of their keys, and which of them are pinned. */
#ifndef TLS_FINGERPRINT_H
#define TLS_FINGERPRINT_H
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

enum { DIGEST = 32, DIGEST_HEX = 2 * DIGEST + 1, PIN_TEXT = 64 };
struct pin { bool of_key; unsigned char digest[DIGEST]; };

/* Reads a list ended by NULL (NULL: empty); 0, BIDE_EINVAL, BIDE_ENOMEM. */
int bide__pins_read(struct pin **pins, size_t *count, const char *const *texts);
/* Is one of them the certificate's, or its key's? */
bool bide__pins_fit(const struct pin *pins, size_t count, X509 *certificate);
/* SHA-256 of the certificate in hex; "sha256/BASE64" of its public key. */
void bide__fingerprint_write(char to[DIGEST_HEX], X509 *certificate);
void bide__pin_write(char to[PIN_TEXT], X509 *certificate);

#endif
