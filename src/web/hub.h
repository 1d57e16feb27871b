/* A hub from inside: who is in it. */
#ifndef BIDE_WEB_HUB_H
#define BIDE_WEB_HUB_H

#include "web/ws.h"

/* One WebSocket in one hub. */
struct ws_member {
    struct bide_hub *hub;
    struct bide_ws *ws;
    struct ws_member *next, *prev;      /* in the hub, in the order of joining */
    struct ws_member *also;             /* the WebSocket's in another hub */
};

/* A WebSocket is over: it leaves all of its hubs. */
void bide__hub_forget(struct bide_ws *ws);

#endif
