/* Built without OpenSSL: every call says so. */
#include "tls/tls.h"

#include <bide/error.h>

static const char missing[] = "tls: bide was built without TLS";

bide_tls *bide_tls_new_opts(const struct bide_tls_opts *opts)
{
    (void)opts;
    bide_fail(BIDE_ETLS, "%s", missing);
    return NULL;
}

void bide_tls_free(bide_tls *tls)
{
    (void)tls;
}

int bide_tls_add_certificate(bide_tls *tls, const char *cert_file, const char *key_file)
{
    (void)cert_file, (void)key_file;
    return tls ? bide_fail(BIDE_ETLS, "%s", missing) : bide_errcode();
}

int bide_tls_reload(bide_tls *tls)
{
    return tls ? bide_fail(BIDE_ETLS, "%s", missing) : bide_errcode();
}

bide_tls *bide__tls_ref(bide_tls *tls)
{
    return tls;
}

uint64_t bide__tls_id(const bide_tls *tls)
{
    (void)tls;
    return 0;
}

bool bide__tls_holds(bide_stream *s)
{
    return bide_stream_buffered(s) > 0;
}

void bide__tls_rest(bide_stream *s)
{
    bide_stream_rest(s);
}

/* waits: where there is TLS */
bide_stream *bide_start_tls_opts(bide_stream *inner, const struct bide_start_tls_opts *opts)
{
    (void)opts;
    if (inner)
        bide_fail(BIDE_ETLS, "%s", missing);
    return NULL;
}

int bide_tls_info(bide_stream *s, struct bide_tls_info *info)
{
    *info = (struct bide_tls_info){ .version = "" };
    return s ? bide_fail(BIDE_ETLS, "%s", missing) : bide_errcode();
}
