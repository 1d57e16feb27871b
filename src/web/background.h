/* Tasks that no request waits for: an application's own, and those that requests spawn. */
#ifndef BIDE_WEB_BACKGROUND_H
#define BIDE_WEB_BACKGROUND_H

#include "web/lifecycle.h"

/* Starts one of the application's tasks. */
int bide__background_begin(bide_worker *worker, const struct part *part);

#endif
