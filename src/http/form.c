/* Forms differ from URLs in three bytes: ' ' is '+', '*' stays, '~' is encoded. */
#include "http/form.h"

#include <bide/http.h>

static bool stays(char c)
{
    return c == '*' || char_is(c, CHAR_HOST);
}

static void write_text(struct writer *w, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size > SIZE_MAX / 3) {
        bide__writer_fail(w, BIDE_ELIMIT, "a form's value is too long");
        return;
    }
    char *start = writer_room(w, size * 3), *to = start;
    if (!start)
        return;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (stays(c)) {
            *to++ = c;
        } else if (c == ' ') {
            *to++ = '+';
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[(uint8_t)c >> 4];
            *to++ = "0123456789ABCDEF"[(uint8_t)c & 15];
        }
    }
    w->size += (size_t)(to - start);
}

void bide__form_write(struct writer *w, const struct bide_pair *form)
{
    for (const struct bide_pair *pair = form; pair && pair->name; pair++) {
        if (pair > form)
            writer_literal(w, "&");
        write_text(w, pair->name);
        writer_literal(w, "=");
        write_text(w, pair->value);
    }
}
