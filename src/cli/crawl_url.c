/* cli/crawl_url.c -- see crawl_url.h.  Reading and joining is the library's; here is what
 * makes one text of all that mean the same. */
#include "cli/crawl_url.h"
#include "http/url.h"
#include <bide/error.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *text, size_t size, const char *why)
{
    return bide_fail(BIDE_EURL, "%.*s%s: %s", size > 100 ? 100 : (int)size, text,
                     size > 100 ? "..." : "", why);
}

static char *encode(char *at, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    *at++ = '%';
    *at++ = digits[c >> 4];
    *at++ = digits[c & 15];
    return at;
}

/* Writes a part with its percent-codes in capitals, and none where the character itself
 * means the same (RFC 3986, section 6.2.2). */
static char *put_part(char *at, struct text part)
{
    for (size_t i = 0; i < part.size; i++) {
        unsigned code;
        if (part.at[i] != '%' || sscanf(part.at + i + 1, "%2x", &code) != 1) {
            *at++ = part.at[i];
            continue;
        }
        if (char_is((char)code, CHAR_HOST) || code == '~')
            *at++ = (char)code;
        else
            at = encode(at, (unsigned char)code);
        i += 2;
    }
    return at;
}

/* Writes what was read, in its one spelling; no part becomes longer by that. */
static int put_url(struct crawl_url *url, const struct url *read)
{
    struct text host = url_host_field(read);
    size_t size = read->scheme_size + host.size + read->path.size + read->query.size + 1;
    if (size > CRAWL_URL_MAX)
        return bide_fail(BIDE_EURL, "URL longer than %d bytes", CRAWL_URL_MAX);
    memcpy(url->text, read->origin, read->scheme_size);
    memcpy(url->text + read->scheme_size, host.at, host.size);
    memcpy(url->host, host.at, host.size);
    url->host[host.size] = '\0';
    memcpy(url->origin, read->origin, read->origin_size + 1u);
    char *at = url->text + read->scheme_size + host.size;
    url->path_at = (size_t)(at - url->text);
    at = put_part(at, read->path);
    url->path_size = (size_t)(at - url->text) - url->path_at;
    if (read->query.at) {
        *at++ = '?';
        at = put_part(at, read->query);
    }
    *at = '\0';
    url->size = (size_t)(at - url->text);
    return 0;
}

/* As browsers do it: line ends and tabs are left out, what no URL may hold is encoded. */
static int clean(char *out, size_t room, const char *text, size_t size, size_t *cleaned)
{
    char *at = out;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool code = c == '%' && size - i > 2 && char_is(text[i + 1], CHAR_HEX) &&
                    char_is(text[i + 2], CHAR_HEX);
        if (c == '\t' || c == '\n' || c == '\r')
            continue;
        if ((size_t)(at - out) + 3 > room)
            return bide_fail(BIDE_EURL, "URL longer than %d bytes", CRAWL_URL_MAX);
        if (c == '\\')
            *at++ = '/';
        else if (c <= 0x20 || c >= 0x7f || strchr("\"<>^`{|}", c) || (c == '%' && !code))
            at = encode(at, c);
        else
            *at++ = (char)c;
    }
    *cleaned = (size_t)(at - out);
    return 0;
}

int crawl_url_read(struct crawl_url *url, const char *text, size_t size)
{
    struct url read;
    const char *why = NULL;
    char room[CRAWL_URL_MAX + 256];
    int rc = clean(room, sizeof room, text, size, &size);
    if (rc < 0)
        return rc;
    rc = bide__url_parse(&read, room, size, &why);
    return rc < 0 ? fail(room, size, why) : put_url(url, &read);
}

int crawl_url_join(struct crawl_url *url, const struct crawl_url *base, const char *reference,
                   size_t size)
{
    struct url page;
    const char *why = NULL;
    char room[CRAWL_URL_MAX + 256], joined[2 * CRAWL_URL_MAX + 512];
    int rc = clean(room, sizeof room, reference, size, &size);
    if (rc == 0 && bide__url_parse(&page, base->text, base->size, &why) < 0)
        rc = fail(base->text, base->size, why);
    if (rc < 0)
        return rc;
    ssize_t length = bide__url_join(&page, room, size, joined, sizeof joined, &why);
    return length < 0 ? fail(room, size, why) : crawl_url_read(url, joined, (size_t)length);
}
