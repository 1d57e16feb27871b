/* Clean-up contexts of a worker: each a task that sets up, holds, and takes down. */
#ifndef BIDE_WEB_CONTEXT_H
#define BIDE_WEB_CONTEXT_H

#include "web/lifecycle.h"

/* Starts one and waits until it holds: 0; else why it does not, and it has ended. */
BIDE_WAITS int bide__context_begin(bide_worker *worker, const struct part *part);
/* Ends all that hold, the last one first, each when the one before has ended. */
BIDE_WAITS int bide__contexts_end(bide_worker *worker);

#endif
