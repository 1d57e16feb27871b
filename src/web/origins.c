/* An origin is compared as browsers write it: scheme and host in lower case, no port that is the
 * scheme's own, nothing behind.  A star stands for whole names in front of a dot, so that with
 * *.example.org neither evilexample.org is meant nor example.org.evil. */
#include "web/origins.h"

#include "base/memory.h"

#include <bide/error.h>

struct origin {
    struct text before, behind; /* a star: "https://", ".example.org" */
    bool star;                  /* else `before` is all of it */
};

bool bide__list_next(const char **at, struct text *word)
{
    const char *from = *at + strspn(*at, ", \t"), *to = from + strcspn(from, ",");
    *at = to;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    *word = text_of(from, (size_t)(to - from));
    return to > from;
}

static bool is_name(const char *at, const char *end)
{
    return at < end && *at != '.' && bide__chars_skip(at, end, CHAR_HOST) == end;
}

static bool is_port(const char *at, const char *end)
{
    uint64_t port;
    return bide__text_number(text_of(at, (size_t)(end - at)), &port) && port <= 65535;
}

/* Host and port, behind the scheme; where the host ends. */
static const char *read_host(const char *at, const char *end)
{
    const char *stop;
    if (at < end && *at == '[') {
        stop = memchr(at, ']', (size_t)(end - at));
        stop = stop ? stop + 1 : end;
    } else {
        stop = memchr(at, ':', (size_t)(end - at));
        stop = stop ? stop : end;
        if (!is_name(at, stop))
            return NULL;
    }
    return stop == end || (*stop == ':' && is_port(stop + 1, end)) ? stop : NULL;
}

/* Without the port that is the scheme's own. */
static const char *without_default(const char *start, const char *host_end, const char *end)
{
    struct text port = text_of(host_end, (size_t)(end - host_end));
    bool own = (strncmp(start, "https:", 6) == 0 && bide__text_is(port, ":443")) ||
               (strncmp(start, "http:", 5) == 0 && bide__text_is(port, ":80"));
    return own ? host_end : end;
}

static bool read_origin(struct text word, struct origin *o)
{
    const char *end = word.at + word.size, *colon = memchr(word.at, ':', word.size);
    if (!colon || end - colon < 4 || memcmp(colon, "://", 3) != 0 ||
        bide__chars_skip(word.at, colon, CHAR_TOKEN) != colon || colon == word.at)
        return false;
    const char *host = colon + 3;
    o->star = end - host > 2 && host[0] == '*' && host[1] == '.';
    const char *host_end = read_host(host + 2 * o->star, end);
    if (!host_end)
        return false;
    end = without_default(word.at, host_end, end);
    const char *cut = o->star ? host : end;
    o->before = text_of(word.at, (size_t)(cut - word.at));
    o->behind = o->star ? text_of(host + 1, (size_t)(end - host) - 1) : text_of(end, 0);
    return true;
}

static int read_word(struct origins *origins, struct text word)
{
    if (bide__text_is(word, "*"))
        origins->any = true;
    else if (bide__text_is(word, "null"))
        origins->none = true;
    else if (read_origin(word, &origins->list[origins->count]))
        origins->count++;
    else
        return bide_fail(BIDE_EINVAL, "origins: '%.*s' is none, as in https://example.org",
                         (int)word.size, word.at);
    return 0;
}

int bide__origins_read(struct origins *origins, const char *list)
{
    struct text word;
    size_t room = 1;
    *origins = (struct origins){ 0 };
    if (!list)
        return 0;
    for (const char *c = list; *c; c++)
        room += *c == ',';
    origins->text = bide__copy_text(list, strlen(list));
    origins->list = bide__zalloc(room * sizeof *origins->list);
    if (!origins->text || !origins->list)
        return bide_fail(BIDE_ENOMEM, "out of memory for origins");
    for (char *c = origins->text; *c; c++)
        *c = char_lower(*c);
    int rc = 0;
    for (const char *at = origins->text; rc == 0 && bide__list_next(&at, &word);)
        rc = read_word(origins, word);
    return rc;
}

static bool fits(const struct origin *o, struct text origin)
{
    const char *end = origin.at + origin.size;
    if (origin.size < o->before.size + o->behind.size ||
        memcmp(origin.at, o->before.at, o->before.size) != 0)
        return false;
    if (!o->star)
        return origin.size == o->before.size;
    const char *tail = end - o->behind.size;
    return memcmp(tail, o->behind.at, o->behind.size) == 0 &&
           is_name(origin.at + o->before.size, tail);
}

bool bide__origins_have(const struct origins *origins, const char *origin)
{
    if (strcmp(origin, "null") == 0)
        return origins->none || origins->any;
    for (size_t i = 0; i < origins->count; i++)
        if (fits(&origins->list[i], text_from(origin)))
            return true;
    return origins->any;
}

void bide__origins_end(struct origins *origins)
{
    bide__free(origins->list);
    bide__free(origins->text);
}
