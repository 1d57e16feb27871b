/* WebSockets that are served by a function per message: parked while they are silent. */
#ifndef BIDE_WEB_WS_CALLS_H
#define BIDE_WEB_WS_CALLS_H

#include "web/ws.h"

/* Is it served so?  Then it stays when its handler has returned. */
static inline bool ws_has_calls(const struct bide_ws *ws)
{
    return ws->settings->calls != NULL;
}
/* Bytes have come, or it is to be looked after: receives what is there, calls message() for each,
 * sends what waits.  1: it may be parked, and holds no buffer; 0: it is over, and freed. */
BIDE_WAITS int bide__ws_awake(struct bide_ws *ws);

#endif
