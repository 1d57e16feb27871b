#include "http/secure.h"

#include <bide/error.h>

int bide__secure(bide_stream **stream, struct pool *pool, struct bide_tls *own, const char *name,
                 const char *key)
{
    (void)stream, (void)pool, (void)own, (void)name, (void)key;
    return bide_fail(BIDE_ETLS, "https is not supported in this version");
}
