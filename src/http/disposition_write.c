/* A file's name in both of its forms (RFC 6266, 4.3 and appendix D): as it is if every reader takes
 * it so, else in ASCII for old ones and, behind it, in full. */
#include "http/disposition.h"

#include "http/percent.h"

/* What nobody reads in two ways; '%' is decoded by some. */
static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%';
}

void bide__disposition_write(struct writer *w, const char *type, struct text name)
{
    bool plain = true;
    struct text word = text_from(type);
    writer_put(w, word.at, word.size);
    writer_literal(w, "; filename=\"");
    char *to = writer_room(w, name.size);
    for (size_t i = 0; to && i < name.size; i++) {
        plain &= is_plain(name.at[i]);
        to[i] = is_plain(name.at[i]) ? name.at[i] : '_';
    }
    w->size += to ? name.size : 0;
    writer_literal(w, "\"");
    if (plain)
        return;
    writer_literal(w, "; filename*=UTF-8''");
    bide__percent_write(w, name);
}
