/* The heartbeat: a ping where it is silent, and an end where it stays so.
 *
 * All of a loop's WebSockets with the same heartbeat are in one ring, in the order in which
 * something came from them last, and there is one alarm for the first.  So 100,000 that are idle
 * cost neither a task nor a timer each. */
#ifndef BIDE_WEB_WS_BEAT_H
#define BIDE_WEB_WS_BEAT_H

#include "web/ws.h"

/* Begins; 0, or BIDE_ENOMEM. */
int bide__ws_beat(struct bide_ws *ws);
void bide__ws_beat_end(struct bide_ws *ws);
/* Something has come. */
void bide__ws_heard(struct bide_ws *ws);

#endif
