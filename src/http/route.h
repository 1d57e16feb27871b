/* The way to a server: what has to be the same for a connection to be used again.
 *
 * A route is filled in for each request and points to what others own; a pool that keeps something
 * for it copies the key.  Where nothing special is asked for, the key is the URL's origin as it
 * stands there, and nothing is put together. */
#ifndef BIDE_HTTP_ROUTE_H
#define BIDE_HTTP_ROUTE_H

#include "http/proxy.h"

struct bide_pair;
struct bide_tls;

struct route {
    const struct url *url;      /* the target */
    const struct proxy *proxy;  /* NULL: none */
    const struct bide_pair *proxy_headers;      /* for it alone; NULL: none.  The session's,
                                                   so not part of the key */
    struct bide_tls *tls;       /* settings for the target; NULL: the usual ones */
    const char *server_name;    /* verified in place of the URL's host; NULL: that one */
    const char *unix_path;      /* NULL: none */
    const char *local_address;  /* NULL: any */
    int family;                 /* AF_UNSPEC: both */
};

enum { ROUTE_KEY_MAX = 4096 };

/* Is the URL's origin all that there is to say? */
static inline bool route_is_plain(const struct route *r)
{
    return !((uintptr_t)r->proxy | (uintptr_t)r->tls | (uintptr_t)r->server_name |
             (uintptr_t)r->unix_path | (uintptr_t)r->local_address | (uintptr_t)r->family);
}

/* The key of one that is not plain, put together in `space`; it begins with the origin.  At NULL,
 * with the error held: too long. */
struct text bide__route_key(const struct route *route, char space[ROUTE_KEY_MAX]);

/* Is the proxy to forward the request?  Then its target is the absolute URL, "GET
 * http://example.org/ HTTP/1.1", and it has the headers for the proxy. */
static inline bool bide__route_absolute(const struct route *r)
{
    return r->proxy && proxy_is_http(r->proxy) && !r->url->secure && !r->unix_path;
}

#endif
