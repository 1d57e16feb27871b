/* The way to a server: what has to be the same for a connection to be used again.
 *
 * A route is filled in for each request and points to what others own; a pool that keeps something
 * for it copies the key.  What the session says is the same for all of a pool's connections; so
 * where a call asks for nothing special, the key is the URL's origin as it stands there, and
 * nothing is put together. */
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
    bool tunnels;               /* a proxy is to make a tunnel, also without TLS */
    bool special;               /* not as the session's connections to this origin usually are made:
                                   then all of this counts, else the origin alone */
};

enum { ROUTE_KEY_MAX = 4096 };

/* The key of a special one, put together in `space`; it begins with the origin.  At NULL, with the
 * error held: too long. */
struct text bide__route_key(const struct route *route, char space[ROUTE_KEY_MAX]);

/* Is the proxy to forward the request?  Then its target is the absolute URL, "GET
 * http://example.org/ HTTP/1.1", and it has the headers for the proxy. */
static inline bool bide__route_absolute(const struct route *r)
{
    return r->proxy && proxy_is_http(r->proxy) && !r->url->secure && !r->unix_path && !r->tunnels;
}

#endif
