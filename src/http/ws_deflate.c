/* By zlib, with raw streams. */
#define ZLIB_CONST
#include "http/ws_deflate.h"

#include "base/memory.h"
#include "http/coding_memory.h"

#include <bide/error.h>

#ifdef BIDE_ZLIB
#include <limits.h>
#include <zlib.h>

/* As WS_BITS_SERVER: 16 KiB beside the window's 16, where zlib's usual 8 makes 128. */
enum { MEMORY = 5 };
/* What inflate() leaves in data_type. */
enum { BETWEEN_BLOCKS = 128 };

/* Each deflate block that ends a message, of which only this much is implied. */
static const char tail[4] = "\0\0\xff\xff";

struct ws_deflate {
    z_stream *out, *in;         /* NULL: not needed yet, or given back */
    bool out_resets, in_resets;
    uint8_t out_bits, in_bits;
    uint8_t tail_given;         /* bytes of the tail that inflating has had */
};

bool bide__ws_deflate_is_there(void)
{
    return true;
}

struct ws_deflate *bide__ws_deflate_new(const struct ws_params *p, bool is_server)
{
    struct ws_deflate *d = bide__zalloc(sizeof *d);
    if (!d)
        return NULL;
    d->out_resets = is_server ? p->server_resets : p->client_resets;
    d->in_resets = is_server ? p->client_resets : p->server_resets;
    d->out_bits = is_server ? p->server_bits : p->client_bits;
    d->in_bits = is_server ? p->client_bits : p->server_bits;
    return d;
}

static void end_out(struct ws_deflate *d)
{
    if (d->out)
        deflateEnd(d->out);
    bide__free(d->out);
    d->out = NULL;
}

static void end_in(struct ws_deflate *d)
{
    if (d->in)
        inflateEnd(d->in);
    bide__free(d->in);
    d->in = NULL;
}

void bide__ws_deflate_free(struct ws_deflate *d)
{
    if (!d)
        return;
    end_out(d);
    end_in(d);
    bide__free(d);
}

void bide__ws_deflate_rest(struct ws_deflate *d)
{
    if (d->out_resets)
        end_out(d);
    if (d->in_resets)
        end_in(d);
}

bool bide__ws_deflate_can(const struct ws_deflate *d)
{
    return d->out_bits > WS_BITS_MIN;
}

bool bide__ws_deflate_forgets(const struct ws_deflate *d, uint8_t *bits)
{
    *bits = d->out_bits;
    return d->out_resets && bide__ws_deflate_can(d);
}

static z_stream *new_stream(void)
{
    z_stream *z = bide__zalloc(sizeof *z);
    if (z) {
        z->zalloc = bide__coding_take_zeroed;
        z->zfree = bide__coding_give;
    }
    return z;
}

static uInt piece(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

/* ---- deflating ---- */

static bool begin_out(struct ws_deflate *d)
{
    if (d->out)
        return true;
    d->out = new_stream();
    if (d->out && deflateInit2(d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -d->out_bits, MEMORY,
                               Z_DEFAULT_STRATEGY) == Z_OK)
        return true;
    bide__free(d->out);
    d->out = NULL;
    return false;
}

/* Until all of it is in the writer, and flushed if that is wanted. */
static bool run_out(z_stream *z, struct writer *w, const void *data, size_t size)
{
    const Bytef *at = data;
    do {
        uInt now = piece(size);
        z->next_in = at;
        z->avail_in = now;
        at += now;
        size -= now;
        do {
            size_t wanted = z->avail_in / 2 + 64u;
            char *to = writer_room(w, wanted);
            if (!to)
                return false;
            z->next_out = (Bytef *)to;
            z->avail_out = piece(w->room - w->size);
            uInt room = z->avail_out;
            deflate(z, size > 0 ? Z_NO_FLUSH : Z_SYNC_FLUSH);
            w->size += room - z->avail_out;
        } while (z->avail_out == 0);
    } while (size > 0);
    return true;
}

/* To begin anew needs no consent. */
void bide__ws_deflate_anew(struct ws_deflate *d)
{
    if (d->out)
        deflateReset(d->out);
}

static int give_up(struct ws_deflate *d, struct writer *w, size_t before)
{
    w->size = before;
    bide__ws_deflate_anew(d);
    return BIDE_ENOMEM;
}

int bide__ws_deflate(struct ws_deflate *d, struct writer *w, const void *data, size_t size,
                     bool last)
{
    size_t before = w->size;
    if (!begin_out(d) || !run_out(d->out, w, data, size))
        return give_up(d, w, before);
    if (!last)
        return 0;
    if (w->size - before >= sizeof tail)        /* always, but where there was nothing to flush */
        w->size -= sizeof tail;
    else if (!writer_room(w, 1))
        return give_up(d, w, before);
    else
        w->at[w->size++] = '\0';        /* an empty block that is not there */
    if (d->out_resets)
        deflateReset(d->out);
    return 0;
}

/* ---- inflating ---- */

static int fail(struct coding_pieces *p, int code, const char *why)
{
    p->why = why;
    return code;
}

static bool begin_in(struct ws_deflate *d)
{
    if (d->in)
        return true;
    d->in = new_stream();
    if (d->in && inflateInit2(d->in, -d->in_bits) == Z_OK)
        return true;
    bide__free(d->in);
    d->in = NULL;
    return false;
}

/* A stream may end within a message (section 7.2.3.4); what follows still refers to it. */
static int inflate_some(z_stream *z, const char **in, size_t *in_size, struct coding_pieces *p)
{
    uInt size = piece(*in_size), room = piece(p->room);
    z->next_in = (const Bytef *)*in;
    z->avail_in = size;
    z->next_out = (Bytef *)p->out;
    z->avail_out = room;
    int rc = inflate(z, Z_SYNC_FLUSH);
    *in += size - z->avail_in;
    *in_size -= size - z->avail_in;
    p->out += room - z->avail_out;
    p->room -= room - z->avail_out;
    if (rc == Z_STREAM_END)
        rc = inflateResetKeep(z);
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return 0;
    if (rc == Z_MEM_ERROR)
        return fail(p, BIDE_ENOMEM, "out of memory");
    return fail(p, BIDE_EWS, "a compressed message is damaged");
}

int bide__ws_inflate(struct ws_deflate *d, struct coding_pieces *p)
{
    if (!begin_in(d))
        return fail(p, BIDE_ENOMEM, "out of memory");
    while (p->in_size > 0 && p->room > 0) {
        int rc = inflate_some(d->in, &p->in, &p->in_size, p);
        if (rc < 0)
            return rc;
    }
    if (!p->last || p->in_size > 0)
        return 0;
    while (p->room > 0) {
        const char *in = tail + d->tail_given;
        size_t left = sizeof tail - d->tail_given;
        int rc = inflate_some(d->in, &in, &left, p);
        if (rc < 0)
            return rc;
        d->tail_given = (uint8_t)(sizeof tail - left);
        if (left > 0 || p->room == 0)
            continue;
        d->tail_given = 0;
        if (!(d->in->data_type & BETWEEN_BLOCKS))
            return fail(p, BIDE_EWS, "a compressed message is cut short");
        if (d->in_resets)
            inflateReset(d->in);
        return 1;
    }
    return 0;
}

#else

bool bide__ws_deflate_is_there(void)
{
    return false;
}

/* Nobody agrees to it, so there is none. */
struct ws_deflate *bide__ws_deflate_new(const struct ws_params *p, bool is_server)
{
    (void)p;
    (void)is_server;
    return NULL;
}

void bide__ws_deflate_free(struct ws_deflate *d)
{
    (void)d;
}

void bide__ws_deflate_rest(struct ws_deflate *d)
{
    (void)d;
}

bool bide__ws_deflate_can(const struct ws_deflate *d)
{
    (void)d;
    return false;
}

bool bide__ws_deflate_forgets(const struct ws_deflate *d, uint8_t *bits)
{
    (void)d;
    (void)bits;
    return false;
}

int bide__ws_deflate(struct ws_deflate *d, struct writer *w, const void *data, size_t size,
                     bool last)
{
    (void)d;
    (void)w;
    (void)data;
    (void)size;
    (void)last;
    return BIDE_ENOMEM;
}

void bide__ws_deflate_anew(struct ws_deflate *d)
{
    (void)d;
}

int bide__ws_inflate(struct ws_deflate *d, struct coding_pieces *p)
{
    (void)d;
    p->why = "zlib was not built in";
    return BIDE_EWS;
}
#endif
