/* gzip and deflate, by zlib.
 *
 * "deflate" is a zlib stream (RFC 9110, section 8.4.1.2), but some servers send the bare deflate
 * data of RFC 1951, and browsers take both.  The first two bytes tell: a zlib header is a multiple
 * of 31 that names deflate and a window.  A bare stream could begin so only with a stored block
 * whose padding is not zero, which nobody writes. */
#define ZLIB_CONST
#include "http/coding_stage.h"

#include "base/memory.h"
#include "http/coding_memory.h"

#include <bide/error.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { WINDOW = 15, WINDOW_GZIP = WINDOW + 16 };

struct zlib_stage {
    z_stream z;
    bool begun;                 /* z is in use */
    bool ended;                 /* a stream is over; of gzip, another one may follow */
    uint8_t head[2];            /* deflate: its first bytes, until they are two */
    uint8_t head_size;
};

static void *zlib_open(void)
{
    struct zlib_stage *s = bide__zalloc(sizeof *s);
    if (s) {
        s->z.zalloc = bide__coding_take_many;
        s->z.zfree = bide__coding_give;
    }
    return s;
}

static void zlib_close(void *state)
{
    struct zlib_stage *s = state;
    if (s->begun)
        inflateEnd(&s->z);
    bide__free(s);
}

static int fail(struct coding_pieces *p, int code, const char *why)
{
    p->why = why;
    return code;
}

static int begin(struct zlib_stage *s, struct coding_pieces *p, int window)
{
    if (inflateInit2(&s->z, window) != Z_OK)
        return fail(p, BIDE_ENOMEM, "out of memory");
    s->begun = true;
    return 0;
}

static int failed(const struct zlib_stage *s, struct coding_pieces *p, int rc)
{
    if (rc == Z_MEM_ERROR)
        return fail(p, BIDE_ENOMEM, "out of memory");
    if (rc == Z_NEED_DICT)
        return fail(p, BIDE_EHTTP, "the compressed data asks for a dictionary");
    if (s->z.msg && (strstr(s->z.msg, "data check") || strstr(s->z.msg, "length check")))
        return fail(p, BIDE_EHTTP, "the checksum of the compressed data does not fit");
    return fail(p, BIDE_EHTTP, "the compressed data is damaged");
}

static uInt piece(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static int inflate_some(struct zlib_stage *s, struct coding_pieces *p)
{
    uInt in_size = piece(p->in_size), room = piece(p->room);
    s->z.next_in = (const Bytef *)p->in;
    s->z.avail_in = in_size;
    s->z.next_out = (Bytef *)p->out;
    s->z.avail_out = room;
    int rc = inflate(&s->z, Z_NO_FLUSH);
    p->in += in_size - s->z.avail_in;
    p->in_size -= in_size - s->z.avail_in;
    p->out += room - s->z.avail_out;
    p->room -= room - s->z.avail_out;
    if (rc == Z_STREAM_END) {
        s->ended = true;
        return 0;
    }
    if (rc == Z_BUF_ERROR && p->last && p->in_size == 0 && p->room > 0)
        return fail(p, BIDE_EHTTP, "the compressed data is cut short");
    return rc == Z_OK || rc == Z_BUF_ERROR ? 0 : failed(s, p, rc);
}

/* Members follow each other (RFC 1952, section 2.2), each with a header and a checksum. */
static int gzip_run(void *state, struct coding_pieces *p)
{
    struct zlib_stage *s = state;
    int rc = s->begun ? 0 : begin(s, p, WINDOW_GZIP);
    if (rc < 0)
        return rc;
    if (s->ended) {
        if (p->in_size == 0)
            return p->last;
        if ((uint8_t)p->in[0] != 0x1f)
            return fail(p, BIDE_EHTTP, "something follows the end of the compressed data");
        inflateReset(&s->z);
        s->ended = false;
    }
    rc = inflate_some(s, p);
    return rc < 0 ? rc : s->ended && p->last && p->in_size == 0;
}

/* Is it a zlib header (RFC 1950, section 2.2)? */
static bool is_wrapped(const uint8_t head[2])
{
    return (head[0] & 15) == Z_DEFLATED && head[0] >> 4 <= WINDOW - 8 &&
           (head[0] << 8 | head[1]) % 31 == 0;
}

/* Collects the first two bytes and begins with them; they make no output. */
static int begin_deflate(struct zlib_stage *s, struct coding_pieces *p)
{
    while (s->head_size < 2 && p->in_size > 0) {
        s->head[s->head_size++] = (uint8_t)*p->in++;
        p->in_size--;
    }
    if (s->head_size < 2)
        return p->last ? fail(p, BIDE_EHTTP, "the compressed data is cut short") : 0;
    int rc = begin(s, p, is_wrapped(s->head) ? WINDOW : -WINDOW);
    if (rc < 0)
        return rc;
    struct coding_pieces head = { (const char *)s->head, 2, p->out, p->room, false, NULL };
    rc = inflate_some(s, &head);
    p->out = head.out;
    p->room = head.room;
    p->why = head.why;
    return rc < 0 ? rc : 1;
}

static int deflate_run(void *state, struct coding_pieces *p)
{
    struct zlib_stage *s = state;
    int rc = s->begun ? 1 : begin_deflate(s, p);
    if (rc <= 0)
        return rc;
    rc = s->ended ? 0 : inflate_some(s, p);
    if (rc < 0)
        return rc;
    if (s->ended && p->in_size > 0)
        return fail(p, BIDE_EHTTP, "something follows the end of the compressed data");
    return s->ended && p->last;
}

const struct coding_kind bide__coding_gzip = { zlib_open, gzip_run, zlib_close };
const struct coding_kind bide__coding_deflate = { zlib_open, deflate_run, zlib_close };
