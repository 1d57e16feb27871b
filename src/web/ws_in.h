/* A message that does not lie in the stream's buffer as a whole: it came in fragments, is large, or
 * deflated. */
#ifndef BIDE_WEB_WS_IN_H
#define BIDE_WEB_WS_IN_H

#include "web/ws.h"

struct ws_in {
    struct ws_frame frame;      /* the one that is being read */
    uint64_t left;              /* bytes of it to come */
    bool open;                  /* it is not done with */
    uint64_t raw;               /* bytes of the message before inflating */
    uint8_t type;               /* enum bide_message_type; 0: no message has begun */
    bool deflated;
    bool handed_out;            /* the message is whole and the caller's, until the next call */
    struct ws_utf8 utf8;
    char *data;
    size_t size, room;
};

/* A frame of data begins.  0, or < 0. */
int bide__ws_in_begin(struct bide_ws *ws, const struct ws_frame *frame);
/* Reads on in an open frame.  1: *message is whole; 0: not yet; < 0, as bide__ws_look(). */
BIDE_WAITS int bide__ws_in_read(struct bide_ws *ws, struct bide_message *message, bool wait);
/* The message that was handed out is no longer needed. */
void bide__ws_in_next(struct bide_ws *ws);
void bide__ws_in_free(struct bide_ws *ws);

static inline bool ws_in_is_open(const struct bide_ws *ws)
{
    return ws->in && ws->in->open;
}

#endif
