/* What each byte may be in HTTP/1.1 and in a URL.
 *
 * Every parser and every writer here asks the same table, so the two sides
 * cannot disagree about which byte is legal where.  Disagreement between two
 * readers of the same bytes is how requests get smuggled. */
#ifndef BIDE_HTTP_CHARS_H
#define BIDE_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    CHAR_TOKEN = 1,             /* RFC 9110 tchar: methods and header names */
    CHAR_FIELD = 2,             /* in a header value: visible, SP, HTAB, 0x80 and up */
    CHAR_HEX = 4,
    CHAR_DIGIT = 8,
    CHAR_PATH = 16,             /* RFC 3986 pchar and '/', without '%' */
    CHAR_QUERY = 32,            /* the same and '?' */
    CHAR_HOST = 64,             /* letters, digits, '-', '.', '_' */
    CHAR_TARGET = 128,          /* request target as received: visible, but no '#' */
};

extern const uint8_t bide__chars[256];

static inline bool char_is(char c, int kinds)
{
    return (bide__chars[(uint8_t)c] & kinds) != 0;
}

static inline char char_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* The value of a hexadecimal digit; the caller knows that it is one. */
static inline unsigned char_hex(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

/* The first byte of [at, end) that is not of one of these kinds, or end. */
const char *bide__chars_skip(const char *at, const char *end, int kinds);
/* The first byte of [at, end) that may not stand in a header value, or end. */
const char *bide__chars_skip_field(const char *at, const char *end);
/* bide__chars_skip() a byte at a time: what the others are measured by. */
const char *bide__chars_skip_slowly(const char *at, const char *end, int kinds);

/* A piece of text inside somebody else's memory; no NUL behind it is promised. */
struct text {
    const char *at;
    size_t size;
};

static inline struct text text_of(const char *at, size_t size)
{
    return (struct text){ at, size };
}

/* All of a string, without its NUL. */
static inline struct text text_from(const char *string)
{
    return text_of(string, strlen(string));
}

bool bide__text_is(struct text text, const char *word);             /* exactly */
bool bide__text_goes_on(struct text text, const char *word);        /* the rest of the next one */

/* In any case of ASCII's letters.  As a rule the first one tells that it is another word. */
static inline bool bide__text_is_caseless(struct text text, const char *word)
{
    enum { CASE = 'a' - 'A' };
    if (__builtin_constant_p(strlen(word)) && strlen(word) != text.size)
        return false;
    if (text.size > 0 && ((text.at[0] ^ word[0]) & ~CASE) != 0)
        return false;
    return bide__text_goes_on(text, word);
}
/* A number in decimal digits and nothing else; false also when it is too large. */
bool bide__text_number(struct text text, uint64_t *number);

#endif
