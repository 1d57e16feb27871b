/* A decoded NUL is refused: everything decoded here ends up as a C string, and a
 * string that is shorter for one reader than for another is an attack's raw material. */
#include "http/percent.h"

static bool is_unreserved(char c)
{
    return char_is(c, CHAR_HOST) || c == '~';
}

size_t bide__percent_size(struct text text)
{
    size_t size = text.size;
    for (size_t i = 0; i < text.size; i++)
        size += is_unreserved(text.at[i]) ? 0 : 2;
    return size;
}

static char *put_code(char *to, char c)
{
    *to++ = '%';
    *to++ = "0123456789ABCDEF"[(uint8_t)c >> 4];
    *to++ = "0123456789ABCDEF"[(uint8_t)c & 15];
    return to;
}

void bide__percent_write(struct writer *w, struct text text)
{
    char *start = writer_room(w, bide__percent_size(text)), *to = start;
    if (!start)
        return;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (is_unreserved(c))
            *to++ = c;
        else
            to = put_code(to, c);
    }
    w->size += (size_t)(to - start);
}

void bide__percent_write_loosely(struct writer *w, struct text text, int kinds)
{
    char *start = writer_room(w, text.size * 3), *to = start;
    if (!start)
        return;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool code = c == '%' && text.size - i > 2 && char_is(text.at[i + 1], CHAR_HEX) &&
                    char_is(text.at[i + 2], CHAR_HEX);
        if (code || char_is(c, kinds))
            *to++ = c;
        else if (c == '\\' && kinds == CHAR_PATH)
            *to++ = '/';
        else
            to = put_code(to, c);
    }
    w->size += (size_t)(to - start);
}

ssize_t bide__percent_decode(char *out, struct text text, bool plus)
{
    size_t to = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (c == '%') {
            if (text.size - i < 3 || !char_is(text.at[i + 1], CHAR_HEX) ||
                !char_is(text.at[i + 2], CHAR_HEX))
                return -1;
            c = (char)(char_hex(text.at[i + 1]) << 4 | char_hex(text.at[i + 2]));
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return -1;
        out[to++] = c;
    }
    return (ssize_t)to;
}
