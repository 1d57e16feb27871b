/* Queries and forms: pairs written, and read.
 *
 * Encoding is done here and once: who hands pairs in hands in plain text. */
#include "http/query.h"

#include "http/percent.h"

#include <string.h>

static void write_word(struct writer *w, const char *word, bool form)
{
    size_t start = w->size;
    if (!form || !strchr(word, ' ')) {
        bide__percent_write(w, text_of(word, strlen(word)));
        return;
    }
    for (;; word++) {
        size_t size = strcspn(word, " ");
        bide__percent_write(w, text_of(word, size));
        word += size;
        if (!*word || w->code < 0)
            break;
        writer_literal(w, "+");
    }
    if (w->code < 0)
        w->size = start;
}

void bide__query_write(struct writer *w, const struct bide_pair *pairs, bool first, bool form)
{
    for (; pairs && pairs->name; pairs++) {
        if (!first)
            writer_literal(w, "&");
        first = false;
        write_word(w, pairs->name, form);
        if (!pairs->value)
            continue;
        writer_literal(w, "=");
        write_word(w, pairs->value, form);
    }
}

/* A decoded copy; a piece that cannot be decoded stays as it came. */
static const char *decoded(struct scratch *s, struct text text)
{
    char *out = bide__scratch_copy(s, text.at, text.size);
    if (!out)
        return NULL;
    ssize_t size = bide__percent_decode(out, text, true);
    if (size < 0)
        memcpy(out, text.at, text.size);
    else
        out[size] = '\0';
    return out;
}

static bool read_pair(struct scratch *s, struct bide_pair *pair, struct text text)
{
    const char *equals = memchr(text.at, '=', text.size);
    size_t size = equals ? (size_t)(equals - text.at) : text.size;
    pair->name = decoded(s, text_of(text.at, size));
    pair->value = equals ? decoded(s, text_of(equals + 1, text.size - size - 1)) : "";
    return pair->name && pair->value;
}

const struct bide_pair *bide__query_read(struct scratch *s, struct text query)
{
    static const struct bide_pair none[] = { { NULL, NULL } };
    const char *at = query.at, *end = at + query.size;
    size_t count = 2, used = 0;
    if (query.size == 0)
        return none;
    for (const char *c = at; c < end; c++)
        count += *c == '&';
    struct bide_pair *pairs = bide__scratch_take(s, count * sizeof *pairs);
    while (pairs && at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        if (size > 0 && !read_pair(s, &pairs[used++], text_of(at, size)))
            return NULL;
        at += size + 1;
    }
    if (pairs)
        pairs[used] = none[0];
    return pairs;
}
