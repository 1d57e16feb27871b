/* Fingerprints: SHA-256 of a certificate as a whole, or of its public key (RFC 7469), which stays
 * the same when the certificate is renewed. */
#include "tls/fingerprint.h"

#include "base/memory.h"

#include <bide/error.h>
#include <openssl/evp.h>
#include <string.h>

enum { BASE64 = 44 };           /* characters for so many bytes */

static bool of_certificate(unsigned char to[DIGEST], X509 *certificate)
{
    return X509_digest(certificate, EVP_sha256(), to, NULL) == 1;
}

static bool of_key(unsigned char to[DIGEST], X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool done = size > 0 && EVP_Digest(der, (size_t)size, to, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return done;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "AB:CD:..." or "abcd...". */
static bool read_hex(unsigned char to[DIGEST], const char *text)
{
    for (int i = 0; i < DIGEST; i++) {
        if (i > 0 && *text == ':')
            text++;
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return false;
        to[i] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    return !*text;
}

static bool read_base64(unsigned char to[DIGEST], const char *text)
{
    unsigned char bytes[BASE64 / 4 * 3];
    if (strlen(text) != BASE64 || text[BASE64 - 1] != '=' ||
        EVP_DecodeBlock(bytes, (const unsigned char *)text, BASE64) != (int)sizeof bytes)
        return false;
    memcpy(to, bytes, DIGEST);
    return true;
}

/* curl writes two slashes; one of them could be the first digit, so the length tells. */
static bool read_pin(struct pin *pin, const char *text)
{
    static const char of_keys[] = "sha256/";
    pin->of_key = strncmp(text, of_keys, sizeof of_keys - 1) == 0;
    if (!pin->of_key)
        return read_hex(pin->digest, text);
    text += sizeof of_keys - 1;
    return read_base64(pin->digest, *text == '/' && strlen(text) > BASE64 ? text + 1 : text);
}

int bide__pins_read(struct pin **pins, size_t *count, const char *const *texts)
{
    size_t total = 0;
    while (texts && texts[total])
        total++;
    if (total == 0)
        return 0;
    *pins = bide__zalloc(total * sizeof **pins);
    if (!*pins)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    for (*count = 0; *count < total; ++*count)
        if (!read_pin(*pins + *count, texts[*count]))
            return bide_fail(BIDE_EINVAL, "pin '%.80s': neither \"sha256/BASE64\" nor 64 "
                             "hex digits", texts[*count]);
    return 0;
}

bool bide__pins_fit(const struct pin *pins, size_t count, X509 *certificate)
{
    unsigned char key[DIGEST], whole[DIGEST];
    if (!of_key(key, certificate) || !of_certificate(whole, certificate))
        return false;
    for (size_t i = 0; i < count; i++)
        if (memcmp(pins[i].digest, pins[i].of_key ? key : whole, DIGEST) == 0)
            return true;
    return false;
}

void bide__fingerprint_write(char to[DIGEST_HEX], X509 *certificate)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[DIGEST];
    *to = '\0';
    if (!of_certificate(digest, certificate))
        return;
    for (int i = 0; i < DIGEST; i++) {
        *to++ = digits[digest[i] >> 4];
        *to++ = digits[digest[i] & 15];
    }
    *to = '\0';
}

void bide__pin_write(char to[PIN_TEXT], X509 *certificate)
{
    unsigned char digest[DIGEST];
    *to = '\0';
    if (!of_key(digest, certificate))
        return;
    strcpy(to, "sha256/");
    EVP_EncodeBlock((unsigned char *)to + strlen(to), digest, DIGEST);
}
