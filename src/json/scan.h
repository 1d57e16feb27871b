/* Skipping over the plain part of a text: the bytes that mean themselves.
 *
 * Sixteen at a time where the compiler has the processor's vectors, else eight in a word. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H
#include "base/inline.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SCAN_SIZE = 16 };        /* so many bytes may be looked at */

#ifdef __SSE2__
/* How many bytes before the first that ends a text or needs care: '"', '\\', below ' ', above
 * ASCII; SCAN_SIZE: none of these. */
INLINE unsigned scan_plain(const char *at)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
    /* Signed: bytes above ASCII are below ' ' as well. */
    __m128i care = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
                                _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                             _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
    unsigned mask = (unsigned)_mm_movemask_epi8(care) | 0x10000;
    return (unsigned)__builtin_ctz(mask);
}
#else
/* The high bit of each byte that is 0. */
INLINE uint64_t scan_zero(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word;
}

INLINE uint64_t scan_care(const char *at)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, 8);
    return (word | (word - each * ' ') | scan_zero(word ^ each * '"') |
            scan_zero(word ^ each * '\\')) & each * 0x80;
}

INLINE unsigned scan_plain(const char *at)
{
    for (unsigned i = 0; i < SCAN_SIZE; i += 8) {
        if (scan_care(at + i) == 0)
            continue;
        while ((uint8_t)at[i] >= ' ' && (uint8_t)at[i] < 0x80 && at[i] != '"' && at[i] != '\\')
            i++;
        return i;
    }
    return SCAN_SIZE;
}
#endif

/* The bytes of the UTF-8 sequence at `at`, 1 to 4, of which `size` may be looked at; 0: it is none
 * (too long a form, a surrogate, beyond U+10FFFF, cut short). */
INLINE unsigned utf8_size(const char *at, size_t size)
{
    const uint8_t *b = (const uint8_t *)at;
    if (b[0] < 0x80)
        return 1;
    if (b[0] < 0xc2 || b[0] > 0xf4 || size < 2 || (b[1] & 0xc0) != 0x80)
        return 0;
    if (b[0] < 0xe0)
        return 2;
    if (size < 3 || (b[2] & 0xc0) != 0x80)
        return 0;
    if (b[0] < 0xf0)
        return (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ? 0 : 3;
    if (size < 4 || (b[3] & 0xc0) != 0x80)
        return 0;
    return (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f) ? 0 : 4;
}

#endif
