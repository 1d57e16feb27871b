/* Hashes of texts with colons between, by OpenSSL.  Where that is missing, so is Digest. */
#include "http/digest.h"

#include "bide/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef BIDE_TLS
#include <openssl/evp.h>

bool bide__digest_is_there(void)
{
    return true;
}

static const EVP_MD *kind_of(enum digest_hash hash)
{
    if (hash == DIGEST_MD5)
        return EVP_md5();
    return hash == DIGEST_SHA256 ? EVP_sha256() : EVP_sha512_256();
}

static bool hash_all(EVP_MD_CTX *context, enum digest_hash hash, const struct text *texts,
                     size_t count, unsigned char *sum, unsigned *size)
{
    if (!context || EVP_DigestInit_ex(context, kind_of(hash), NULL) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && EVP_DigestUpdate(context, ":", 1) != 1) ||
            EVP_DigestUpdate(context, texts[i].at, texts[i].size) != 1)
            return false;
    return EVP_DigestFinal_ex(context, sum, size) == 1;
}

/* The hash of texts joined by colons. */
static int hash_of(enum digest_hash hash, const struct text *texts, size_t count,
                   char out[DIGEST_HEX_SIZE], const char **why)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = hash_all(context, hash, texts, count, sum, &size);
    EVP_MD_CTX_free(context);
    if (!done) {
        *why = "OpenSSL does not make the hash that Digest authentication needs";
        return BIDE_EUNKNOWN;
    }
    for (unsigned i = 0; i < size; i++) {
        out[2 * i] = "0123456789abcdef"[sum[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
    }
    out[2 * size] = '\0';
    return 0;
}
#else
bool bide__digest_is_there(void)
{
    return false;
}

static int hash_of(enum digest_hash hash, const struct text *texts, size_t count,
                   char out[DIGEST_HEX_SIZE], const char **why)
{
    (void)hash;
    (void)texts;
    (void)count;
    out[0] = '\0';
    *why = "Digest authentication needs OpenSSL, and this bide was built without";
    return -ENOSYS;
}
#endif

static struct text word(const char *text)
{
    return text_of(text, strlen(text));
}

/* H(A1): who; of the -sess algorithms bound to the nonce. */
static int hash_user(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why)
{
    int rc = hash_of(d->hash, (struct text[]){ d->user, d->realm, d->password }, 3, out, why);
    if (rc < 0 || !d->session)
        return rc;
    return hash_of(d->hash, (struct text[]){ word(out), d->nonce, d->cnonce }, 3, out, why);
}

/* H(A2): what is asked for. */
static int hash_request(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why)
{
    struct text texts[3] = { d->method, d->target, { NULL, 0 } };
    char body[DIGEST_HEX_SIZE];
    if (d->qop != DIGEST_AUTH_INT)
        return hash_of(d->hash, texts, 2, out, why);
    int rc = hash_of(d->hash, &d->body, 1, body, why);
    if (rc < 0)
        return rc;
    texts[2] = word(body);
    return hash_of(d->hash, texts, 3, out, why);
}

int bide__digest_response(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why)
{
    char user[DIGEST_HEX_SIZE], request[DIGEST_HEX_SIZE], count[9];
    int rc = hash_user(d, user, why);
    if (rc < 0 || (rc = hash_request(d, request, why)) < 0)
        return rc;
    if (d->qop == DIGEST_PLAIN)
        return hash_of(d->hash, (struct text[]){ word(user), d->nonce, word(request) }, 3, out,
                       why);
    snprintf(count, sizeof count, "%08x", (unsigned)d->count);
    struct text qop = word(d->qop == DIGEST_AUTH ? "auth" : "auth-int");
    struct text texts[] = { word(user), d->nonce, word(count), d->cnonce, qop, word(request) };
    return hash_of(d->hash, texts, 6, out, why);
}

int bide__digest_userhash(const struct digest *d, char out[DIGEST_HEX_SIZE], const char **why)
{
    return hash_of(d->hash, (struct text[]){ d->user, d->realm }, 2, out, why);
}
