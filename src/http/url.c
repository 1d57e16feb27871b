/* Reading a URL strictly: scheme, authority, path, query, fragment, one pass each.
 *
 * A host that ends in a number must be a plain IPv4 address: the resolver would
 * take "127.1" or "0x7f.1" as well, and then a filter on host names and the
 * connection disagree about where it leads. */
#include "http/url.h"

#include "bide/error.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

/* Why the byte at `at`, which stopped a scan, may not be there. */
static const char *bad_byte(const char *at)
{
    uint8_t byte = (uint8_t)*at;
    if (byte == ' ')
        return "the URL has a space in it; write %20";
    if (byte == '%')
        return "the URL has a % without two hexadecimal digits behind it";
    if (byte < 0x20 || byte == 0x7f)
        return "the URL has a control character in it";
    if (byte >= 0x80)
        return "the URL has a non-ASCII character in it; percent-encode its UTF-8";
    if (byte == '\\')
        return "the URL has a backslash in it";
    return "the URL has a character in it that must be percent-encoded";
}

/* Skips what one part of a URL may hold, percent-codes included. */
static const char *skip_part(const char *at, const char *end, int kinds)
{
    for (;;) {
        at = bide__chars_skip(at, end, kinds);
        if (end - at < 3 || *at != '%' || !char_is(at[1], CHAR_HEX) || !char_is(at[2], CHAR_HEX))
            return at;
        at += 3;
    }
}

void bide__url_set_scheme(struct url *url, bool secure)
{
    url->secure = secure;
    url->port = secure ? 443 : 80;
    url->scheme_size = secure ? 8 : 7;
    memcpy(url->origin, secure ? "https://" : "http://", 8);
}

static bool begins_with(const char *text, size_t size, const char *word, size_t length)
{
    return size >= length && (memcmp(text, word, length) == 0 ||
                              bide__text_is_caseless(text_of(text, length), word));
}

/* "http://" or "https://", in any case. */
static const char *read_scheme(struct url *url, const char *text, size_t size, const char **why)
{
    bool secure = size > 4 && char_lower(text[4]) == 's';
    if (secure ? begins_with(text, size, "https://", 8) : begins_with(text, size, "http://", 7)) {
        bide__url_set_scheme(url, secure);
        return text + url->scheme_size;
    }
    *why = "the URL does not begin with http:// or https://";
    return NULL;
}

/* Four numbers from 0 to 255, in decimal, without zeros before them. */
static const char *check_ipv4(struct text host)
{
    static const char sentence[] = "the host ends in a number but is no IPv4 address";
    const char *at = host.at, *end = at + host.size;
    for (unsigned parts = 1;; parts++) {
        const char *start = at;
        unsigned value = 0;
        for (; at < end && at - start < 3 && char_is(*at, CHAR_DIGIT); at++)
            value = value * 10 + (unsigned)(*at - '0');
        if (at == start || value > 255 || (*start == '0' && at - start > 1))
            return sentence;
        if (at == end)
            return parts == 4 ? NULL : sentence;
        if (*at++ != '.' || parts == 4)
            return sentence;
    }
}

/* Labels of 1 to 63 bytes; one dot may end the name. */
static const char *check_name(struct text host)
{
    size_t start = 0, last = 0, last_size = 0;
    for (size_t i = 0; i <= host.size; i++) {
        if (i < host.size && host.at[i] != '.')
            continue;
        if (i == start && (i < host.size || start == 0))
            return "the host has an empty part between its dots";
        if (i - start > 63)
            return "the host has a part of more than 63 characters";
        if (i > start) {
            last = start;
            last_size = i - start;
        }
        start = i + 1;
    }
    struct text label = text_of(host.at + last, last_size);
    const char *end = label.at + label.size;
    bool number = bide__chars_skip(label.at, end, CHAR_DIGIT) == end;
    bool hex = label.size >= 2 && label.at[0] == '0' && char_lower(label.at[1]) == 'x' &&
               bide__chars_skip(label.at + 2, end, CHAR_HEX) == end;
    return number || hex ? check_ipv4(host) : NULL;
}

/* "[::1]": checked and written again in its one canonical form. */
static const char *read_ipv6(struct url *url, struct text host)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (memchr(host.at, '%', host.size))
        return "an IPv6 address with a zone cannot be used in a URL";
    if (host.size >= sizeof copy)
        return "the host in brackets is no IPv6 address";
    memcpy(copy, host.at, host.size);
    copy[host.size] = '\0';
    if (strlen(copy) != host.size || inet_pton(AF_INET6, copy, &address) != 1)
        return "the host in brackets is no IPv6 address";
    inet_ntop(AF_INET6, &address, copy, sizeof copy);
    char *out = url->origin + url->scheme_size;
    url->host_size = (uint8_t)(strlen(copy) + 2);
    out[0] = '[';
    memcpy(out + 1, copy, url->host_size - 2u);
    out[url->host_size - 1] = ']';
    return NULL;
}

static const char *read_name(struct url *url, struct text host)
{
    if (host.size == 0)
        return "the URL has no host";
    if (host.size > URL_HOST_MAX)
        return "the host is longer than 253 characters";
    char *out = url->origin + url->scheme_size;
    for (size_t i = 0; i < host.size; i++) {
        if (!char_is(host.at[i], CHAR_HOST))
            return char_is(host.at[i], CHAR_TARGET) ? "the host has a character in it that no "
                                                      "name has" : bad_byte(&host.at[i]);
        out[i] = char_lower(host.at[i]);
    }
    url->host_size = (uint8_t)host.size;
    return check_name(host);
}

/* What follows the host: nothing, ':' alone, or ':' and a port. */
static const char *read_port(struct url *url, struct text rest)
{
    if (rest.size == 0 || (rest.size == 1 && *rest.at == ':'))
        return NULL;
    uint64_t port;
    if (*rest.at != ':' || rest.size > 6 ||
        !bide__text_number(text_of(rest.at + 1, rest.size - 1), &port) ||
        port == 0 || port > 65535)
        return "the port is not a number from 1 to 65535";
    url->port = (uint16_t)port;
    return NULL;
}

/* Spells the port out behind the host and ends the text. */
static void finish_origin(struct url *url)
{
    char digits[6];
    unsigned count = 0, port = url->port;
    do
        digits[count++] = (char)('0' + port % 10);
    while (port /= 10);
    char *out = url->origin + url->scheme_size + url->host_size;
    *out++ = ':';
    while (count > 0)
        *out++ = digits[--count];
    *out = '\0';
    url->origin_size = (uint16_t)(out - url->origin);
}

static const char *read_host(struct url *url, struct text all)
{
    struct text host = all;
    const char *why;
    url->bracketed = all.size > 0 && *all.at == '[';
    if (url->bracketed) {
        const char *close = memchr(all.at, ']', all.size);
        if (!close)
            return "the host has a [ without a ]";
        host.size = (size_t)(close - all.at) + 1;
        why = read_ipv6(url, text_of(all.at + 1, host.size - 2));
    } else {
        const char *colon = memchr(all.at, ':', all.size);
        host.size = colon ? (size_t)(colon - all.at) : all.size;
        why = read_name(url, host);
    }
    if (!why)
        why = read_port(url, text_of(all.at + host.size, all.size - host.size));
    if (!why)
        finish_origin(url);
    return why;
}

/* "user:password"; both empty is as none. */
static const char *read_user(struct url *url, struct text all)
{
    const char *end = all.at + all.size, *colon = memchr(all.at, ':', all.size);
    const char *bad = skip_part(all.at, end, CHAR_PATH);
    if (bad < end)
        return bad_byte(bad);
    if (all.size == 0 || (colon && all.size == 1))
        return NULL;
    url->user = text_of(all.at, colon ? (size_t)(colon - all.at) : all.size);
    if (colon)
        url->password = text_of(colon + 1, (size_t)(end - colon) - 1);
    return NULL;
}

const char *bide__url_read_authority(struct url *url, struct text all)
{
    url->user = url->password = text_of(NULL, 0);
    const char *end = all.at + all.size, *at = memchr(all.at, '@', all.size);
    if (!at)
        return read_host(url, all);
    if (memchr(at + 1, '@', (size_t)(end - at) - 1))
        return "the URL has two @ before the end of its host; write %40 in the user's name";
    const char *why = read_user(url, text_of(all.at, (size_t)(at - all.at)));
    return why ? why : read_host(url, text_of(at + 1, (size_t)(end - at) - 1));
}

int bide__url_dots(const char *segment, size_t size)
{
    int dots = 0;
    for (size_t i = 0; i < size && dots < 3; dots++) {
        if (segment[i] == '.')
            i++;
        else if (size - i >= 3 && segment[i] == '%' && segment[i + 1] == '2' &&
                 char_lower(segment[i + 2]) == 'e')
            i += 3;
        else
            return 0;
    }
    return dots < 3 ? dots : 0;
}

static bool has_dots(struct text path)
{
    const char *at = path.at, *end = at + path.size;
    if (!memchr(at, '.', path.size) && !memchr(at, '%', path.size))
        return false;
    while (at < end) {
        const char *start = ++at;
        while (at < end && *at != '/')
            at++;
        if (bide__url_dots(start, (size_t)(at - start)))
            return true;
    }
    return false;
}

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return BIDE_EURL;
}

/* Path, query and fragment: the rest of the URL. */
static int read_target(struct url *url, const char *at, const char *end, const char **why)
{
    const char *start = at;
    at = skip_part(at, end, CHAR_PATH);
    url->path = at > start ? text_of(start, (size_t)(at - start)) : text_of("/", 1);
    url->query = url->fragment = text_of(NULL, 0);
    if (at < end && *at == '?') {
        start = ++at;
        at = skip_part(at, end, CHAR_QUERY);
        url->query = text_of(start, (size_t)(at - start));
    }
    if (at < end && *at == '#') {
        start = ++at;
        at = skip_part(at, end, CHAR_QUERY);
        url->fragment = text_of(start, (size_t)(at - start));
    }
    if (at < end)
        return refuse(why, bad_byte(at));
    return has_dots(url->path) ? refuse(why, "the path has a . or .. between slashes") : 0;
}

int bide__url_parse(struct url *url, const char *text, size_t size, const char **why)
{
    if (size > URL_SIZE_MAX)
        return refuse(why, "the URL is longer than 16384 characters");
    const char *end = text + size, *at = read_scheme(url, text, size, why);
    if (!at)
        return BIDE_EURL;
    const char *authority = at;
    while (at < end && *at != '/' && *at != '?' && *at != '#')
        at++;
    const char *sentence = bide__url_read_authority(url, text_of(authority,
                                                                 (size_t)(at - authority)));
    if (sentence)
        return refuse(why, sentence);
    return read_target(url, at, end, why);
}

static size_t authority_end(const char *text, size_t size)
{
    size_t at = 8;              /* behind the scheme's slashes, or a byte later: "http://x" */
    while (at < size && text[at] != '/' && text[at] != '?' && text[at] != '#')
        at++;
    return at;
}

static bool begins_alike(const struct url_known *known, const char *text, size_t size)
{
    size_t n = known->size;
    return n > 0 && size <= URL_SIZE_MAX && size >= n && memcmp(text, known->text, n) == 0 &&
           (size == n || text[n] == '/' || text[n] == '?' || text[n] == '#');
}

/* What was known is copied, the name no further than it reaches. */
static void copy_authority(struct url *to, const struct url *from)
{
    memcpy(to, from, offsetof(struct url, path));
    memcpy(to->origin, from->origin, from->origin_size + 1u);
}

int bide__url_parse_known(struct url *url, struct url_known *known, const char *text, size_t size,
                          const char **why)
{
    if (begins_alike(known, text, size)) {
        copy_authority(url, &known->url);
        return read_target(url, text + known->size, text + size, why);
    }
    int rc = bide__url_parse(url, text, size, why);
    size_t n = rc == 0 ? authority_end(text, size) : 0;
    if (rc < 0 || url->user.at || n > sizeof known->text)
        return rc;
    known->size = (uint16_t)n;
    memcpy(known->text, text, n);
    copy_authority(&known->url, url);
    return rc;
}
