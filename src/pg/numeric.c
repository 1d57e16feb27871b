/* PostgreSQL's binary numerics: groups of four decimal digits, a weight and a scale. */
#include "pg/decode.h"

#include <stdio.h>
#include <string.h>

enum { POSITIVE = 0, NEGATIVE = 0x4000, NOT_A_NUMBER = 0xC000, INFINITE = 0xD000,
       MINUS_INFINITE = 0xF000 };
struct numeric { int count, weight, sign, scale; const unsigned char *digits; };

static int word(const unsigned char *at) { return at[0] << 8 | at[1]; }

static int read_head(struct numeric *n, const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    if (size < 8)
        return BIDE_EDB;
    *n = (struct numeric){ word(at), (int16_t)word(at + 2), word(at + 4), word(at + 6), at + 8 };
    return size == 8 + 2 * (size_t)n->count ? 0 : BIDE_EDB;
}

size_t bide__pg_numeric_size(const char *bytes, size_t size)
{
    struct numeric n;
    if (read_head(&n, bytes, size) < 0)
        return 16;
    size_t before = n.weight >= 0 ? 4 * ((size_t)n.weight + 1) : 1;
    return before + (size_t)n.scale + 16;
}

/* The group at this place, counted from the first. */
static int group(const struct numeric *n, int place)
{
    return place >= 0 && place < n->count ? word(n->digits + 2 * place) : 0;
}

int bide__pg_numeric(const char *bytes, size_t size, char *text)
{
    struct numeric n;
    if (read_head(&n, bytes, size) < 0)
        return BIDE_EDB;
    const char *special = n.sign == NOT_A_NUMBER ? "NaN" : n.sign == INFINITE ? "Infinity"
        : n.sign == MINUS_INFINITE ? "-Infinity" : NULL;
    if (special)
        return (int)(stpcpy(text, special) - text);
    char *at = text;
    if (n.sign == NEGATIVE)
        *at++ = '-';
    if (n.weight < 0)
        *at++ = '0';
    for (int i = 0; i <= n.weight; i++)
        at += sprintf(at, i ? "%04d" : "%d", group(&n, i) % 10000);
    if (n.scale)
        *at++ = '.';
    for (int left = n.scale, place = n.weight + 1; left > 0; left -= 4, place++) {
        char four[12];
        snprintf(four, sizeof four, "%04d", group(&n, place) % 10000);
        int some = left < 4 ? left : 4;
        memcpy(at, four, (size_t)some);
        at += some;
    }
    *at = '\0';
    return (int)(at - text);
}
