/* Five bytes are not what they look like in HTML; all others are. */
#include "web/html.h"

static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }
    return NULL;
}

void bide__html_write(struct writer *w, struct text text)
{
    const char *start = text.at, *end = text.at + text.size;
    for (const char *at = start; at < end; at++) {
        const char *instead = reference(*at);
        if (!instead)
            continue;
        writer_put(w, start, (size_t)(at - start));
        writer_put(w, instead, strlen(instead));
        start = at + 1;
    }
    writer_put(w, start, (size_t)(end - start));
}
