/* The server's side of the handshake. */
#ifndef BIDE_WEB_WS_ACCEPT_H
#define BIDE_WEB_WS_ACCEPT_H

#include "web/ws.h"

/* As bide_ws_accept(); settings: shared ones, or NULL: of its own, from the options. */
BIDE_WAITS struct bide_ws *bide__ws_accept_as(bide_request *req, const struct bide_ws_opts *opts,
                                              const struct ws_settings *settings);

#endif
