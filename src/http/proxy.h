/* A proxy: who it is, how it is spoken to, and when the environment asks for one.
 *
 * Reading is strict, as with other URLs: what is not understood is refused with a sentence.  The
 * struct holds all of it, nothing allocates, and it may be copied. */
#ifndef BIDE_HTTP_PROXY_H
#define BIDE_HTTP_PROXY_H

#include "http/url.h"

enum proxy_kind {
    PROXY_HTTP,                 /* RFC 9110, 9.3.6: CONNECT, or absolute targets for plain http */
    PROXY_HTTPS,                /* the same over TLS */
    PROXY_SOCKS5,               /* RFC 1928; names are looked up here */
    PROXY_SOCKS5H,              /* names are looked up by the proxy */
};

enum {
    PROXY_TEXT_MAX = 2048,      /* a proxy's URL; longer ones are refused unread */
    PROXY_WORD_MAX = 255,       /* bytes of user and password, as in RFC 1929 */
    PROXY_HTTP_PORT = 3128, PROXY_HTTPS_PORT = 443, PROXY_SOCKS_PORT = 1080,
};

struct proxy {
    uint8_t kind;               /* enum proxy_kind */
    bool bracketed;             /* the host is an IPv6 address, here without brackets */
    bool has_user;
    uint16_t port;
    uint8_t user_size, password_size;
    char host[URL_HOST_MAX + 1];
    char address[URL_HOST_MAX + 9];     /* "proxy.example:3128", for sentences */
    char user[PROXY_WORD_MAX + 1], password[PROXY_WORD_MAX + 1];
};

/* Reads "http://user:password@host:port"; https, socks5 and socks5h likewise, and without a
 * scheme it is http.  Percent codes in user and password are decoded.  0, or BIDE_EURL and *why, a
 * static sentence without what it is about, which may be a password. */
int bide__proxy_parse(struct proxy *proxy, const char *text, size_t size, const char **why);

/* The proxy that the environment names for this URL; NULL: none.  It asks with getenv(), or a
 * test's stand-in for that.  http_proxy or https_proxy (HTTPS_PROXY), else all_proxy (ALL_PROXY),
 * unless no_proxy (NO_PROXY) excepts the host.  HTTP_PROXY is not looked at: in a CGI
 * program it is what the client says in a header "Proxy". */
typedef char *bide__getenv_fn(const char *name);
const char *bide__proxy_from_environment(bide__getenv_fn *get, const struct url *url);
/* Does this list of no_proxy name the URL's host? */
bool bide__proxy_is_excepted(const char *list, const struct url *url);

static inline bool proxy_is_http(const struct proxy *proxy)
{
    return proxy->kind <= PROXY_HTTPS;
}

#endif
