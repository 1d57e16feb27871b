/* What the environment says of proxies, read as curl and others do.
 *
 * An entry of no_proxy is a host, which stands for all below it too ("example.org",
 * ".example.org" and "*.example.org" are one), or an IP address, either with ":port" if it is for
 * that alone; a block of addresses ("10.0.0.0/8", "fd00::/8"); or "*", for everything.  Names are
 * not looked up for that.  Loopback is an address like others. */
#include "http/proxy.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- addresses ---- */

struct ip { unsigned size; uint8_t bytes[16]; };

/* size 0: it is none. */
static struct ip ip_of(struct text text)
{
    char copy[INET6_ADDRSTRLEN + 1];
    struct ip ip = { 0 };
    if (text.size >= 2 && text.at[0] == '[' && text.at[text.size - 1] == ']')
        text = text_of(text.at + 1, text.size - 2);
    if (text.size == 0 || text.size >= sizeof copy)
        return ip;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET, copy, ip.bytes) == 1)
        ip.size = 4;
    else if (inet_pton(AF_INET6, copy, ip.bytes) == 1)
        ip.size = 16;
    return ip;
}

static bool in_block(const struct ip *ip, const struct ip *block, unsigned bits)
{
    if (ip->size == 0 || ip->size != block->size || bits > block->size * 8)
        return false;
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(ip->bytes, block->bytes, whole) != 0)
        return false;
    return rest == 0 || (ip->bytes[whole] ^ block->bytes[whole]) >> (8 - rest) == 0;
}

static bool block_has(struct text entry, size_t slash, struct text host)
{
    struct ip ip = ip_of(host), block = ip_of(text_of(entry.at, slash));
    uint64_t bits;
    return bide__text_number(text_of(entry.at + slash + 1, entry.size - slash - 1), &bits) &&
           bits <= 128 && in_block(&ip, &block, (unsigned)bits);
}

/* ---- names ---- */

static bool is_same(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (char_lower(a[i]) != char_lower(b[i]))
            return false;
    return true;
}

/* Is the host this name, or does it end in a dot and this name? */
static bool is_within(struct text host, struct text name)
{
    while (name.size > 0 && (name.at[0] == '.' || name.at[0] == '*'))
        name = text_of(name.at + 1, name.size - 1);
    if (name.size > 0 && name.at[name.size - 1] == '.')
        name.size--;
    if (host.size > 0 && host.at[host.size - 1] == '.')
        host.size--;
    if (name.size == 0 || host.size < name.size ||
        !is_same(host.at + host.size - name.size, name.at, name.size))
        return false;
    return host.size == name.size || host.at[host.size - name.size - 1] == '.';
}

/* Takes ":port" off the entry; false: it is for another port. */
static bool take_port(struct text *entry, uint16_t port)
{
    size_t colon = entry->size;
    uint64_t number;
    while (colon > 0 && entry->at[colon - 1] != ':' && entry->at[colon - 1] != ']')
        colon--;
    if (colon == 0 || entry->at[colon - 1] != ':')
        return true;
    if (ip_of(*entry).size > 0)
        return true;            /* IPv6 without brackets */
    if (!bide__text_number(text_of(entry->at + colon, entry->size - colon), &number))
        return false;
    entry->size = colon - 1;
    return number == port;
}

static bool entry_names(struct text entry, const struct url *url)
{
    struct text host = url_host(url);
    if (entry.size == 1 && entry.at[0] == '*')
        return true;
    const char *slash = memchr(entry.at, '/', entry.size);
    if (slash)
        return block_has(entry, (size_t)(slash - entry.at), host);
    if (!take_port(&entry, url->port))
        return false;
    struct ip ip = ip_of(host), named = ip_of(entry);
    if (ip.size > 0 || named.size > 0)
        return in_block(&ip, &named, named.size * 8);
    return is_within(host, entry);
}

bool bide__proxy_is_excepted(const char *list, const struct url *url)
{
    static const char gaps[] = ", \t\r\n";
    for (list += strspn(list, gaps); *list; list += strspn(list, gaps)) {
        size_t size = strcspn(list, gaps);
        if (entry_names(text_of(list, size), url))
            return true;
        list += size;
    }
    return false;
}

/* ---- variables ---- */

/* The first of them that is set to something. */
static const char *first_set(bide__getenv_fn *get, const char *const *names)
{
    for (; *names; names++) {
        const char *value = get(*names);
        if (value && *value)
            return value;
    }
    return NULL;
}

const char *bide__proxy_from_environment(bide__getenv_fn *get, const struct url *url)
{
    static const char *const secure[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                          NULL };
    static const char *const plain[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
    static const char *const excepted[] = { "no_proxy", "NO_PROXY", NULL };
    const char *proxy = first_set(get, url->secure ? secure : plain);
    const char *list = proxy ? first_set(get, excepted) : NULL;
    return list && bide__proxy_is_excepted(list, url) ? NULL : proxy;
}
