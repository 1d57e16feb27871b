/* The scans over the byte table.
 *
 * What names, values and targets are made of for the most part is a few ranges, so sixteen bytes
 * are asked at once whether they are within; the table is asked of the others only.  Nothing is
 * read beyond the end: a rest is read from its beginning and once more up to its end, which may
 * overlap. */
#include "http/chars.h"

const char *bide__chars_skip_slowly(const char *at, const char *end, int kinds)
{
    while (at < end && char_is(*at, kinds))
        at++;
    return at;
}

#if (defined(__SSE2__) || defined(__ARM_NEON)) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include "base/inline.h"

#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <arm_neon.h>
#endif

typedef uint8_t block __attribute__((vector_size(16)));
enum { BLOCK = sizeof(block), HALF = BLOCK / 2, QUARTER = BLOCK / 4 };

/* ---- which bytes are to be looked at: all ones ----------------------------------------------- */

/* Of names and hosts; what is left, "_!" and the like, is rare. */
INLINE block odd_in_word(block v)
{
    return (block)~(((v | 32) - 'a' < 26) | (v - '0' < 10) | (v - '-' < 2));
}

/* Of a URL: from '-' to ';' all are good. */
INLINE block odd_in_path(block v)
{
    return (block)~(((v | 32) - 'a' < 26) | (v - '-' < 15));
}

INLINE block odd_in_target(block v)
{
    return (block)((v - '!' > '~' - '!') | (v == '#'));
}

/* A tab is legal, and rare. */
INLINE block odd_in_value(block v)
{
    return (block)((v < ' ') | (v == 0x7f));
}

/* ---- the first of them ----------------------------------------------------------------------- */

/* A few bits for each byte, the first lowest. */
#ifdef __SSE2__
enum { MARK = 1 };
INLINE uint64_t marks_of(block odd)
{
    return (unsigned)_mm_movemask_epi8((__m128i)odd);
}
#else
enum { MARK = 4 };
INLINE uint64_t marks_of(block odd)
{
    uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8((uint8x16_t)odd), 4);
    return vget_lane_u64(vreinterpret_u64_u8(narrow), 0);
}
#endif

INLINE block load(const char *at)
{
    block v;
    memcpy(&v, at, BLOCK);
    return v;
}

INLINE block load_two(const char *low, const char *high, size_t size)
{
    uint64_t halves[2] = { 0, 0 };
    memcpy(&halves[0], low, size);
    memcpy(&halves[1], high, size);
    block v;
    memcpy(&v, halves, BLOCK);
    return v;
}

/* Of a rest of QUARTER to BLOCK - 1 bytes; end: none. */
INLINE const char *find_in_rest(const char *at, const char *end, block (*odd)(block))
{
    bool long_one = end - at >= HALF;
    size_t size = long_one ? HALF : QUARTER;
    const char *last = end - size;
    block v = long_one ? load_two(at, last, HALF) : load_two(at, last, QUARTER);
    uint64_t marks = marks_of(odd(v)), half = UINT64_C(1) << size * MARK;
    uint64_t low = marks & (half - 1), high = marks >> HALF * MARK & (half - 1);
    if (low)
        return at + __builtin_ctzll(low) / MARK;
    return high ? last + __builtin_ctzll(high) / MARK : end;
}

/* Behind what is not odd; which may be before the end of the scan. */
INLINE const char *find(const char *at, const char *end, block (*odd)(block))
{
    for (; end - at >= BLOCK; at += BLOCK) {
        uint64_t marks = marks_of(odd(load(at)));
        if (marks)
            return at + __builtin_ctzll(marks) / MARK;
    }
    return end - at >= QUARTER ? find_in_rest(at, end, odd) : at;
}

INLINE const char *skip(const char *at, const char *end, int kinds, block (*odd)(block))
{
    for (;; at++) {
        at = find(at, end, odd);
        if (end - at < QUARTER)
            return bide__chars_skip_slowly(at, end, kinds);
        if (!char_is(*at, kinds))
            return at;
    }
}

const char *bide__chars_skip(const char *at, const char *end, int kinds)
{
    if (kinds & (CHAR_TOKEN | CHAR_HOST))
        return skip(at, end, kinds, odd_in_word);
    if (kinds & CHAR_TARGET)
        return skip(at, end, kinds, odd_in_target);
    if (kinds & (CHAR_PATH | CHAR_QUERY))
        return skip(at, end, kinds, odd_in_path);
    if (kinds & CHAR_FIELD)
        return skip(at, end, kinds, odd_in_value);
    return bide__chars_skip_slowly(at, end, kinds);
}

const char *bide__chars_skip_field(const char *at, const char *end)
{
    return skip(at, end, CHAR_FIELD, odd_in_value);
}

#else

const char *bide__chars_skip(const char *at, const char *end, int kinds)
{
    return bide__chars_skip_slowly(at, end, kinds);
}

const char *bide__chars_skip_field(const char *at, const char *end)
{
    return bide__chars_skip_slowly(at, end, CHAR_FIELD);
}

#endif
