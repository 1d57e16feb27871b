/* An htpasswd file, followed as it changes, and the passwords that fitted lately.
 *
 * Shared by all workers.  Hashing takes tens of milliseconds, which is its purpose, so it is done
 * by threads of the file's own: who tries passwords all day keeps these busy, and not those that
 * the process reads its files with.  Browsers send the password with each request; what has fitted
 * is remembered, as a keyed hash of user, the file's hash and password, so that no password lies
 * in memory for it, and none that was changed in the file goes on to fit. */
#ifndef BIDE_WEB_PASSWORD_FILE_H
#define BIDE_WEB_PASSWORD_FILE_H

#include <bide/base.h>

enum {
    PASSWORD_FILE_MAX = 1 << 20,        /* bytes of the file */
    PASSWORD_THREADS = 2,
    PASSWORD_THREADS_MAX = 64,
};

struct password_file;

/* Reads it now, blocking.  NULL with the error held: it cannot be read, or a line is wrong, or
 * there is no libcrypt. */
struct password_file *bide__password_file_open(const char *path, unsigned threads);
/* Is this the user's password?  1; 0; < 0 with the error held. */
BIDE_WAITS int bide__password_file_check(struct password_file *f, const char *user,
                                         const char *password);
/* When nobody is in it.  NULL: nothing. */
void bide__password_file_close(struct password_file *f);

#endif
