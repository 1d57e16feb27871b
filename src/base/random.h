/* A small random generator for shuffling and jitter (xorshift64*): fast, seedable, not for
 * secrets. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H
#include <stdint.h>

static inline uint64_t bide__random(uint64_t *state)
{
    uint64_t x = *state ? *state : UINT64_C(0x9e3779b97f4a7c15);
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
