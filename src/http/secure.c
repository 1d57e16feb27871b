/* The settings of a pool whose session names none are made when first needed, for that reads the
 * system's authorities, which takes milliseconds. */
#include "http/secure.h"

#include <bide/error.h>
#include <bide/scope.h>
#include <bide/tls.h>

static bide_tls *settings(struct pool *pool, bide_tls *own)
{
    if (own)
        return own;
    if (!pool->tls)
        pool->tls = bide_tls_new(.insecure = pool->insecure);
    return pool->tls;
}

int bide__secure(bide_stream **stream, struct pool *pool, bide_tls *own, const char *name,
                 const char *key)
{
    bide_tls *tls = settings(pool, own);
    if (!tls)
        return bide_errcode();
    bide_stream *secure = bide_start_tls(*stream, .tls = tls, .server_name = name,
                                         .alpn = "http/1.1", .timeout = BIDE_FOREVER,
                                         .session_key = key);
    if (!secure)
        return bide_errcode();
    *stream = secure;
    return 0;
}
