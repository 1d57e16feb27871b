/* cli/import_type.c -- see import_type.h.
 *
 * Dates and times are looked at only as far as their shape goes, and handed on as texts: each
 * server reads them itself, and SQLite keeps them as they are. */
#include "cli/import_type.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- numbers ---- */

static bool read_int(const char *text, size_t size, int64_t *number)
{
    bool negative = size > 0 && *text == '-';
    size_t at = negative;
    uint64_t sum = 0, most = (uint64_t)INT64_MAX + negative;
    if (size - at == 0 || size - at > 19 || (text[at] == '0' && size - at > 1))
        return false;
    for (; at < size; at++) {
        if (!is_digit(text[at]))
            return false;
        sum = sum * 10 + (uint64_t)(text[at] - '0');
    }
    *number = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return sum <= most;
}

static size_t count_digits(const char *text, size_t size, size_t at)
{
    size_t from = at;
    while (at < size && is_digit(text[at]))
        at++;
    return at - from;
}

/* -12.5e-3; *digits and *scale: it is their integer without the dot, over a power of ten, if
 * that is short and there is no exponent, else -1. */
static bool is_real(const char *text, size_t size, int *scale)
{
    size_t at = size > 0 && (*text == '-' || *text == '+');
    size_t whole = count_digits(text, size, at), part = 0;
    at += whole;
    if (at < size && text[at] == '.') {
        part = count_digits(text, size, at + 1);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    *scale = whole + part <= 15 ? (int)part : -1;
    if (at < size && (text[at] | 0x20) == 'e') {
        at++;
        at += at < size && (text[at] == '-' || text[at] == '+');
        size_t exponent = count_digits(text, size, at);
        at += exponent;
        *scale = -1;
        if (exponent == 0)
            return false;
    }
    return at == size;
}

/* Both are exact for up to 15 digits, so their quotient is rounded once, as strtod() would. */
static double read_short(const char *text, size_t size, int scale)
{
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15 };
    int64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        if (is_digit(text[i]))
            sum = sum * 10 + (text[i] - '0');
    double number = (double)sum / powers[scale];
    return *text == '-' ? -number : number;
}

static bool read_real(const char *text, size_t size, double *number)
{
    int scale;
    if (!is_real(text, size, &scale))
        return false;
    *number = scale >= 0 ? read_short(text, size, scale) : strtod(text, NULL);
    return true;
}

/* ---- words and moments ---- */

static bool read_bool(const char *text, size_t size, bool *is)
{
    *is = size == 4 && strncasecmp(text, "true", 4) == 0;
    return *is || (size == 5 && strncasecmp(text, "false", 5) == 0);
}

/* Has it the shape of the pattern, in which 0 is any digit? */
static bool has_shape(const char *text, size_t size, const char *pattern)
{
    for (size_t i = 0; pattern[i]; i++)
        if (i == size || (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]))
            return false;
    return true;
}

static int two(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* "0000-00-00", as has_shape(): eight bytes at once. */
static bool is_like_a_date(const char *text, size_t size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t word;
    if (size < 10)
        return false;
    memcpy(&word, text, sizeof word);
    word ^= 0x2d30302d30303030;         /* digits are 0 to 9 then, and a minus is 0 */
    return (((word + 0x7f76767f76767676) | word) & 0x8080808080808080) == 0 &&
        is_digit(text[8]) && is_digit(text[9]);
#else
    return has_shape(text, size, "0000-00-00");
#endif
}

static bool is_date(const char *text, size_t size)
{
    if (!is_like_a_date(text, size))
        return false;
    int year = two(text) * 100 + two(text + 2), month = two(text + 5), day = two(text + 8);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int days = month == 2 ? 28 + leap : 30 + ((month + (month > 7)) & 1);
    return month >= 1 && month <= 12 && day >= 1 && day <= days;
}

/* Behind the seconds: .5, Z, +01:00, +01 */
static bool is_zone(const char *text, size_t size)
{
    if (size > 1 && *text == '.') {
        size_t digits = count_digits(text, size, 1);
        if (digits == 0)
            return false;
        text += 1 + digits;
        size -= 1 + digits;
    }
    if (size == 0 || (size == 1 && *text == 'Z'))
        return true;
    if (*text != '+' && *text != '-')
        return false;
    return (size == 6 && has_shape(text + 1, 5, "00:00")) ||
        (size == 3 && has_shape(text + 1, 2, "00")) ||
        (size == 5 && has_shape(text + 1, 4, "0000"));
}

static bool is_time(const char *text, size_t size)
{
    if (size < 16 || !is_date(text, 10) || (text[10] != ' ' && text[10] != 'T'))
        return false;
    bool seconds = has_shape(text + 11, size - 11, "00:00:00");
    if (!seconds && !(size == 16 && has_shape(text + 11, 5, "00:00")))
        return false;
    if (two(text + 11) > 23 || two(text + 14) > 59 || (seconds && two(text + 17) > 60))
        return false;
    return !seconds || is_zone(text + 19, size - 19);
}

/* Of what is a time. */
static bool is_zoned(const char *text, size_t size)
{
    for (size_t i = 19; i < size; i++)
        if (text[i] == 'Z' || text[i] == '+' || text[i] == '-')
            return true;
    return false;
}

/* ---- types ---- */

enum import_type import_type_of(const char *text, size_t size)
{
    int64_t number;
    int scale;
    bool is;
    if (read_int(text, size, &number))
        return TYPE_INT;
    size_t zero = size > 0 && (*text == '-' || *text == '+');
    bool padded = size > zero + 1 && text[zero] == '0' && is_digit(text[zero + 1]);
    bool dotted = memchr(text, '.', size) || memchr(text, 'e', size) || memchr(text, 'E', size);
    if (!padded && dotted && is_real(text, size, &scale))
        return TYPE_REAL;
    if (read_bool(text, size, &is))
        return TYPE_BOOL;
    if (size == 10 && is_date(text, size))
        return TYPE_DATE;
    if (!is_time(text, size))
        return TYPE_TEXT;
    return is_zoned(text, size) ? TYPE_ZONED : TYPE_TIME;
}

enum import_type import_type_join(enum import_type a, enum import_type b)
{
    if (a == b || b == TYPE_NONE)
        return a;
    if (a == TYPE_NONE)
        return b;
    enum import_type low = a < b ? a : b, high = a < b ? b : a;
    bool widens = (low == TYPE_INT && high == TYPE_REAL) ||
        (low >= TYPE_DATE && high <= TYPE_ZONED);
    return widens ? high : TYPE_TEXT;
}

const char *import_type_name(enum import_type type, enum database_id id)
{
    static const char *const names[][DATABASE_KINDS] = {
        [TYPE_NONE] = { "text", "text", "text" },
        [TYPE_BOOL] = { "boolean", "boolean", "boolean" },
        [TYPE_INT] = { "integer", "bigint", "bigint" },
        [TYPE_REAL] = { "real", "double precision", "double" },
        [TYPE_DATE] = { "date", "date", "date" },
        [TYPE_TIME] = { "timestamp", "timestamp", "datetime(6)" },
        [TYPE_ZONED] = { "timestamp", "timestamptz", "varchar(40)" },
        [TYPE_TEXT] = { "text", "text", "text" },
    };
    return names[type][id];
}

static bool has_word(const char *text, const char *word)
{
    return strcasestr(text, word) != NULL;
}

enum import_type import_type_declared(const char *declared)
{
    if (has_word(declared, "bool"))
        return TYPE_BOOL;
    if (has_word(declared, "point") || has_word(declared, "interval"))
        return TYPE_TEXT;
    if (has_word(declared, "int") || has_word(declared, "serial"))
        return TYPE_INT;
    if (has_word(declared, "real") || has_word(declared, "double") || has_word(declared, "float"))
        return TYPE_REAL;
    if (strcasecmp(declared, "date") == 0)
        return TYPE_DATE;
    if (has_word(declared, "timestamp") || has_word(declared, "datetime"))
        return TYPE_TIME;
    return TYPE_TEXT;
}

static int read_value(enum import_type type, const char *text, size_t size,
                      struct bide_value *value)
{
    int64_t number;
    double real;
    bool is;
    switch (type) {
    case TYPE_INT:
        *value = read_int(text, size, &number) ? bide_value(number) : BIDE_NULL;
        break;
    case TYPE_REAL:
        *value = read_real(text, size, &real) ? bide_value(real) : BIDE_NULL;
        break;
    case TYPE_BOOL:
        *value = read_bool(text, size, &is) ? bide_value(is) : BIDE_NULL;
        if (size == 1 && (*text == '0' || *text == '1' || strchr("tTfF", *text)))
            *value = bide_value((bool)(*text == '1' || (*text | 0x20) == 't'));
        break;
    case TYPE_DATE:
        *value = size == 10 && is_date(text, size) ? bide_value_sized(text, size) : BIDE_NULL;
        break;
    case TYPE_TIME:
    case TYPE_ZONED:
        *value = is_time(text, size) || (size == 10 && is_date(text, size))
            ? bide_value_sized(text, size) : BIDE_NULL;
        break;
    default:
        *value = bide_value_sized(text, size);
    }
    return value->type == BIDE_VALUE_NULL ? -1 : 0;
}

/* A number with leading zeroes or a plus is one where the table wants one. */
int import_type_value(enum import_type type, const char *text, size_t size,
                      struct bide_value *value)
{
    if (type == TYPE_INT && size > 1 && *text == '+' && is_digit(text[1])) {
        text++;
        size--;
    }
    while (type == TYPE_INT && size > 1 && *text == '0') {
        text++;
        size--;
    }
    return read_value(type, text, size, value);
}

bool import_type_fits(enum import_type type, const char *text, size_t size)
{
    struct bide_value value;
    int64_t number;
    int scale;
    switch (type) {
    case TYPE_NONE:
    case TYPE_TEXT:
        return true;
    case TYPE_REAL:
        return is_real(text, size, &scale);
    case TYPE_INT:
        return read_int(text, size, &number) || import_type_value(type, text, size, &value) == 0;
    default:
        return import_type_value(type, text, size, &value) == 0;
    }
}

const char *import_type_noun(enum import_type type)
{
    static const char *const nouns[] = {
        [TYPE_NONE] = "a text", [TYPE_BOOL] = "true or false", [TYPE_INT] = "an integer",
        [TYPE_REAL] = "a number", [TYPE_DATE] = "a date", [TYPE_TIME] = "a time-stamp",
        [TYPE_ZONED] = "a time-stamp", [TYPE_TEXT] = "a text",
    };
    return nouns[type];
}
