/* Absolute http and https URLs (RFC 3986), read strictly.
 *
 * A URL decides whom we connect to and which bytes go on the wire, so nothing is
 * guessed or repaired: spaces, controls, non-ASCII, half percent-codes, user
 * names, odd ports and numbers that only look like addresses are refused, each
 * with a sentence.  `path` and `query` stay where the URL's text is; what is
 * normalized (host in lower case, IPv6 in its shortest form, the port spelled
 * out) is written into the struct.  The struct may be copied; nothing allocates. */
#ifndef BIDE_HTTP_URL_H
#define BIDE_HTTP_URL_H

#include "http/chars.h"

#include <sys/types.h>

enum {
    URL_SIZE_MAX = 16384,       /* longer ones are refused unread */
    URL_HOST_MAX = 253,         /* DNS allows no longer name */
    URL_ORIGIN_SIZE = 8 + URL_HOST_MAX + 6 + 1,     /* https:// host :65535 NUL */
};

struct url {
    bool secure;                /* https */
    bool bracketed;             /* the host is an IPv6 address */
    uint16_t port;              /* the scheme's default if none was written */
    uint8_t scheme_size;        /* of "http://" or "https://" in origin */
    uint8_t host_size;          /* as in a Host header: with brackets, without port */
    uint16_t origin_size;
    struct text path;           /* "/" if empty */
    struct text query;          /* without '?'; at NULL if there is none */
    char origin[URL_ORIGIN_SIZE];   /* "http://example.org:80": the pool's key */
};

/* Reads text into *url, which points into text afterwards.  0, or BIDE_EURL and
 * *why, a static sentence.  A fragment is checked and left out. */
int bide__url_parse(struct url *url, const char *text, size_t size, const char **why);

/* Writes the absolute URL that `reference` means on a page at `base`, with a NUL,
 * and returns its size without it (RFC 3986 section 5.2); or BIDE_EURL and *why.
 * The result still has to be parsed: it may name another scheme. */
ssize_t bide__url_join(const struct url *base, const char *reference, size_t size,
                       char *out, size_t room, const char **why);

/* "example.org:80", NUL-terminated: where to connect. */
static inline const char *url_address(const struct url *url)
{
    return url->origin + url->scheme_size;
}

/* "example.org", or "[::1]" */
static inline struct text url_host(const struct url *url)
{
    return text_of(url->origin + url->scheme_size, url->host_size);
}

/* What belongs into the Host header: the port only if it is not the default. */
static inline struct text url_host_field(const struct url *url)
{
    bool usual = url->port == (url->secure ? 443 : 80);
    size_t size = usual ? url->host_size : (size_t)url->origin_size - url->scheme_size;
    return text_of(url->origin + url->scheme_size, size);
}

#endif
