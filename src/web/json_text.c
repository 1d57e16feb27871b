/* Runs of plain bytes are copied, the rest is escaped one by one. */
#include "web/json_text.h"

#include "json/scan.h"

#include <stdio.h>

static bool is_plain(char c)
{
    return (uint8_t)c >= ' ' && (uint8_t)c < 0x7f && c != '"' && c != '\\';
}

static void write_code(struct writer *w, uint8_t byte)
{
    char code[8] = { '\\', (char)byte };
    if (byte == '"' || byte == '\\') {
        writer_put(w, code, 2);
        return;
    }
    snprintf(code, sizeof code, "\\u%04x", byte);
    writer_put(w, code, 6);
}

void bide__json_text_write(struct writer *w, struct text text)
{
    const char *at = text.at, *end = text.at + text.size;
    writer_literal(w, "\"");
    while (at < end) {
        const char *start = at;
        while (at < end && is_plain(*at))
            at++;
        writer_put(w, start, (size_t)(at - start));
        if (at == end)
            break;
        unsigned size = (uint8_t)*at < 0x80 ? 0 : utf8_size(at, (size_t)(end - at));
        if (size > 0)
            writer_put(w, at, size);
        else
            write_code(w, (uint8_t)*at);
        at += size > 0 ? size : 1;
    }
    writer_literal(w, "\"");
}
