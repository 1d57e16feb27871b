/* cli/crawl_url.c -- see crawl_url.h.  Reading and joining is the library's; here is what
 * makes one text of all that mean the same. */
#include "cli/crawl_url.h"
#include "http/url.h"
#include <bide/error.h>
#include <stdio.h>
#include <string.h>

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
static int put_url(struct crawl_url *url, const struct url *read, const char **why)
{
    struct text host = url_host_field(read);
    size_t size = read->scheme_size + host.size + read->path.size + read->query.size + 1;
    if (size > CRAWL_URL_MAX) {
        *why = "the URL is longer than 2048 bytes";
        return BIDE_EURL;
    }
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

/* Finds out what a text means, on a page or by itself. */
static int resolve(struct crawl_url *url, const struct url *page, const char *text, size_t size,
                   const char **why)
{
    struct url read;
    char room[3 * CRAWL_URL_MAX];
    struct writer w = { .at = room, .room = sizeof room };
    ssize_t length = bide__url_resolve(&w, page, text_of(text, size),
                                       URL_DROP_FRAGMENT | URL_DROP_USER, why);
    if (length < 0 || bide__url_parse(&read, room, (size_t)length, why) < 0)
        return BIDE_EURL;
    return put_url(url, &read, why);
}

int crawl_url_read(struct crawl_url *url, const char *text)
{
    char shown[URL_SHOWN_SIZE];
    const char *why = NULL;
    if (resolve(url, NULL, text, strlen(text), &why) == 0)
        return 0;
    return bide_fail(BIDE_EURL, "%s: %s", bide__url_show(shown, text), why);
}

/* Line ends and tabs within a link are left out, as browsers do. */
static size_t join_lines(char out[CRAWL_URL_MAX], const char *text, size_t size)
{
    size_t to = 0;
    for (size_t i = 0; i < size && to < CRAWL_URL_MAX; i++)
        if (text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
            out[to++] = text[i];
    return to;
}

int crawl_url_join(struct crawl_url *url, const struct crawl_url *base, const char *reference,
                   size_t size)
{
    struct url page;
    char line[CRAWL_URL_MAX];
    const char *why = "longer than 2048 bytes";
    if (size > CRAWL_URL_MAX)
        return bide_fail(BIDE_EURL, "a link: %s", why);
    size = join_lines(line, reference, size);
    reference = line;
    if (bide__url_parse(&page, base->text, base->size, &why) == 0 &&
        resolve(url, &page, reference, size, &why) == 0)
        return 0;
    return bide_fail(BIDE_EURL, "a link: %s", why);
}
