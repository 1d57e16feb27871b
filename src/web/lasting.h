/* Headers that stay on the response, whatever becomes of it.
 *
 * What a middleware promises (who may read the answer, what a browser must not do with it, how
 * much of a limit is left) holds for an error page too, but an error page begins with no headers:
 * those given so far were of an answer that is not to be. */
#ifndef BIDE_WEB_LASTING_H
#define BIDE_WEB_LASTING_H

#include "web/request.h"

/* Adds a header to the response, and anew whenever the response begins anew.  0; BIDE_EINVAL,
 * BIDE_ENOMEM: as bide_respond_header().  Who answers may set it otherwise, for its own answer. */
int bide__respond_lasting(struct bide_request *req, const char *name, const char *value);
/* The response's headers were forgotten: adds those that last. */
void bide__lasting_again(struct bide_request *req);

#endif
