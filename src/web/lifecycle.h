/* What an application starts and ends with a worker. */
#ifndef BIDE_WEB_LIFECYCLE_H
#define BIDE_WEB_LIFECYCLE_H

#include "web/worker.h"

BIDE_WAITS static inline int bide__lifecycle_begin(struct bide_worker *worker) {
    (void)worker;
    return bide_yield();
}
BIDE_WAITS static inline int bide__lifecycle_shutdown(struct bide_worker *worker) {
    (void)worker;
    return 0;
}
BIDE_WAITS static inline int bide__lifecycle_end(struct bide_worker *worker) {
    (void)worker;
    return 0;
}

#endif
