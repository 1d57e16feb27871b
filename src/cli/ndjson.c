/* cli/ndjson.c -- JSON strings and numbers.
 *
 * URLs and messages are nearly always plain ASCII, so a string is copied in runs and only
 * the byte that ends a run is looked at closely.  A server or an input file may hand over
 * any bytes at all; what is printed must still be one valid line of JSON. */
#include "cli/ndjson.h"
#include <stdbool.h>
#include <string.h>

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* How many bytes the character at p has; 0 if they are not well-formed (Unicode, table
 * 3-7). */
static size_t character_size(const unsigned char *p, size_t left)
{
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return left >= 2 && is_tail(p[1]) ? 2 : 0;
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]))
            return 0;
        bool overlong = p[0] == 0xe0 && p[1] < 0xa0;
        bool surrogate = p[0] == 0xed && p[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
            return 0;
        bool overlong = p[0] == 0xf0 && p[1] < 0x90;
        bool beyond = p[0] == 0xf4 && p[1] > 0x8f;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

static char *escape_code(char *at, unsigned code)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(at, "\\u00", 4);
    at[4] = digits[code >> 4 & 15];
    at[5] = digits[code & 15];
    return at + 6;
}

static char *escape_ascii(char *at, unsigned char c)
{
    static const char named[][2] = {
        { '"', '"' }, { '\\', '\\' }, { '\n', 'n' }, { '\r', 'r' }, { '\t', 't' },
        { '\b', 'b' }, { '\f', 'f' },
    };
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if ((unsigned char)named[i][0] != c)
            continue;
        *at++ = '\\';
        *at++ = named[i][1];
        return at;
    }
    return escape_code(at, c);
}

/* Writes the one character at p, however long; *used is how many bytes it took. */
static char *write_character(char *at, const unsigned char *p, size_t left, size_t *used)
{
    *used = 1;
    if (p[0] < 0x80)
        return escape_ascii(at, p[0]);
    size_t size = character_size(p, left);
    if (size == 0) {
        memcpy(at, "\xef\xbf\xbd", 3);
        return at + 3;
    }
    *used = size;
    if (p[0] == 0xc2 && p[1] < 0xa0)
        return escape_code(at, p[1]);
    memcpy(at, p, size);
    return at + size;
}

char *ndjson_text(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

char *ndjson_string(char *at, const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char *end = p + size;
    *at++ = '"';
    while (p < end) {
        const unsigned char *run = p;
        while (p < end && is_plain(*p))
            p++;
        memcpy(at, run, (size_t)(p - run));
        at += p - run;
        size_t used = 0;
        if (p < end)
            at = write_character(at, p, (size_t)(end - p), &used);
        p += used;
    }
    *at++ = '"';
    return at;
}

char *ndjson_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[sizeof digits - ++count] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(at, digits + sizeof digits - count, count);
    return at + count;
}

char *ndjson_seconds(char *at, double seconds)
{
    uint64_t micros = seconds > 0 && seconds < 1e12 ? (uint64_t)(seconds * 1e6 + 0.5) : 0;
    at = ndjson_number(at, micros / 1000000);
    *at++ = '.';
    uint64_t rest = micros % 1000000;
    for (uint64_t unit = 100000; unit > 0; unit /= 10)
        *at++ = (char)('0' + rest / unit % 10);
    return at;
}
