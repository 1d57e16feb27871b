/* The byte table, and what texts say. */
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

bool bide__text_is(struct text text, const char *word)
{
    return strlen(word) == text.size && memcmp(text.at, word, text.size) == 0;
}

bool bide__text_goes_on(struct text text, const char *word)
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
