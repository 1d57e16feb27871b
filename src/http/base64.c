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
