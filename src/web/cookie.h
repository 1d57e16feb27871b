/* Set-Cookie headers of an answer. */
#ifndef BIDE_WEB_COOKIE_H
#define BIDE_WEB_COOKIE_H

#include "http/write.h"

#include <bide/respond.h>

/* Appends a header's value: 0; BIDE_EINVAL, BIDE_ELIMIT with the error held. */
int bide__cookie_write(struct writer *w, const char *name,
                       const struct bide_respond_cookie_opts *opts, bool secure);

#endif
