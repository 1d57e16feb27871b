/* A piece that is ASCII as a whole is looked at 64 bytes at a time, and ASCII among the rest is
 * passed over by 16; of the others each byte says what may follow it (RFC 3629, section 4), which
 * leaves out overlong forms, surrogates and what lies beyond U+10FFFF. */
#include "http/ws_utf8.h"

#include <string.h>

typedef uint64_t vector __attribute__((vector_size(16)));

enum { STRIDE = 64, STEP = sizeof(vector) };

static const uint64_t HIGH_BITS = UINT64_C(0x8080808080808080);

/* ---- ASCII ---- */

static inline vector load(const uint8_t *at)
{
    vector v;
    memcpy(&v, at, STEP);
    return v;
}

static inline bool is_clear(vector v)
{
    return !((v[0] | v[1]) & HIGH_BITS);
}

static bool is_short_ascii(const uint8_t *at, size_t size)
{
    uint8_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= at[i];
    return bits < 0x80;
}

/* The last step goes back over what was seen already. */
static bool is_ascii(const uint8_t *at, size_t size)
{
    const uint8_t *end = at + size;
    if (size < STEP)
        return is_short_ascii(at, size);
    for (; (size_t)(end - at) >= STRIDE; at += STRIDE)
        if (!is_clear(load(at) | load(at + STEP) | load(at + 2 * STEP) | load(at + 3 * STEP)))
            return false;
    for (; (size_t)(end - at) >= STEP; at += STEP)
        if (!is_clear(load(at)))
            return false;
    return at == end || is_clear(load(end - STEP));
}

/* How many of the 16 bytes' blocks at the beginning are ASCII. */
static size_t plain(const uint8_t *at, size_t size)
{
    size_t done = 0;
    while (done + STEP <= size && is_clear(load(at + done)))
        done += STEP;
    return done;
}

/* ---- the rest ---- */

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

bool bide__ws_utf8_take(struct ws_utf8 *u, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    const uint8_t *end = at + size;
    if (u->need == 0 && is_ascii(at, size))
        return true;
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
