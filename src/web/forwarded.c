/* Reading the headers of proxies, and deciding whom to believe. */
#include "web/forwarded.h"

#include "http/parameters.h"

#include <string.h>

static struct hop *add(struct hops *hops)
{
    if (hops->count == HOPS_MAX) {
        hops->begin++;
        hops->count--;
    }
    struct hop *hop = &hops->ring[(hops->begin + hops->count++) % HOPS_MAX];
    *hop = (struct hop){ .known = false };
    return hop;
}

static bool is_port(struct text text)
{
    uint64_t port;
    return bide__text_number(text, &port) && port <= 65535;
}

/* "[2001:db8::1]", and maybe a port. */
static bool read_brackets(struct ip *ip, struct text node)
{
    const char *close = memchr(node.at, ']', node.size), *end = node.at + node.size;
    if (!close || !bide__ip_read(ip, text_of(node.at + 1, (size_t)(close - node.at - 1))))
        return false;
    if (close + 1 == end)
        return true;
    return close[1] == ':' && is_port(text_of(close + 2, (size_t)(end - close - 2)));
}

bool bide__forwarded_node(struct ip *ip, struct text node)
{
    if (node.size == 0)
        return false;
    if (node.at[0] == '[')
        return read_brackets(ip, node);
    const char *colon = memchr(node.at, ':', node.size), *end = node.at + node.size;
    bool one = colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1));
    if (!one)
        return bide__ip_read(ip, node);
    return bide__ip_read(ip, text_of(node.at, (size_t)(colon - node.at))) &&
           is_port(text_of(colon + 1, (size_t)(end - colon - 1)));
}

/* ---- RFC 7239 ---- */

static void note(struct hop *hop, struct text name, struct text value, bool quoted)
{
    if (quoted && value.size > 0 && memchr(value.at, '\\', value.size))
        return;                 /* nothing that is wanted here needs one */
    if (bide__text_is_caseless(name, "for"))
        hop->known = bide__forwarded_node(&hop->from, value);
    else if (bide__text_is_caseless(name, "proto"))
        hop->proto = value;
    else if (bide__text_is_caseless(name, "host"))
        hop->host = value;
}

/* "for=192.0.2.60;proto=http"; values that should be quoted for their colon often are not. */
static bool read_element(struct reader *r, struct hop *hop)
{
    do {
        struct text name = bide__read_token(r), value;
        if (name.size == 0 || !bide__read_char(r, '='))
            return false;
        bool quoted = r->at < r->end && *r->at == '"';
        if (quoted) {
            if (!bide__read_quoted(r, &value))
                return false;
        } else {
            const char *start = r->at;
            while (r->at < r->end && (char_is(*r->at, CHAR_TOKEN) || strchr("[]:", *r->at)) &&
                   *r->at)
                r->at++;
            value = text_of(start, (size_t)(r->at - start));
        }
        if (value.size == 0)
            return false;
        note(hop, name, value, quoted);
        bide__read_space(r);
        if (!bide__read_char(r, ';'))
            return true;
        bide__read_space(r);
    } while (r->at < r->end && *r->at != ',');
    return true;
}

bool bide__forwarded_read(struct hops *hops, struct text value)
{
    struct reader r = reader_of(value);
    struct hops all = { .count = 0 };
    for (;;) {
        bide__read_space(&r);
        if (bide__read_char(&r, ','))
            continue;           /* an empty element */
        if (r.at == r.end)
            break;
        if (!read_element(&r, add(&all)))
            return false;
        bide__read_space(&r);
        if (r.at < r.end && *r.at != ',')
            return false;
    }
    for (size_t i = 0; i < all.count; i++)
        *add(hops) = *hop_at(&all, i);
    return true;
}

/* ---- lists ---- */

static struct text trimmed(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    return text_of(from, (size_t)(to - from));
}

/* The next one; *at goes behind its comma, and NULL says that it was the last. */
static struct text next_item(const char **at, const char *end)
{
    const char *start = *at, *comma = memchr(start, ',', (size_t)(end - start));
    *at = comma ? comma + 1 : NULL;
    return trimmed(start, comma ? comma : end);
}

void bide__forwarded_for_read(struct hops *hops, struct text value)
{
    const char *at = value.at, *end = value.at + value.size;
    while (at) {
        struct text item = next_item(&at, end);
        struct hop *hop = add(hops);
        hop->known = bide__forwarded_node(&hop->from, item);
    }
}

struct text bide__forwarded_item(struct text list, size_t place, size_t *count)
{
    struct text found = { NULL, 0 };
    const char *at = list.at, *end = list.at + list.size;
    for (*count = 0; at; ++*count) {
        struct text item = next_item(&at, end);
        if (*count == place)
            found = item;
    }
    return found;
}

/* ---- whom to believe ---- */

size_t bide__hops_client(const struct hops *hops, const struct networks *trusted)
{
    size_t client = hops->count;
    for (size_t i = hops->count; i-- > 0;) {
        const struct hop *hop = hop_at(hops, i);
        if (!hop->known)
            break;
        client = i;
        if (!bide__networks_have(trusted, &hop->from))
            break;
    }
    return client;
}
