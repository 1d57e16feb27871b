/* What a session cookie says: a document, until when it is good, and who says so.
 *
 *     base64url(document) "." seconds since 1970 "." base64url(signature)
 *
 * The signature is of all before it and of the cookie's name, so no other cookie of ours can be
 * put in its place. */
#ifndef BIDE_WEB_SESSION_VALUE_H
#define BIDE_WEB_SESSION_VALUE_H

#include "http/write.h"

/* What was read. */
struct session_value {
    struct text document;       /* in out of bide__session_value_read() */
    int64_t expires;            /* seconds since 1970 */
    size_t key;                 /* which one has signed */
};

/* Appends a value and a NUL: 0, or < 0 with the error held. */
int bide__session_value_write(struct writer *w, const char *key, const char *name,
                              struct text document, int64_t expires);
/* Reads one into out, of at least text.size bytes: true; false: it is none, or none of these keys
 * (ended by NULL) has signed it.  Whether it is too old is for the caller to see. */
bool bide__session_value_read(struct session_value *value, const char *const *keys,
                              const char *name, struct text text, char *out);

#endif
