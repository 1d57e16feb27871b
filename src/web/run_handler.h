/* One call of a route's handler, by the route's options: on a thread, under a time limit, watched
 * for its client's going away. */
#ifndef BIDE_WEB_RUN_HANDLER_H
#define BIDE_WEB_RUN_HANDLER_H

#include <bide/app.h>

/* Runs the handler of the route that matched: what it returns, or how its time ended. */
BIDE_WAITS int bide__handler_run(bide_request *req);

#endif
