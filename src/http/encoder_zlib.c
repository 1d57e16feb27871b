/* gzip and deflate, by zlib. */
#define ZLIB_CONST
#include "http/encoder_kind.h"

#include "base/memory.h"
#include "http/coding_memory.h"

#include <bide/error.h>
#include <limits.h>
#include <zlib.h>

enum { WINDOW = 15, WINDOW_GZIP = WINDOW + 16, MEMORY = 8 };

static void *zlib_open(int level, int window)
{
    z_stream *z = bide__zalloc(sizeof *z);
    if (!z)
        return NULL;
    z->zalloc = bide__coding_take_zeroed;
    z->zfree = bide__coding_give;
    level = level <= 0 ? Z_DEFAULT_COMPRESSION : level > 9 ? 9 : level;
    if (deflateInit2(z, level, Z_DEFLATED, window, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
        return z;
    bide__free(z);
    return NULL;
}

static void *gzip_open(int level)
{
    return zlib_open(level, WINDOW_GZIP);
}

static void *deflate_open(int level)
{
    return zlib_open(level, WINDOW);
}

static void zlib_close(void *state)
{
    deflateEnd(state);
    bide__free(state);
}

static uInt piece(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static int zlib_run(void *state, struct coding_pieces *p, enum encoder_until until)
{
    z_stream *z = state;
    uInt in_size = piece(p->in_size), room = piece(p->room);
    bool is_rest = in_size == p->in_size;
    int flush = !is_rest || until == ENCODER_MORE ? Z_NO_FLUSH :
                until == ENCODER_FLUSH ? Z_SYNC_FLUSH : Z_FINISH;
    z->next_in = (const Bytef *)p->in;
    z->avail_in = in_size;
    z->next_out = (Bytef *)p->out;
    z->avail_out = room;
    int rc = deflate(z, flush);
    p->in += in_size - z->avail_in;
    p->in_size -= in_size - z->avail_in;
    p->out += room - z->avail_out;
    p->room -= room - z->avail_out;
    if (until == ENCODER_END)
        return rc == Z_STREAM_END;
    return p->in_size == 0 && z->avail_out > 0;
}

const struct encoder_kind bide__encoder_gzip = { gzip_open, zlib_run, zlib_close };
const struct encoder_kind bide__encoder_deflate = { deflate_open, zlib_run, zlib_close };
