/* Hashed passwords, by the system's libcrypt. */
#ifndef BIDE_WEB_PASSWORD_HASH_H
#define BIDE_WEB_PASSWORD_HASH_H

#include "http/chars.h"

enum {
    PASSWORD_MAX = 511,         /* bytes; libcrypt takes no longer ones */
    HASH_MAX = 383,             /* the same */
};

/* Can anything be hashed here?  0, or -ENOSYS: bide was built without libcrypt. */
int bide__password_hash_is_there(void);
/* NULL: hashes of its kind are accepted; else why not, as the end of a sentence. */
const char *bide__password_hash_refusal(const char *hash);
/* Does the password make this hash?  1; 0; < 0 with the error held.  Takes its time, on purpose:
 * not on a loop's thread. */
int bide__password_hash_fits(const char *hash, const char *password);

#endif
