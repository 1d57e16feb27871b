/* The head of a WebSocket frame (RFC 6455, section 5.2).
 *
 * Strict: reserved bits and opcodes, control frames that are long or in fragments, a length that is
 * not written in the shortest way, and a mask where none belongs are all refused.  What is wrong is
 * refused as soon as it can be seen, so the verdict does not depend on how the bytes were cut. */
#ifndef BIDE_HTTP_WS_FRAME_H
#define BIDE_HTTP_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode {
    WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2,
    WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10,
};

enum {
    WS_HEAD_MAX = 14,
    WS_CONTROL_MAX = 125,       /* bytes of a control frame */
    WS_REASON_MAX = WS_CONTROL_MAX - 2,
};

struct ws_frame {
    uint8_t opcode;             /* enum ws_opcode */
    bool last;                  /* FIN: of its message */
    bool deflated;              /* RSV1 */
    bool masked;
    uint8_t mask[4];
    uint64_t size;              /* of the payload */
};

/* What a reader expects. */
struct ws_rules {
    bool masked;                /* the peer is a client */
    bool deflate;               /* permessage-deflate was agreed on */
};

/* Reads a head: how many bytes it has; 0: more are needed; BIDE_EWS and *why. */
int bide__ws_frame_read(struct ws_frame *frame, const struct ws_rules *rules, const char *data,
                        size_t size, const char **why);
/* Writes one: how many bytes. */
size_t bide__ws_frame_write(char head[WS_HEAD_MAX], const struct ws_frame *frame);

static inline bool ws_is_control(unsigned opcode)
{
    return opcode & 8;
}

#endif
