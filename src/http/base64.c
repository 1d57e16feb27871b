/* Three bytes become four letters; pieces are gathered, so that "user", ":" and "password" need
 * not be put together first. */
#include "http/base64.h"

static void put_group(struct writer *w, uint32_t bits, unsigned bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char four[4] = { '=', '=', '=', '=' };
    bits <<= 8 * (3 - bytes);
    for (unsigned i = 0; i <= bytes; i++)
        four[i] = letters[bits >> (18 - 6 * i) & 63];
    writer_put(w, four, 4);
}

void bide__base64_write(struct writer *w, const struct text *pieces, size_t count)
{
    uint32_t bits = 0;
    unsigned bytes = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < pieces[i].size; j++) {
            bits = bits << 8 | (uint8_t)pieces[i].at[j];
            if (++bytes == 3) {
                put_group(w, bits, 3);
                bits = bytes = 0;
            }
        }
    if (bytes > 0)
        put_group(w, bits, bytes);
}

void bide__base64url_write(struct writer *w, struct text bytes)
{
    size_t start = w->size;
    bide__base64_write(w, &bytes, 1);
    for (size_t i = start; w->code == 0 && i < w->size; i++)
        w->at[i] = (char)(w->at[i] == '+' ? '-' : w->at[i] == '/' ? '_' : w->at[i]);
    while (w->code == 0 && w->size > start && w->at[w->size - 1] == '=')
        w->size--;
}

/* What a letter stands for; -1: nothing. */
static int value_of(char c, bool url)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (url ? '-' : '+'))
        return 62;
    return c == (url ? '_' : '/') ? 63 : -1;
}

/* The padding goes; false: it is not as it must be. */
static bool take_padding(struct text *text)
{
    if (text->size % 4 != 0)
        return false;
    for (int i = 0; i < 2 && text->size > 0 && text->at[text->size - 1] == '='; i++)
        text->size--;
    return true;
}

ssize_t bide__base64_read(char *out, struct text text, bool url)
{
    uint32_t bits = 0;
    size_t size = 0;
    unsigned count = 0;
    if (!url && !take_padding(&text))
        return -1;
    for (size_t i = 0; i < text.size; i++) {
        int value = value_of(text.at[i], url);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[size++] = (char)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    return count < 6 && bits == 0 ? (ssize_t)size : -1;         /* nothing may hide in the rest */
}
