/* The comparisons; URLs come parsed, so hosts are in lower case and addresses canonical. */
#include "http/cookie_match.h"

#include <string.h>

/* The URL parser lets a host end in a number only if it is an IPv4 address. */
bool bide__cookie_host_is_address(struct text host)
{
    if (host.size > 0 && host.at[0] == '[')
        return true;
    for (size_t i = 0; i < host.size; i++)
        if (!char_is(host.at[i], CHAR_DIGIT) && host.at[i] != '.')
            return false;
    return true;
}

/* Does text end in tail, with at least `before` bytes in front of it? */
static bool ends_in(struct text text, struct text tail, size_t before)
{
    return text.size >= tail.size + before &&
           memcmp(text.at + text.size - tail.size, tail.at, tail.size) == 0;
}

bool bide__cookie_domain_matches(struct text host, struct text domain)
{
    if (!ends_in(host, domain, 0))
        return false;
    if (host.size == domain.size)
        return true;
    return host.at[host.size - domain.size - 1] == '.' && !bide__cookie_host_is_address(host);
}

bool bide__cookie_path_matches(struct text path, struct text cookie)
{
    if (path.size < cookie.size || memcmp(path.at, cookie.at, cookie.size) != 0)
        return false;
    return path.size == cookie.size || cookie.at[cookie.size - 1] == '/' ||
           path.at[cookie.size] == '/';
}

struct text bide__cookie_default_path(struct text path)
{
    size_t size = path.size;
    while (size > 0 && path.at[size - 1] != '/')
        size--;
    return size < 2 || path.at[0] != '/' ? text_of("/", 1) : text_of(path.at, size - 1);
}

bool bide__cookie_is_trusted(const struct url *url)
{
    struct text host = url_host(url);
    if (url->secure || bide__text_is(host, "[::1]"))
        return true;
    if (bide__cookie_host_is_address(host))
        return host.size > 4 && memcmp(host.at, "127.", 4) == 0;
    return bide__cookie_domain_matches(host, text_of("localhost", 9));
}
