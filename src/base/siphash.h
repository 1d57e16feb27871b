/* SipHash, by Aumasson and Bernstein: a hash whose collisions cannot be made up by who does not
 * know the key.  Tables of what strangers send (URLs, room names, header names) need that: with a
 * plain hash, one request can hold thousands of names that all fall into one place.  One round a
 * word and three at the end, as Rust and CPython have it; the rounds are parameters because the
 * published test vectors are of 2 and 4. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H
#include "base/inline.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct siphash { uint64_t a, b, c, d; };

INLINE uint64_t siphash_turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

INLINE void siphash_rounds(struct siphash *s, int count)
{
    while (count-- > 0) {
        s->a += s->b;
        s->c += s->d;
        s->b = siphash_turn(s->b, 13) ^ s->a;
        s->d = siphash_turn(s->d, 16) ^ s->c;
        s->a = siphash_turn(s->a, 32) + s->d;
        s->c += s->b;
        s->d = siphash_turn(s->d, 21) ^ s->a;
        s->b = siphash_turn(s->b, 17) ^ s->c;
        s->c = siphash_turn(s->c, 32);
    }
}

/* Up to 8 bytes, the first lowest, on every machine. */
INLINE uint64_t siphash_word(const unsigned char *at, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)at[i] << (8 * i);
    return word;
}

INLINE uint64_t siphash(const uint64_t key[2], const void *bytes, size_t size, int each, int last)
{
    const unsigned char *at = bytes, *end = at + size / 8 * 8;
    struct siphash s = { key[0] ^ UINT64_C(0x736f6d6570736575),
                         key[1] ^ UINT64_C(0x646f72616e646f6d),
                         key[0] ^ UINT64_C(0x6c7967656e657261),
                         key[1] ^ UINT64_C(0x7465646279746573) };
    for (; at != end; at += 8) {
        uint64_t word = siphash_word(at, 8);
        s.d ^= word;
        siphash_rounds(&s, each);
        s.a ^= word;
    }
    uint64_t tail = siphash_word(at, size % 8) | (uint64_t)size << 56;
    s.d ^= tail;
    siphash_rounds(&s, each);
    s.a ^= tail;
    s.c ^= 0xff;
    siphash_rounds(&s, last);
    return s.a ^ s.b ^ s.c ^ s.d;
}

#endif
