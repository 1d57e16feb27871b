/* Writing URLs: as a text, and for a sentence. */
#include "http/url.h"

#include <string.h>

void bide__url_write(struct writer *w, const struct url *url, int flags)
{
    struct text host = url_host_field(url);
    writer_put(w, url->origin, url->scheme_size);
    if (url->user.at && !(flags & URL_DROP_USER)) {
        writer_put(w, url->user.at, url->user.size);
        if (url->password.at && url->password.size > 0) {
            writer_literal(w, ":");
            writer_put(w, url->password.at, url->password.size);
        }
        writer_literal(w, "@");
    }
    writer_put(w, host.at, host.size);
    writer_put(w, url->path.at, url->path.size);
    if (url->query.at) {
        writer_literal(w, "?");
        writer_put(w, url->query.at, url->query.size);
    }
    if (url->fragment.at && !(flags & URL_DROP_FRAGMENT)) {
        writer_literal(w, "#");
        writer_put(w, url->fragment.at, url->fragment.size);
    }
}

/* Skips what may be a user and a password.  One with a slash in it makes no URL, but is a password
 * all the same: so where a colon has no port behind it, all up to the last @ is skipped. */
static const char *skip_user(const char *start)
{
    size_t size = strcspn(start, "/?#\\");
    const char *at = memrchr(start, '@', size), *last = strrchr(start, '@');
    if (at || !last)
        return at ? at + 1 : start;
    const char *colon = memchr(start, ':', size);
    bool port = !colon || *start == '[' ||
                colon + 1 + strspn(colon + 1, "0123456789") == start + size;
    return port ? start : last + 1;
}

const char *bide__url_show(char out[URL_SHOWN_SIZE], const char *text)
{
    size_t to = 0;
    const char *colon = strstr(text, "//");
    const char *start = colon && colon - text <= 8 ? colon + 2 : text;
    const char *rest = skip_user(start);
    for (const char *at = text; *at && to < URL_SHOWN_SIZE - 1; at++) {
        if (at == start)
            at = rest;
        if (!*at)
            break;
        /* U+0080 to U+009F command terminals. */
        bool command = (uint8_t)at[0] == 0xc2 && at[1] && (uint8_t)at[1] < 0xa0;
        out[to++] = char_is(*at, CHAR_FIELD) && *at != '\t' && !command ? *at : '?';
        at += command;
    }
    out[to] = '\0';
    return out;
}
