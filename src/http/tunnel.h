/* A tunnel through an HTTP proxy: CONNECT (RFC 9110, 9.3.6). */
#ifndef BIDE_HTTP_TUNNEL_H
#define BIDE_HTTP_TUNNEL_H

#include "http/proxy.h"
#include "http/write.h"

#include <bide/stream.h>

struct bide_pair;

/* What is asked for, and what the proxy wanted first. */
struct tunnel {
    const struct proxy *proxy;
    const struct bide_pair *headers;    /* for the proxy; NULL: none */
    const char *target;         /* "example.org:443" */
    char *answer;               /* to the proxy's challenge: a Proxy-Authorization; bide__free() */
};

/* Asks for it over a stream to the proxy: 0, and the stream carries what the target says.  1: the
 * proxy's challenge can be answered over a new connection; the answer is tunnel->answer.  < 0 with
 * the error held: "CONNECT example.org:443: 403 Forbidden". */
BIDE_WAITS int bide__tunnel_open(bide_stream *stream, struct tunnel *tunnel);

/* "Proxy-Authorization: Basic ..." if the proxy has a user; and the other headers for it. */
void bide__proxy_write_fields(struct writer *w, const struct proxy *proxy,
                              const struct bide_pair *headers);

#endif
