/* The reading; each function leaves the reader at the first byte that it did not understand. */
#include "http/parameters.h"

#include <string.h>

void bide__read_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
}

bool bide__read_char(struct reader *r, char c)
{
    bool there = r->at < r->end && *r->at == c;
    r->at += there;
    return there;
}

struct text bide__read_token(struct reader *r)
{
    const char *start = r->at;
    r->at = bide__chars_skip(start, r->end, CHAR_TOKEN);
    return text_of(start, (size_t)(r->at - start));
}

bool bide__read_quoted(struct reader *r, struct text *between)
{
    const char *at = r->at + 1;
    for (const char *start = at; at < r->end && char_is(*at, CHAR_FIELD); at++) {
        if (*at == '"') {
            *between = text_of(start, (size_t)(at - start));
            r->at = at + 1;
            return true;
        }
        if (*at == '\\' && (++at == r->end || !char_is(*at, CHAR_FIELD)))
            break;
    }
    r->at = at;
    return false;
}

/* Up to one of stops, without the spaces before it. */
static struct text read_until(struct reader *r, const char *stops)
{
    const char *start = r->at;
    while (r->at < r->end && (*r->at == '\0' || !strchr(stops, *r->at)))
        r->at++;
    const char *end = r->at;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return text_of(start, (size_t)(end - start));
}

static int read_value(struct reader *r, const char *stops, struct parameter *p)
{
    if (stops)
        bide__read_space(r);
    if (r->at < r->end && *r->at == '"') {
        p->quoted = true;
        return bide__read_quoted(r, &p->value) ? 1 : -1;
    }
    p->value = stops ? read_until(r, stops) : bide__read_token(r);
    return stops || p->value.size > 0 ? 1 : -1;
}

int bide__read_parameter(struct reader *r, const char *stops, struct parameter *p)
{
    do {
        bide__read_space(r);
        if (!bide__read_char(r, ';'))
            return 0;
        bide__read_space(r);
    } while (r->at == r->end || *r->at == ';');
    *p = (struct parameter){ .name = bide__read_token(r) };
    if (p->name.size == 0)
        return -1;
    p->value = text_of(r->at, 0);
    if (stops)
        bide__read_space(r);
    if (!bide__read_char(r, '='))
        return stops ? 1 : -1;
    return read_value(r, stops, p);
}

bool bide__parameter_find(struct text value, const char *name, struct parameter *p)
{
    struct reader r = reader_of(value);
    read_until(&r, ";");
    while (bide__read_parameter(&r, ";", p) > 0)
        if (bide__text_is_caseless(p->name, name))
            return true;
    return false;
}

ssize_t bide__parameter_text(const struct parameter *p, char *out, size_t room)
{
    size_t size = 0;
    for (size_t i = 0; i < p->value.size; i++) {
        if (p->quoted && p->value.at[i] == '\\' && i + 1 < p->value.size)
            i++;
        if (size + 1 >= room)
            return -1;
        out[size++] = p->value.at[i];
    }
    if (room == 0)
        return -1;
    out[size] = '\0';
    return (ssize_t)size;
}

bool bide__parameter_is(const struct parameter *p, const char *word)
{
    return bide__text_is_caseless(p->value, word);
}

/* A byte of the text, with its percent-code resolved; -1: there may be no such. */
static int read_byte(struct reader *r)
{
    if (*r->at != '%')
        return char_is(*r->at, CHAR_TOKEN) ? (uint8_t)*r->at++ : -1;
    if (r->end - r->at < 3 || !char_is(r->at[1], CHAR_HEX) || !char_is(r->at[2], CHAR_HEX))
        return -1;
    int byte = (int)(char_hex(r->at[1]) << 4 | char_hex(r->at[2]));
    r->at += 3;
    return byte > 0 ? byte : -1;
}

ssize_t bide__parameter_extended(const struct parameter *p, char *out, size_t room)
{
    struct reader r = reader_of(p->value);
    struct text charset = read_until(&r, "'");
    bool latin = bide__text_is_caseless(charset, "ISO-8859-1");
    if (p->quoted || (!latin && !bide__text_is_caseless(charset, "UTF-8")) ||
        !bide__read_char(&r, '\''))
        return -1;
    read_until(&r, "'");                /* the language */
    if (!bide__read_char(&r, '\''))
        return -1;
    size_t size = 0;
    while (r.at < r.end) {
        int byte = read_byte(&r);
        if (byte < 0 || size + 2 >= room)
            return -1;
        if (latin && byte >= 0x80) {
            out[size++] = (char)(0xc0 | byte >> 6);
            byte = 0x80 | (byte & 0x3f);
        }
        out[size++] = (char)byte;
    }
    if (room == 0)
        return -1;
    out[size] = '\0';
    return (ssize_t)size;
}
