/* Finding the encoder of a name, and handing pieces to it. */
#include "http/encoder.h"

#include "base/memory.h"
#include "http/encoder_kind.h"

#include <bide/error.h>

#ifdef BIDE_ZLIB
#define ZLIB(kind) &kind
#else
#define ZLIB(kind) NULL
#endif
#ifdef BIDE_ZSTD
#define ZSTD(kind) &kind
#else
#define ZSTD(kind) NULL
#endif

struct encoder {
    const struct encoder_kind *kind;
    void *state;
};

static const struct encoder_kind *find(struct text name, const char **why)
{
    static const struct {
        const char *name;
        const struct encoder_kind *kind;
    } names[] = {
        { "gzip", ZLIB(bide__encoder_gzip) }, { "x-gzip", ZLIB(bide__encoder_gzip) },
        { "deflate", ZLIB(bide__encoder_deflate) },
        { "br", NULL }, { "zstd", ZSTD(bide__encoder_zstd) },
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

int bide__encoder_open(struct encoder **encoder, struct text name, int level, const char **why)
{
    *encoder = NULL;
    const struct encoder_kind *kind = find(name, why);
    if (!kind)
        return BIDE_EHTTP;
    struct encoder *e = bide__zalloc(sizeof *e);
    void *state = e ? kind->open(level) : NULL;
    if (!state) {
        bide__free(e);
        *why = "out of memory";
        return BIDE_ENOMEM;
    }
    *e = (struct encoder){ kind, state };
    *encoder = e;
    return 0;
}

int bide__encoder_run(struct encoder *encoder, const char **in, size_t *in_size, char *out,
                      size_t *out_size, enum encoder_until until)
{
    struct coding_pieces p = { *in, *in_size, out, *out_size, until == ENCODER_END, NULL };
    int rc = p.room > 0 ? encoder->kind->run(encoder->state, &p, until) : 0;
    *in = p.in;
    *in_size = p.in_size;
    *out_size -= p.room;
    return rc;
}

void bide__encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    encoder->kind->close(encoder->state);
    bide__free(encoder);
}
