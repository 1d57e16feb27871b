/* br (RFC 7932), by libbrotlidec.  Windows beyond 16 MiB, which are an extension, stay refused:
 * that is the library's default. */
#include "http/coding_stage.h"

#include "http/coding_memory.h"

#include <bide/error.h>
#include <brotli/decode.h>

static void *brotli_open(void)
{
    return BrotliDecoderCreateInstance(bide__coding_take, bide__coding_give, NULL);
}

static void brotli_close(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

static int fail(struct coding_pieces *p, int code, const char *why)
{
    p->why = why;
    return code;
}

static int failed(const BrotliDecoderState *decoder, struct coding_pieces *p)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(decoder);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return fail(p, BIDE_ENOMEM, "out of memory");
    return fail(p, BIDE_EHTTP, "the compressed data is damaged");
}

static int brotli_run(void *state, struct coding_pieces *p)
{
    BrotliDecoderState *decoder = state;
    const uint8_t *in = (const uint8_t *)p->in;
    uint8_t *out = (uint8_t *)p->out;
    size_t in_size = p->in_size, room = p->room;
    bool over = BrotliDecoderIsFinished(decoder);
    BrotliDecoderResult rc = BROTLI_DECODER_RESULT_SUCCESS;
    if (!over)
        rc = BrotliDecoderDecompressStream(decoder, &in_size, &in, &room, &out, NULL);
    bool moved = in_size != p->in_size || room != p->room;
    p->in = (const char *)in;
    p->in_size = in_size;
    p->out = (char *)out;
    p->room = room;
    if (rc == BROTLI_DECODER_RESULT_ERROR)
        return failed(decoder, p);
    if (rc == BROTLI_DECODER_RESULT_SUCCESS && in_size > 0)
        return fail(p, BIDE_EHTTP, "something follows the end of the compressed data");
    if (rc == BROTLI_DECODER_RESULT_SUCCESS)
        return p->last;
    if (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && p->last && !moved)
        return fail(p, BIDE_EHTTP, "the compressed data is cut short");
    return 0;
}

const struct coding_kind bide__coding_brotli = { brotli_open, brotli_run, brotli_close };
