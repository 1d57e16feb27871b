/* ~/.netrc: logins and passwords by machine, as ftp, curl and Python's netrc read it. */
#ifndef BIDE_HTTP_NETRC_H
#define BIDE_HTTP_NETRC_H

#include "http/chars.h"

#include <bide/base.h>

enum {
    NETRC_TOKEN_MAX = 1023,     /* bytes of a login or password */
    NETRC_SIZE_MAX = 1 << 20,   /* of the file */
};

struct netrc_login {
    char login[NETRC_TOKEN_MAX + 1], password[NETRC_TOKEN_MAX + 1];
};

/* What the text says of a host (without brackets or port): the first `machine` of that name, in any
 * case, else `default`.  login NULL: whichever; else only entries of that login, or without
 * one.  1: found; 0: nothing; BIDE_EINVAL: the text is no netrc, *line and *why say where and why
 * (only what is read until the host is found is judged). */
int bide__netrc_find(struct text text, const char *host, const char *login,
                     struct netrc_login *found, size_t *line, const char **why);

/* The file that $NETRC names, else ~/.netrc: its text, with a NUL, to be freed with bide__free().
 * "" if there is none.  NULL: it cannot be read (-EACCES, BIDE_ELIMIT, ...); or it is
 * ~/.netrc, has a password in it, and belongs to somebody else or can be read by others (-EPERM),
 * as with Python: what $NETRC names is the caller's affair.  Counterpart: aiohttp's trust_env. */
BIDE_WAITS char *bide__netrc_load(size_t *size);

#endif
