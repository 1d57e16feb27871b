/* zstd, by libzstd: with a checksum, and a window that every decoder has (RFC 9659).  As for the
 * decoder, own memory needs declarations that are not promised to stay. */
#define ZSTD_STATIC_LINKING_ONLY
#include "http/encoder_kind.h"

#include "http/coding.h"
#include "http/coding_memory.h"

#include <bide/error.h>
#include <zstd.h>

static void *zstd_open(int level)
{
    ZSTD_CCtx *c = ZSTD_createCCtx_advanced(
        (ZSTD_customMem){ bide__coding_take, bide__coding_give, NULL });
    int highest = ZSTD_maxCLevel();
    level = level <= 0 ? ZSTD_CLEVEL_DEFAULT : level > highest ? highest : level;
    if (!c)
        return NULL;
    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    if (level > 19)
        ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, CODING_WINDOW_BITS);
    return c;
}

static void zstd_close(void *state)
{
    ZSTD_freeCCtx(state);
}

static int zstd_run(void *state, struct coding_pieces *p, enum encoder_until until)
{
    static const ZSTD_EndDirective directives[] = { ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end };
    ZSTD_inBuffer in = { p->in, p->in_size, 0 };
    ZSTD_outBuffer out = { p->out, p->room, 0 };
    size_t left = ZSTD_compressStream2(state, &out, &in, directives[until]);
    p->in += in.pos;
    p->in_size -= in.pos;
    p->out += out.pos;
    p->room -= out.pos;
    if (ZSTD_isError(left)) {
        p->why = "out of memory";
        return BIDE_ENOMEM;
    }
    if (until == ENCODER_MORE)
        return p->in_size == 0;
    return left == 0;
}

const struct encoder_kind bide__encoder_zstd = { zstd_open, zstd_run, zstd_close };
