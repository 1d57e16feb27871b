/* 64 bytes at a time in vectors, which every machine has a way for (32 GB/s in the cache; a byte at
 * a time 2), then 8, then one. */
#include "http/ws_mask.h"

#include <string.h>

typedef uint64_t vector __attribute__((vector_size(16)));

enum { STRIDE = 64, STEP = sizeof(vector) };

static void mask_stride(char *to, const char *from, uint64_t word)
{
    const vector both = { word, word };
    for (unsigned i = 0; i < STRIDE; i += STEP) {
        vector v;
        memcpy(&v, from + i, STEP);
        v ^= both;
        memcpy(to + i, &v, STEP);
    }
}

void bide__ws_mask(char *to, const char *from, size_t size, const uint8_t mask[4], uint64_t at)
{
    uint8_t turned[8];
    uint64_t word, v;
    for (unsigned i = 0; i < 8; i++)
        turned[i] = mask[(at + i) % 4];
    memcpy(&word, turned, 8);
    for (; size >= STRIDE; size -= STRIDE, to += STRIDE, from += STRIDE)
        mask_stride(to, from, word);
    for (; size >= 8; size -= 8, to += 8, from += 8) {
        memcpy(&v, from, 8);
        v ^= word;
        memcpy(to, &v, 8);
    }
    for (size_t i = 0; i < size; i++)
        to[i] = (char)((uint8_t)from[i] ^ turned[i]);
}
