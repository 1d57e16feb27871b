/* As the standard has it, block by block.  60 bytes take 0.4 microseconds; OpenSSL's way to
 * the same takes as long to find as to do. */
#include "http/sha1.h"

#include <string.h>

enum { BLOCK = 64, ROUNDS = 80 };

static uint32_t turn(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static void spread(uint32_t w[ROUNDS], const uint8_t *block)
{
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < ROUNDS; i++)
        w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

/* The function and the constant of a round (sections 4.1.1 and 4.2.1). */
static uint32_t choose(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20)
        return ((b & c) | (~b & d)) + 0x5a827999;
    if (round < 40)
        return (b ^ c ^ d) + 0x6ed9eba1;
    if (round < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    return (b ^ c ^ d) + 0xca62c1d6;
}

static void take_block(uint32_t state[5], const uint8_t *block)
{
    uint32_t w[ROUNDS], s[5];
    spread(w, block);
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t next = turn(s[0], 5) + choose(i, s[1], s[2], s[3]) + s[4] + w[i];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = turn(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (unsigned i = 0; i < 5; i++)
        state[i] += s[i];
}

/* The rest, the bit that ends it, and the size in bits; one block or two. */
static void take_rest(uint32_t state[5], const uint8_t *rest, size_t size, uint64_t whole)
{
    uint8_t blocks[2 * BLOCK] = { 0 };
    size_t end = size + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    if (size > 0)
        memcpy(blocks, rest, size);
    blocks[size] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        blocks[end - 1 - i] = (uint8_t)(whole * 8 >> (8 * i));
    for (size_t at = 0; at < end; at += BLOCK)
        take_block(state, blocks + at);
}

void bide__sha1(const void *text, size_t size, uint8_t hash[SHA1_SIZE])
{
    uint32_t state[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    const uint8_t *at = text;
    size_t left = size;
    for (; left >= BLOCK; left -= BLOCK, at += BLOCK)
        take_block(state, at);
    take_rest(state, at, left, size);
    for (unsigned i = 0; i < SHA1_SIZE; i++)
        hash[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
