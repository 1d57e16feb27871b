/* zstd (RFC 8878), by libzstd; its window is limited as RFC 9659 says, for a frame may ask for
 * any.
 *
 * Own memory needs zstd's "advanced" declarations.  They are in every libzstd.so, but not promised
 * to stay; the two used here have been as they are since 2016. */
#define ZSTD_STATIC_LINKING_ONLY
#include "http/coding_stage.h"

#include "base/memory.h"
#include "http/coding.h"
#include "http/coding_memory.h"

#include <bide/error.h>
#include <zstd.h>
#include <zstd_errors.h>

struct zstd_stage {
    ZSTD_DCtx *decoder;
    bool between;               /* a frame is over; another one may follow */
    bool hungry;                /* all is out that can be made of what has come */
};

static void *zstd_open(void)
{
    struct zstd_stage *s = bide__zalloc(sizeof *s);
    if (!s)
        return NULL;
    s->decoder = ZSTD_createDCtx_advanced(
        (ZSTD_customMem){ bide__coding_take, bide__coding_give, NULL });
    if (s->decoder &&
        !ZSTD_isError(ZSTD_DCtx_setParameter(s->decoder, ZSTD_d_windowLogMax, CODING_WINDOW_BITS)))
        return s;
    ZSTD_freeDCtx(s->decoder);
    bide__free(s);
    return NULL;
}

static void zstd_close(void *state)
{
    struct zstd_stage *s = state;
    ZSTD_freeDCtx(s->decoder);
    bide__free(s);
}

static int fail(struct coding_pieces *p, int code, const char *why)
{
    p->why = why;
    return code;
}

static int failed(struct coding_pieces *p, size_t rc, bool is_first)
{
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_memory_allocation:
        return fail(p, BIDE_ENOMEM, "out of memory");
    case ZSTD_error_frameParameter_windowTooLarge:
        return fail(p, BIDE_ELIMIT, "the compressed data asks for a window beyond 8 MiB");
    case ZSTD_error_checksum_wrong:
        return fail(p, BIDE_EHTTP, "the checksum of the compressed data does not fit");
    case ZSTD_error_dictionary_wrong:
        return fail(p, BIDE_EHTTP, "the compressed data asks for a dictionary");
    case ZSTD_error_prefix_unknown:
        if (!is_first)
            return fail(p, BIDE_EHTTP, "something follows the end of the compressed data");
        return fail(p, BIDE_EHTTP, "the compressed data is damaged");
    default:
        return fail(p, BIDE_EHTTP, "the compressed data is damaged");
    }
}

static int zstd_run(void *state, struct coding_pieces *p)
{
    struct zstd_stage *s = state;
    if (s->between && p->in_size == 0)
        return p->last;
    if (s->hungry && p->in_size == 0 && !p->last)
        return 0;               /* zstd takes it for an error to be asked in vain many times */
    ZSTD_inBuffer in = { p->in, p->in_size, 0 };
    ZSTD_outBuffer out = { p->out, p->room, 0 };
    bool was_between = s->between;
    size_t rc = ZSTD_decompressStream(s->decoder, &out, &in);
    p->in += in.pos;
    p->in_size -= in.pos;
    p->out += out.pos;
    p->room -= out.pos;
    if (ZSTD_isError(rc))
        return failed(p, rc, !was_between);
    s->between = rc == 0;
    s->hungry = in.pos == in.size && out.pos < out.size;
    if (s->between)
        return p->last && p->in_size == 0;
    if (p->last && in.size == 0 && out.pos == 0)
        return fail(p, BIDE_EHTTP, "the compressed data is cut short");
    return 0;
}

const struct coding_kind bide__coding_zstd = { zstd_open, zstd_run, zstd_close };
