/* What a session is opened with, copied, checked, and with its defaults filled in. */
#ifndef BIDE_HTTP_SESSION_OPTIONS_H
#define BIDE_HTTP_SESSION_OPTIONS_H

#include "http/session.h"

/* Into s->o, s->headers, s->base and the pool's limits.  0, or < 0 with the error held: what has
 * been copied is freed with s->memory all the same. */
int bide__session_take_options(struct bide_session *s, const struct bide_session_opts *opts);

/* Is it a header that must not leave its origin: a credential? */
bool bide__header_is_secret(const char *name);

#endif
