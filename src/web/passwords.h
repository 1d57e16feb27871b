/* The users in the text of an htpasswd file: "user:hash" a line; what stands behind a second colon
 * is a comment, and so are lines that begin with #.  Pure: it reads a text, and hashes nothing. */
#ifndef BIDE_WEB_PASSWORDS_H
#define BIDE_WEB_PASSWORDS_H

#include "base/table.h"

enum { USER_MAX = 255 };        /* bytes of a name */

/* Hashes by user; all zero: nobody. */
struct passwords {
    struct table hashes;        /* values: texts of their own */
    uint64_t key[2];            /* random: for users that are not there; set by who has it */
};

/* Reads size bytes: 0, or < 0 with the error held, which names the line; then there is nobody. */
int bide__passwords_read(struct passwords *p, const char *text, size_t size);
/* The hash of a user.  Of one that is not there it is, with *known false, that of another, always
 * the same for a name: who is refused after as long a time learns nothing.  NULL: nobody is. */
const char *bide__passwords_find(const struct passwords *p, const char *user, bool *known);
void bide__passwords_end(struct passwords *p);

#endif
