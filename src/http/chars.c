/* The byte table and the few scans over it.
 *
 * Header values are the bulk of a head, so their scan takes eight bytes at a
 * time: a byte below SP or equal to DEL sets a mark, and only then single bytes
 * are looked at (a tab is legal, and rare). */
#include "http/chars.h"

#include <string.h>

#define ALPHA (CHAR_TOKEN | CHAR_FIELD | CHAR_PATH | CHAR_QUERY | CHAR_HOST | CHAR_TARGET)
#define SEEN (CHAR_FIELD | CHAR_TARGET)
#define PART (SEEN | CHAR_PATH | CHAR_QUERY)

__extension__ const uint8_t bide__chars[256] = {
    ['\t'] = CHAR_FIELD, [' '] = CHAR_FIELD,
    ['!'] = PART | CHAR_TOKEN, ['"'] = SEEN, ['#'] = CHAR_FIELD | CHAR_TOKEN,
    ['$'] = PART | CHAR_TOKEN, ['%'] = SEEN | CHAR_TOKEN, ['&'] = PART | CHAR_TOKEN,
    ['\''] = PART | CHAR_TOKEN, ['('] = PART, [')'] = PART,
    ['*'] = PART | CHAR_TOKEN, ['+'] = PART | CHAR_TOKEN, [','] = PART,
    ['-'] = PART | CHAR_TOKEN | CHAR_HOST, ['.'] = PART | CHAR_TOKEN | CHAR_HOST,
    ['/'] = PART,
    ['0' ... '9'] = ALPHA | CHAR_DIGIT | CHAR_HEX,
    [':'] = PART, [';'] = PART, ['<'] = SEEN, ['='] = PART, ['>'] = SEEN,
    ['?'] = SEEN | CHAR_QUERY, ['@'] = PART,
    ['A' ... 'F'] = ALPHA | CHAR_HEX, ['G' ... 'Z'] = ALPHA,
    ['['] = SEEN, ['\\'] = SEEN, [']'] = SEEN, ['^'] = SEEN | CHAR_TOKEN,
    ['_'] = ALPHA, ['`'] = SEEN | CHAR_TOKEN,
    ['a' ... 'f'] = ALPHA | CHAR_HEX, ['g' ... 'z'] = ALPHA,
    ['{'] = SEEN, ['|'] = SEEN | CHAR_TOKEN, ['}'] = SEEN, ['~'] = PART | CHAR_TOKEN,
    [0x80 ... 0xff] = CHAR_FIELD,
};

const char *bide__chars_skip(const char *at, const char *end, int kinds)
{
    while (at < end && char_is(*at, kinds))
        at++;
    return at;
}

/* Nonzero if one of eight bytes is a control byte.  A borrow can mark the byte
 * above a real hit as well, never one without a hit below it. */
static inline uint64_t any_control(uint64_t eight)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t del = eight ^ (ones * 0x7f);
    return ((eight - ones * 0x20) & ~eight & (ones * 0x80)) |
           ((del - ones) & ~del & (ones * 0x80));
}

const char *bide__chars_skip_field(const char *at, const char *end)
{
    for (;;) {
        for (; end - at >= 8; at += 8) {
            uint64_t eight;
            memcpy(&eight, at, 8);
            if (any_control(eight))
                break;
        }
        const char *stop = end - at >= 8 ? at + 8 : end;
        while (at < stop && char_is(*at, CHAR_FIELD))
            at++;
        if (at < stop || at == end)
            return at;
    }
}

bool bide__text_is(struct text text, const char *word)
{
    return strlen(word) == text.size && memcmp(text.at, word, text.size) == 0;
}

bool bide__text_is_caseless(struct text text, const char *word)
{
    for (size_t i = 0; i < text.size; i++)
        if (word[i] == '\0' || char_lower(text.at[i]) != char_lower(word[i]))
            return false;
    return word[text.size] == '\0';
}

bool bide__text_number(struct text text, uint64_t *number)
{
    enum { SAFE = 19 };         /* so many digits always fit */
    uint64_t sum = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (digit > 9)
            return false;
        if (i >= SAFE && sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    if (text.size == 0)
        return false;
    *number = sum;
    return true;
}
