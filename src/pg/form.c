/* See form.h. */
#include "pg/form.h"

#include "base/inline.h"

#include <stdbool.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* What the text form sets apart; 0: nothing. */
INLINE char mark_of(char c)
{
    return c == '\\' ? '\\' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : 0;
}

static char *form_bytes(char *at, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char mark = mark_of(bytes[i]);
        if (mark)
            *at++ = '\\';
        *at++ = mark ? mark : bytes[i];
    }
    return at;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* May a mark be among them?  All control characters up to the carriage return count. */
INLINE bool has_mark(uint64_t word)
{
    uint64_t back = word ^ ONES * '\\';
    return ((((word - ONES * ('\r' + 1)) & ~word) | ((back - ONES) & ~back)) & HIGHS) != 0;
}

/* 1 to 7 bytes; spaces behind them. */
INLINE uint64_t load_short(const char *bytes, size_t size)
{
    uint32_t low = 0, high = 0;
    uint64_t spaces = ONES * ' ' << 8 * size;
    if (size >= 4) {
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + size - 4, 4);
        return spaces | low | (uint64_t)high << 8 * (size - 4);
    }
    low = (unsigned char)bytes[0];
    high = (uint32_t)(unsigned char)bytes[size / 2] << 8 * (size / 2);
    return spaces | low | high | (uint64_t)(unsigned char)bytes[size - 1] << 8 * (size - 1);
}

char *bide__pg_form_text(char *at, const char *bytes, size_t size)
{
    uint64_t word;
    for (; size >= 8; bytes += 8, size -= 8) {
        memcpy(&word, bytes, 8);
        if (has_mark(word)) {
            at = form_bytes(at, bytes, 8);
            continue;
        }
        memcpy(at, &word, 8);
        at += 8;
    }
    if (size == 0)
        return at;
    word = load_short(bytes, size);
    if (has_mark(word))
        return form_bytes(at, bytes, size);
    memcpy(at, &word, 8);
    return at + size;
}

#else

char *bide__pg_form_text(char *at, const char *bytes, size_t size)
{
    return form_bytes(at, bytes, size);
}

#endif

char *bide__pg_form_int(char *at, int64_t number)
{
    char digits[20], *from = digits + sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--from = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (number < 0)
        *at++ = '-';
    return (char *)mempcpy(at, from, (size_t)(digits + sizeof digits - from));
}
