/* By crypt_r(3) of libxcrypt, which Meson's option `crypt` may leave out (no BIDE_CRYPT then).
 *
 * What is quick to try is refused: MD5 in Apache's way or crypt's, SHA-1, DES, and plain text, for
 * a list with them is as good as a list of passwords. */
#include "web/password_hash.h"

#include "base/memory.h"
#include "web/secret.h"

#include <bide/error.h>

#include <errno.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_slow_kind(const char *hash)
{
    static const char *const kinds[] = { "$2y$", "$2b$", "$2a$", "$5$", "$6$", "$y$" };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (begins(hash, kinds[i]))
            return true;
    return false;
}

#ifdef BIDE_CRYPT

#include <crypt.h>

_Static_assert(PASSWORD_MAX < CRYPT_MAX_PASSPHRASE_SIZE && HASH_MAX < CRYPT_OUTPUT_SIZE,
               "what libcrypt takes");

int bide__password_hash_is_there(void)
{
    return 0;
}

static bool is_known_here(const char *hash)
{
    int how = crypt_checksalt(hash);
    return how != CRYPT_SALT_INVALID && how != CRYPT_SALT_METHOD_DISABLED;
}

static int hash_into(struct crypt_data *data, const char *hash, const char *password)
{
    const char *made = crypt_r(password, hash, data);
    if (!made || *made == '*')
        return bide_fail(BIDE_EINVAL, "libcrypt cannot make a hash like %.7s...: %s", hash,
                         bide_strerror(-errno));
    return bide__secret_same(text_from(made), text_from(hash));
}

int bide__password_hash_fits(const char *hash, const char *password)
{
    struct crypt_data *data = bide__zalloc(sizeof *data);       /* 32 KiB */
    if (!data)
        return bide_fail(BIDE_ENOMEM, "out of memory for a password's hash");
    int rc = hash_into(data, hash, password);
    explicit_bzero(data, sizeof *data);
    bide__free(data);
    return rc;
}

#else

int bide__password_hash_is_there(void)
{
    return bide_fail(-ENOSYS, "hashed passwords need libcrypt, and this bide was built without");
}

static bool is_known_here(const char *hash)
{
    (void)hash;
    return false;
}

int bide__password_hash_fits(const char *hash, const char *password)
{
    (void)hash;
    (void)password;
    return bide__password_hash_is_there();
}

#endif

const char *bide__password_hash_refusal(const char *hash)
{
    if (begins(hash, "$apr1$") || begins(hash, "$1$"))
        return "hashed with MD5, which is not accepted; make it anew with htpasswd -B";
    if (begins(hash, "{SHA}"))
        return "hashed with SHA-1, which is not accepted; make it anew with htpasswd -B";
    if (!is_slow_kind(hash))
        return "no hash of bcrypt, SHA-256, SHA-512 or yescrypt; make one with htpasswd -B";
    if (strlen(hash) > HASH_MAX || !is_known_here(hash))
        return "a hash that this machine's libcrypt does not know";
    return NULL;
}
