/* The label says what a signature is for, so that one made for another purpose is none. */
#include "web/secret.h"

#include <bide/error.h>
#include <bide/middleware.h>
#include <errno.h>

bool bide__secret_same(struct text a, struct text b)
{
    unsigned differ = a.size != b.size;
    volatile const char *left = a.at, *right = b.size == a.size ? b.at : a.at;
    for (size_t i = 0; i < a.size; i++)
        differ |= (unsigned)(left[i] ^ right[i]);
    return differ == 0;
}

bool bide_secret_is(const char *given, const char *secret)
{
    return given && secret && bide__secret_same(text_from(given), text_from(secret));
}

#ifdef BIDE_TLS
#include <openssl/evp.h>
#include <openssl/hmac.h>

bool bide__signing_is_there(void)
{
    return true;
}

static bool sign(EVP_MD_CTX *context, EVP_PKEY *key, const char *label, struct text text,
                 unsigned char *out)
{
    size_t size = SIGNATURE_SIZE;
    return context && key &&
           EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestSignUpdate(context, label, strlen(label) + 1) == 1 &&
           EVP_DigestSignUpdate(context, text.at, text.size) == 1 &&
           EVP_DigestSignFinal(context, out, &size) == 1 && size == SIGNATURE_SIZE;
}

int bide__sign(const char *key, const char *label, struct text text, char out[SIGNATURE_SIZE])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY *made = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, (const unsigned char *)key,
                                                  strlen(key));
    bool done = sign(context, made, label, text, (unsigned char *)out);
    EVP_PKEY_free(made);
    EVP_MD_CTX_free(context);
    return done ? 0 : bide_fail(BIDE_EUNKNOWN, "OpenSSL does not make a signature");
}
#else
bool bide__signing_is_there(void)
{
    return false;
}

int bide__sign(const char *key, const char *label, struct text text, char out[SIGNATURE_SIZE])
{
    (void)key;
    (void)label;
    (void)text;
    (void)out;
    return bide_fail(-ENOSYS, "signing needs OpenSSL, and this bide was built without");
}
#endif
