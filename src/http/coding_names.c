/* The codings that have a name, and which of them were built in. */
#include "http/coding.h"
#include "http/coding_stage.h"

#ifdef BIDE_ZLIB
#define ZLIB_ACCEPT ", gzip, deflate"
#define ZLIB(kind) &kind
#else
#define ZLIB_ACCEPT
#define ZLIB(kind) NULL
#endif
#ifdef BIDE_BROTLI
#define BROTLI_ACCEPT ", br"
#define BROTLI(kind) &kind
#else
#define BROTLI_ACCEPT
#define BROTLI(kind) NULL
#endif
#ifdef BIDE_ZSTD
#define ZSTD_ACCEPT ", zstd"
#define ZSTD(kind) &kind
#else
#define ZSTD_ACCEPT
#define ZSTD(kind) NULL
#endif

const struct coding_kind *bide__coding_kind(struct text name, const char **why)
{
    static const struct {
        const char *name;
        const struct coding_kind *kind;
    } names[] = {
        { "gzip", ZLIB(bide__coding_gzip) }, { "x-gzip", ZLIB(bide__coding_gzip) },
        { "deflate", ZLIB(bide__coding_deflate) },
        { "br", BROTLI(bide__coding_brotli) }, { "zstd", ZSTD(bide__coding_zstd) },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!bide__text_is_caseless(name, names[i].name))
            continue;
        if (!names[i].kind)
            *why = "this content coding is not built in";
        return names[i].kind;
    }
    *why = "this content coding is not known";
    return NULL;
}

const char *bide__coding_accept(void)
{
    static const char accepted[] = "" ZLIB_ACCEPT BROTLI_ACCEPT ZSTD_ACCEPT;
    return sizeof accepted > 1 ? accepted + 2 : NULL;
}
