/* The arithmetic of Digest authentication (RFC 7616, and RFC 2069's without qop). */
#ifndef BIDE_HTTP_DIGEST_H
#define BIDE_HTTP_DIGEST_H

#include "http/chars.h"

enum { DIGEST_HEX_SIZE = 65 };  /* 64 digits at most, and a NUL */

/* The weakest first. */
enum digest_hash { DIGEST_MD5, DIGEST_SHA256, DIGEST_SHA512_256 };
enum digest_qop { DIGEST_PLAIN, DIGEST_AUTH, DIGEST_AUTH_INT };

struct digest {
    enum digest_hash hash;
    enum digest_qop qop;
    bool session;               /* one of the algorithms named -sess */
    uint32_t count;             /* requests with this nonce, this one included */
    struct text user, realm, password, nonce, cnonce;
    struct text method, target;
    struct text body;           /* for auth-int */
};

/* Can this build hash at all? */
bool bide__digest_is_there(void);
/* Each writes hexadecimal digits and a NUL: 0; < 0 and *why: -ENOSYS, or BIDE_EUNKNOWN (the
 * library of hashes refuses, as OpenSSL does MD5 in its FIPS mode). */
int bide__digest_response(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why);
/* What hides the user's name where the server offers userhash. */
int bide__digest_userhash(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why);

#endif
