/* 64 bytes at a time in vectors, which every machine has a way for (32 GB/s in the cache; a byte at
 * a time 2), then by halves.  The bits of all that was written are gathered on the way. */
#include "http/ws_mask.h"

#include <string.h>

typedef uint64_t vector __attribute__((vector_size(16)));

enum { STRIDE = 64, STEP = sizeof(vector) };

/* The mask as it goes on at that offset, twice. */
static uint64_t turned(const uint8_t mask[4], uint64_t at)
{
    uint8_t twice[8];
    uint32_t half;
    memcpy(twice, mask, 4);
    memcpy(twice + 4, mask, 4);
    memcpy(&half, twice + at % 4, 4);
    return half * UINT64_C(0x100000001);
}

static inline vector mask_step(char *to, const char *from, vector mask)
{
    vector v;
    memcpy(&v, from, STEP);
    v ^= mask;
    memcpy(to, &v, STEP);
    return v;
}

/* So few bytes that they fit a word; which of its bytes is which is the machine's matter.  Inlined,
 * for then the copies are single moves. */
static inline uint64_t mask_few(char *to, const char *from, size_t size, const char *mask)
{
    uint64_t v = 0, m = 0;
    memcpy(&v, from, size);
    memcpy(&m, mask, size);
    v ^= m;
    memcpy(to, &v, size);
    return v;
}

/* The last ones, fewer than STEP. */
static uint64_t mask_rest(char *to, const char *from, size_t size, const char *mask)
{
    uint64_t bits = 0;
    if (size & 8)
        bits |= mask_few(to, from, 8, mask);
    to += size & 8;
    from += size & 8;
    if (size & 4)
        bits |= mask_few(to, from, 4, mask);
    to += size & 4;
    from += size & 4;
    if (size & 2)
        bits |= mask_few(to, from, 2, mask);
    if (size & 1)
        bits |= mask_few(to + (size & 2), from + (size & 2), 1, mask + (size & 2));
    return bits;
}

bool bide__ws_mask(char *to, const char *from, size_t size, const uint8_t mask[4], uint64_t at)
{
    const uint64_t word = turned(mask, at);
    const vector both = { word, word };
    vector seen = { 0, 0 };
    for (; size >= STRIDE; size -= STRIDE, to += STRIDE, from += STRIDE)
        for (unsigned i = 0; i < STRIDE; i += STEP)
            seen |= mask_step(to + i, from + i, both);
    for (; size >= STEP; size -= STEP, to += STEP, from += STEP)
        seen |= mask_step(to, from, both);
    uint64_t bits = seen[0] | seen[1];
    if (size > 0)
        bits |= mask_rest(to, from, size, (const char *)&word);
    return !(bits & UINT64_C(0x8080808080808080));
}
