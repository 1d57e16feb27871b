/* Reading the lines behind a body. */
#include "http/trailers.h"

#include <string.h>

/* May it not stand behind a body (RFC 9110, 6.5.1)?  What frames a message, routes it, says who
 * asks or what the body is has been acted upon: saying it again can only be a trick. */
bool bide__trailer_forbidden(struct text name)
{
    static const char *const names[] = {
        "age", "authorization", "cache-control", "connection", "content-encoding",
        "content-length", "content-range", "content-type", "cookie", "date", "expect", "expires",
        "host", "keep-alive", "location", "max-forwards", "pragma", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "range", "retry-after", "set-cookie", "te",
        "trailer", "transfer-encoding", "upgrade", "vary", "warning", "www-authenticate",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bide__text_is_caseless(name, names[i]))
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One line, which the chunks' reader has checked: "name: value".  Ends both with a NUL. */
static void read_trailer(char *line, char *end, struct bide_pair *pair)
{
    char *colon = memchr(line, ':', (size_t)(end - line));
    char *value = colon + 1;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *colon = *end = '\0';
    *pair = (struct bide_pair){ line, value };
}

struct bide_pair *bide__trailers_read(const struct chunked *chunked, struct scratch *scratch)
{
    char *at = chunked->trailers, *end = at + chunked->kept;
    size_t count = 0, lines = 1;
    for (const char *c = at; c < end; c++)
        lines += *c == '\n';
    struct bide_pair *pairs = bide__scratch_take(scratch, lines * sizeof *pairs);
    while (pairs && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        read_trailer(at, stop - 1, &pairs[count]);      /* before its CR */
        count += !bide__trailer_forbidden(text_of(at, strlen(at)));
        at = stop + 1;
    }
    if (pairs)
        pairs[count] = (struct bide_pair){ NULL, NULL };
    return pairs;
}
