/* Trailers: the fields behind a chunked body (RFC 9110, 6.5). */
#ifndef BIDE_HTTP_TRAILERS_H
#define BIDE_HTTP_TRAILERS_H

#include "http/chunked.h"
#include "http/scratch.h"

#include <bide/pair.h>

/* May a field not stand behind a body? */
bool bide__trailer_forbidden(struct text name);
/* Those that a body has kept and that may be there, ended by {NULL, NULL}; their lines are cut up
 * where they are.  NULL: out of memory. */
struct bide_pair *bide__trailers_read(const struct chunked *chunked, struct scratch *scratch);

#endif
