/* Reading a proxy's URL.
 *
 * The host and the port are read as those of any other URL, by the same code; what stands before
 * them is no part of ordinary URLs and is read here. */
#include "http/proxy.h"

#include <bide/error.h>

#include <string.h>

static const struct { const char *scheme; uint8_t kind; uint16_t port; } schemes[] = {
    { "http", PROXY_HTTP, PROXY_HTTP_PORT },
    { "https", PROXY_HTTPS, PROXY_HTTPS_PORT },
    { "socks5", PROXY_SOCKS5, PROXY_SOCKS_PORT },
    { "socks5h", PROXY_SOCKS5H, PROXY_SOCKS_PORT },
};

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return BIDE_EURL;
}

/* Takes the scheme off; without one it is http. */
static int read_scheme(struct proxy *p, struct text *text, const char **why)
{
    size_t size = 0, which = 0;
    while (size + 3 <= text->size && memcmp(text->at + size, "://", 3) != 0)
        size++;
    if (size + 3 <= text->size) {
        struct text scheme = text_of(text->at, size);
        while (which < 4 && !bide__text_is_caseless(scheme, schemes[which].scheme))
            which++;
        if (which == 4)
            return refuse(why, "a proxy is http, https, socks5 or socks5h");
        *text = text_of(text->at + size + 3, text->size - size - 3);
    }
    p->kind = schemes[which].kind;
    p->port = schemes[which].port;
    return 0;
}

/* Decodes a user or a password; how many bytes, or < 0. */
static int decode(struct text from, char to[PROXY_WORD_MAX + 1], const char **why)
{
    size_t size = 0;
    for (size_t i = 0; i < from.size; i++) {
        char c = from.at[i];
        if (c == '%') {
            if (from.size - i < 3 || !char_is(from.at[i + 1], CHAR_HEX) ||
                !char_is(from.at[i + 2], CHAR_HEX))
                return refuse(why, "a proxy's user or password has a '%' without two "
                                   "hexadecimal digits");
            c = (char)(char_hex(from.at[i + 1]) << 4 | char_hex(from.at[i + 2]));
            i += 2;
        } else if ((unsigned char)c <= ' ' || c == 127) {
            return refuse(why, "a proxy's user or password has a blank or a control character");
        }
        if (c == '\0')
            return refuse(why, "a proxy's user or password has a NUL");
        if (size == PROXY_WORD_MAX)
            return refuse(why, "a proxy's user or password is longer than 255 bytes");
        to[size++] = c;
    }
    to[size] = '\0';
    return (int)size;
}

/* Takes "user:password@" off. */
static int read_user(struct proxy *p, struct text *text, const char **why)
{
    size_t at = text->size, colon = 0;
    while (at > 0 && text->at[at - 1] != '@')
        at--;
    if (at == 0)
        return 0;
    while (colon < at - 1 && text->at[colon] != ':')
        colon++;
    int size = decode(text_of(text->at, colon), p->user, why);
    if (size < 0)
        return size;
    p->user_size = (uint8_t)size;
    if (colon < at - 1) {
        size = decode(text_of(text->at + colon + 1, at - colon - 2), p->password, why);
        if (size < 0)
            return size;
        p->password_size = (uint8_t)size;
    }
    if (proxy_is_http(p) && memchr(p->user, ':', p->user_size))
        return refuse(why, "a proxy's user has a ':', which Basic authentication cannot say");
    if (!proxy_is_http(p) && (p->user_size == 0 || p->password_size == 0))
        return refuse(why, "a SOCKS proxy's user and password are not empty");
    p->has_user = true;
    *text = text_of(text->at + at, text->size - at);
    return 0;
}

static bool names_port(struct text host)
{
    for (size_t i = host.size; i > 0 && host.at[i - 1] != ']'; i--)
        if (host.at[i - 1] == ':')
            return i < host.size;
    return false;
}

static int put_number(char *to, unsigned number)
{
    char digits[5];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    for (int i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

/* What is left is "host", "host:port", and perhaps one '/'. */
static int read_host(struct proxy *p, struct text text, const char **why)
{
    char url_text[URL_HOST_MAX * 4 + 32];
    struct url url;
    if (text.size > 0 && text.at[text.size - 1] == '/')
        text.size--;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '/' || text.at[i] == '?' || text.at[i] == '#')
            return refuse(why, "a proxy's URL has no path");
    if (text.size == 0)
        return refuse(why, "a proxy's URL names no host");
    if (text.size > URL_HOST_MAX * 4)
        return refuse(why, "a proxy's host is too long");
    memcpy(url_text, "http://", 7);
    memcpy(url_text + 7, text.at, text.size);
    if (bide__url_parse(&url, url_text, 7 + text.size, why) < 0)
        return BIDE_EURL;
    if (names_port(text))
        p->port = url.port;
    struct text host = url_host(&url);
    memcpy(p->address, host.at, host.size);
    p->address[host.size] = ':';
    p->address[host.size + 1 + (size_t)put_number(p->address + host.size + 1, p->port)] = '\0';
    p->bracketed = url.bracketed;
    if (p->bracketed)
        host = text_of(host.at + 1, host.size - 2);
    memcpy(p->host, host.at, host.size);
    p->host[host.size] = '\0';
    return 0;
}

int bide__proxy_parse(struct proxy *p, const char *text, size_t size, const char **why)
{
    struct text left = text_of(text, size);
    memset(p, 0, sizeof *p);
    if (size > PROXY_TEXT_MAX)
        return refuse(why, "a proxy's URL is longer than 2048 bytes");
    int rc = read_scheme(p, &left, why);
    if (rc == 0)
        rc = read_user(p, &left, why);
    return rc < 0 ? rc : read_host(p, left, why);
}
