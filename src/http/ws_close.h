/* What a close frame says (RFC 6455, sections 5.5.1 and 7.4): a code and a reason, or nothing. */
#ifndef BIDE_HTTP_WS_CLOSE_H
#define BIDE_HTTP_WS_CLOSE_H

#include "http/ws_frame.h"

enum ws_code {
    WS_NORMAL = 1000, WS_GOING_AWAY = 1001, WS_PROTOCOL = 1002, WS_UNSUPPORTED = 1003,
    WS_NO_CODE = 1005,          /* never sent: the peer gave none */
    WS_LOST = 1006,             /* never sent: it left without closing */
    WS_BAD_DATA = 1007, WS_POLICY = 1008, WS_TOO_BIG = 1009, WS_FAILED = 1011,
};

struct ws_close {
    int code;                   /* WS_NO_CODE: none was given */
    const char *reason;         /* in the payload */
    size_t reason_size;
};

/* May an endpoint say that code?  Those of section 7.4.1 and of the registry, and 3000 to 4999. */
bool bide__ws_code_is(int code);
/* Reads the payload: 0; or the code to answer with, and *why. */
int bide__ws_close_read(struct ws_close *close, const char *payload, size_t size,
                        const char **why);
/* Writes one; code WS_NO_CODE: an empty one.  Its size. */
size_t bide__ws_close_write(char payload[WS_CONTROL_MAX], int code, const char *reason,
                            size_t reason_size);

#endif
