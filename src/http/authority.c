/* One pass: the name or the brackets, then the port. */
#include "http/authority.h"

#include <string.h>

static const char *skip_name(const char *at, const char *end)
{
    while (at < end && (char_is(*at, CHAR_HOST) || *at == '~'))
        at++;
    return at;
}

/* Behind "[address]" or "[address%zone]"; NULL: it is none. */
static const char *skip_brackets(const char *at, const char *end)
{
    const char *start = ++at;
    while (at < end && (char_is(*at, CHAR_HEX) || *at == ':' || *at == '.'))
        at++;
    if (!memchr(start, ':', (size_t)(at - start)))
        return NULL;
    if (at < end && *at == '%') {
        start = ++at;
        at = skip_name(at, end);
        if (at == start)
            return NULL;
    }
    return at < end && *at == ']' ? at + 1 : NULL;
}

/* Leading zeros are legal, and do not make it larger. */
static bool is_port(struct text port)
{
    unsigned number = 0;
    for (size_t i = 0; i < port.size && number <= UINT16_MAX; i++) {
        if (!char_is(port.at[i], CHAR_DIGIT))
            return false;
        number = number * 10 + (unsigned)(port.at[i] - '0');
    }
    return number <= UINT16_MAX;
}

const char *bide__authority_check(struct text authority, struct text *port)
{
    const char *at = authority.at, *end = at + authority.size;
    *port = text_of(NULL, 0);
    const char *stop = at < end && *at == '[' ? skip_brackets(at, end) : skip_name(at, end);
    if (!stop)
        return "the host's brackets hold no address";
    if (stop == at)
        return at < end ? "the host has a forbidden character in it" : "there is no host";
    if (stop == end)
        return NULL;
    if (*stop != ':')
        return "the host has a forbidden character in it";
    *port = text_of(stop + 1, (size_t)(end - stop) - 1);
    return is_port(*port) ? NULL : "the host's port is not a number up to 65535";
}

const char *bide__host_check(struct text host)
{
    struct text port;
    return host.size == 0 ? NULL : bide__authority_check(host, &port);
}
