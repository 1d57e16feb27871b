/* Absolute http and https URLs (RFC 3986): read strictly, and made normal from what people paste.
 *
 * A URL decides whom we connect to and which bytes go on the wire.  So there is one strict
 * reader, which guesses and repairs nothing, and one writer that makes of a browser's input a
 * text which the reader accepts.  Where browsers and others disagree about where a host ends
 * (backslashes, two @), both refuse, each with a sentence.
 *
 * The reader allocates nothing: the texts in `struct url` stay where the URL's text is; what is
 * normalized (host in lower case, IPv6 in its shortest form, the port spelled out) is written
 * into the struct, which may be copied. */
#ifndef BIDE_HTTP_URL_H
#define BIDE_HTTP_URL_H

#include "http/chars.h"
#include "http/write.h"

#include <sys/types.h>

enum {
    URL_SIZE_MAX = 16384,       /* longer ones are refused unread */
    URL_HOST_MAX = 253,         /* DNS allows no longer name */
    URL_ORIGIN_SIZE = 8 + URL_HOST_MAX + 6 + 1,     /* https:// host :65535 NUL */
    URL_SHOWN_SIZE = 121,       /* what a sentence has room for */
};

struct url {
    bool secure;                /* https */
    bool bracketed;             /* the host is an IPv6 address */
    uint16_t port;              /* the scheme's default if none was written */
    uint8_t scheme_size;        /* of "http://" or "https://" in origin */
    uint8_t host_size;          /* as in a Host header: with brackets, without port */
    uint16_t origin_size;
    struct text user;           /* percent-encoded; at NULL if there is none */
    struct text password;       /* likewise.  Neither ever goes into a request's line */
    struct text path;           /* "/" if empty */
    struct text query;          /* without '?'; at NULL if there is none */
    struct text fragment;       /* without '#'; at NULL if there is none.  Never sent */
    char origin[URL_ORIGIN_SIZE];   /* "http://example.org:80": the pool's key */
};

/* Reads text into *url, which points into text afterwards.  0, or BIDE_EURL and
 * *why, a static sentence: it is no URL, or none that is normal already. */
int bide__url_parse(struct url *url, const char *text, size_t size, const char **why);

/* Scheme and authority of the URL that was read last: mostly the next one has them too, and they
 * need not be judged again.  All zero knows nothing. */
struct url_known {
    uint16_t size;              /* of text, the beginning of that URL */
    char text[URL_ORIGIN_SIZE];
    struct url url;
};

/* The same as bide__url_parse(), sooner where the URL begins as the last one did. */
int bide__url_parse_known(struct url *url, struct url_known *known, const char *text, size_t size,
                          const char **why);

/* ---- what people paste ---- */

enum url_flag {
    URL_GUESS_SCHEME = 1,       /* "example.org/x" is http://example.org/x, without a base */
    URL_DROP_FRAGMENT = 2,      /* from the result */
    URL_DROP_USER = 4,          /* user and password likewise */
};

/* Appends the absolute URL that text means on a page at `base` (RFC 3986 section 5.2), or by
 * itself if base is NULL, and a NUL.  White space around it is cut off; what may not stand in a
 * URL is percent-encoded, once; names beyond ASCII become what DNS knows; "." and ".." go.
 * bide__url_parse() accepts the result, and again it stays as it is.  Its size without the NUL;
 * or BIDE_EURL, BIDE_ENOMEM or the writer's code, and *why. */
ssize_t bide__url_resolve(struct writer *w, const struct url *base, struct text text, int flags,
                          const char **why);
/* The same into fixed memory, with a base; url_join_room() bytes are enough. */
ssize_t bide__url_join(const struct url *base, const char *reference, size_t size,
                       char *out, size_t room, const char **why);
/* Appends a URL as a text. */
void bide__url_write(struct writer *w, const struct url *url, int flags);
/* Writes a text for a sentence: without what is, or might be meant as, user and password, without
 * control bytes, cut.  Takes anything.  Returns out. */
const char *bide__url_show(char out[URL_SHOWN_SIZE], const char *text);

/* ---- inside ---- */

/* Reads "user:password@host:port"; url->secure is set.  NULL, or why not. */
const char *bide__url_read_authority(struct url *url, struct text all);
/* Sets what belongs to the scheme. */
void bide__url_set_scheme(struct url *url, bool secure);
/* "." or "..", with dots percent-encoded or not: 1 or 2; else 0. */
int bide__url_dots(const char *segment, size_t size);

/* Room for what bide__url_join() makes of a reference of so many bytes. */
static inline size_t url_join_room(const struct url *base, size_t size)
{
    return 2 * URL_ORIGIN_SIZE + base->user.size + base->password.size + base->path.size +
           base->query.size + 3 * size + 8;
}

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
