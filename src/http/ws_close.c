/* Close frames. */
#include "http/ws_close.h"

#include "http/ws_utf8.h"

#include <string.h>

bool bide__ws_code_is(int code)
{
    if (code >= 3000)
        return code <= 4999;
    return (code >= WS_NORMAL && code <= WS_UNSUPPORTED) ||
           (code >= WS_BAD_DATA && code <= 1014);
}

static int refuse(int code, const char *sentence, const char **why)
{
    *why = sentence;
    return code;
}

int bide__ws_close_read(struct ws_close *close, const char *payload, size_t size, const char **why)
{
    *close = (struct ws_close){ .code = WS_NO_CODE, .reason = "" };
    if (size == 0)
        return 0;
    if (size == 1)
        return refuse(WS_PROTOCOL, "a close frame of one byte", why);
    int code = (uint8_t)payload[0] << 8 | (uint8_t)payload[1];
    if (!bide__ws_code_is(code))
        return refuse(WS_PROTOCOL, "a close code that must not be sent", why);
    if (!bide__ws_utf8_is(payload + 2, size - 2))
        return refuse(WS_BAD_DATA, "the reason of a close is not UTF-8", why);
    *close = (struct ws_close){ .code = code, .reason = payload + 2, .reason_size = size - 2 };
    return 0;
}

size_t bide__ws_close_write(char payload[WS_CONTROL_MAX], int code, const char *reason,
                            size_t reason_size)
{
    if (code == WS_NO_CODE)
        return 0;
    payload[0] = (char)(code >> 8);
    payload[1] = (char)(code & 255);
    if (reason_size > 0)
        memcpy(payload + 2, reason, reason_size);
    return 2 + reason_size;
}
