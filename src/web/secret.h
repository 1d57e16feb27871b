/* Comparing secrets, and signing what a client keeps for us. */
#ifndef BIDE_WEB_SECRET_H
#define BIDE_WEB_SECRET_H

#include "http/chars.h"

enum { SIGNATURE_SIZE = 32, SECRET_KEY_MIN = 32 };

/* Are they the same?  Takes as long whatever is in them. */
bool bide__secret_same(struct text a, struct text b);
/* Can anything be signed here?  Else bide was built without OpenSSL. */
bool bide__signing_is_there(void);
/* HMAC-SHA256 (RFC 2104) of label, a NUL and text: 0, or BIDE_EUNKNOWN: OpenSSL does not. */
int bide__sign(const char *key, const char *label, struct text text, char out[SIGNATURE_SIZE]);

#endif
