/* ASCII is passed over 16 bytes at a time; of the rest each byte says what may follow it (RFC 3629,
 * section 4), which leaves out overlong forms, surrogates and what lies beyond U+10FFFF. */
#include "http/ws_utf8.h"

#include <string.h>

/* The first byte of a character of several; false: it is none. */
static bool begin(struct ws_utf8 *u, uint8_t b)
{
    if (b < 0xc2 || b > 0xf4)
        return false;
    u->need = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
    u->low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    u->high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    return true;
}

static bool go_on(struct ws_utf8 *u, uint8_t b)
{
    if (b < u->low || b > u->high)
        return false;
    u->need--;
    u->low = 0x80;
    u->high = 0xbf;
    return true;
}

/* How many of the 16 bytes' blocks at the beginning are ASCII. */
static size_t plain(const uint8_t *at, size_t size)
{
    size_t done = 0;
    uint64_t words[2];
    for (; done + sizeof words <= size; done += sizeof words) {
        memcpy(words, at + done, sizeof words);
        if ((words[0] | words[1]) & UINT64_C(0x8080808080808080))
            break;
    }
    return done;
}

bool bide__ws_utf8_take(struct ws_utf8 *u, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    const uint8_t *end = at + size;
    while (at < end) {
        if (u->need == 0 && *at < 0x80) {
            size_t skip = plain(at, (size_t)(end - at));
            at += skip ? skip : 1;
            continue;
        }
        bool good = u->need ? go_on(u, *at) : begin(u, *at);
        if (!good)
            return false;
        at++;
    }
    return true;
}

bool bide__ws_utf8_is(const char *text, size_t size)
{
    struct ws_utf8 u = { 0 };
    return bide__ws_utf8_take(&u, text, size) && u.need == 0;
}
