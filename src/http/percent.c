/* A decoded NUL is refused: everything decoded here ends up as a C string, and a
 * string that is shorter for one reader than for another is an attack's raw material. */
#include "http/percent.h"

static bool is_unreserved(char c)
{
    return char_is(c, CHAR_HOST) || c == '~';
}

void bide__percent_write(struct writer *w, struct text text)
{
    char *start = writer_room(w, text.size * 3), *to = start;
    if (!start)
        return;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (is_unreserved(c)) {
            *to++ = c;
            continue;
        }
        *to++ = '%';
        *to++ = "0123456789ABCDEF"[(uint8_t)c >> 4];
        *to++ = "0123456789ABCDEF"[(uint8_t)c & 15];
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
