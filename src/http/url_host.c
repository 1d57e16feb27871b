/* A host as people write it.
 *
 * Percent-codes are decoded and names beyond ASCII mapped, as browsers do; then the strict reader
 * reads what came out, so whatever a mapping makes (a solidus, an @, a dot too many) is judged
 * there.  An address may not come out: nobody writes one in full-width digits but to get it
 * past a filter. */
#include "http/url_host.h"

#include "http/percent.h"

#include <string.h>

enum { WRITTEN_MAX = 1024 };    /* bytes of a host before it is mapped */

static bool is_ascii(const char *text)
{
    while (*text && (uint8_t)*text < 0x80)
        text++;
    return *text == '\0';
}

static bool is_address(const char *host)
{
    return *host && host[strspn(host, "0123456789.")] == '\0';
}

static const char *read_whole(struct url *url, const char *host, struct text port)
{
    char all[IDNA_SIZE + 8];
    size_t size = strlen(host);
    if (size > URL_HOST_MAX)
        return "the host is longer than 253 characters";
    if (memchr(host, ':', size) || memchr(host, '[', size) || memchr(host, '@', size))
        return "the host has a character in it that no name has";
    memcpy(all, host, size);
    if (port.size > sizeof all - size)
        return "the port is not a number from 1 to 65535";
    memcpy(all + size, port.at, port.size);
    return bide__url_read_authority(url, text_of(all, size + port.size));
}

const char *bide__url_read_host_loosely(struct url *url, struct text all)
{
    const char *colon = memchr(all.at, ':', all.size);
    size_t size = colon ? (size_t)(colon - all.at) : all.size;
    char plain[WRITTEN_MAX + 1], ascii[IDNA_SIZE];
    if (all.size > 0 && *all.at == '[')
        return bide__url_read_authority(url, all);
    if (size > WRITTEN_MAX)
        return "the host is longer than 253 characters";
    ssize_t length = bide__percent_decode(plain, text_of(all.at, size), false);
    if (length < 0)
        return "the host has a % in it without two hexadecimal digits, or a NUL";
    plain[length] = '\0';
    const char *host = plain, *why = NULL;
    if (!is_ascii(plain)) {
        host = ascii;
        why = bide__idna_to_ascii(ascii, plain);
    }
    if (!why && is_address(host) && !bide__text_is(text_of(all.at, size), host))
        why = "the host is an IPv4 address in other than plain digits and dots";
    return why ? why : read_whole(url, host, text_of(all.at + size, all.size - size));
}
