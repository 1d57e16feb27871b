/* The options that settings were made with, kept to read the files again.
 *
 * A password is among them, for a key that comes anew is encrypted like the one before.  It is
 * wiped before its memory goes back. */
#include "tls/options.h"

#include "base/memory.h"

#include <bide/error.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <string.h>

static const size_t texts[] = {
    offsetof(struct bide_tls_opts, ca_file), offsetof(struct bide_tls_opts, ca_dir),
    offsetof(struct bide_tls_opts, ca_pem), offsetof(struct bide_tls_opts, cert_file),
    offsetof(struct bide_tls_opts, key_file), offsetof(struct bide_tls_opts, key_password),
    offsetof(struct bide_tls_opts, crl_file), offsetof(struct bide_tls_opts, min_version),
    offsetof(struct bide_tls_opts, ciphers),
};
enum { TEXTS = sizeof texts / sizeof *texts };

static const char **text_of(struct bide_tls_opts *o, size_t number)
{
    return (const char **)(void *)((char *)o + texts[number]);
}

int bide__tls_options_copy(struct bide_tls_opts *to, const struct bide_tls_opts *from)
{
    bool whole = true;
    *to = *from;
    to->pins = NULL;
    to->alpn = NULL;
    for (size_t i = 0; i < TEXTS; i++) {
        const char **text = text_of(to, i);
        if (!*text)
            continue;
        *text = bide__copy_text(*text, strlen(*text));
        whole &= *text != NULL;
    }
    return whole ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

void bide__tls_options_free(struct bide_tls_opts *o)
{
    char *password = (char *)(uintptr_t)o->key_password;
    if (password)
        OPENSSL_cleanse(password, strlen(password));
    for (size_t i = 0; i < TEXTS; i++)
        bide__free((void *)(uintptr_t)*text_of(o, i));
}
