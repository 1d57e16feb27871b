/* A body on its way through a content coding, around any other.
 *
 * Its size is not known, so it is sent in chunks.  What comes from far away, bit by bit, is flushed
 * through with each bit: whoever sends a line wants it to arrive. */
#include "http/source.h"

#include "base/memory.h"
#include "http/encoder.h"

#include <bide/error.h>

#include <string.h>

enum { PIECE = 16 << 10 };

struct coded_source {
    struct source source;       /* first */
    struct source *inner;       /* ours */
    struct encoder *encoder;
    const char *in;             /* what the encoder has still to take of the piece */
    size_t in_size;
    enum encoder_until until;   /* as it was told with this piece */
    bool pending;               /* the encoder has not done with the piece */
    char piece[PIECE];
    char coding[];
};

static struct coded_source *coded_of(struct source *s)
{
    return (struct coded_source *)(void *)s;
}

static int open_encoder(struct coded_source *c)
{
    const char *why;
    struct text name = text_of(c->coding, strlen(c->coding));
    int rc = bide__encoder_open(&c->encoder, name, 0, &why);
    if (rc < 0)
        c->encoder = NULL;
    return rc < 0 ? bide_fail(rc == BIDE_EHTTP ? BIDE_EINVAL : rc, "compress %.40s: %s", c->coding,
                              why) : 0;
}

/* Another piece for the encoder, or the end. */
BIDE_WAITS static int take_piece(struct coded_source *c)
{
    ssize_t n = bide__source_read(c->inner, c->piece, sizeof c->piece);
    c->source.once = c->inner->once;
    if (n < 0)
        return (int)n;
    bool slow = c->inner->ops && c->inner->ops->slow;
    c->in = c->piece;
    c->in_size = (size_t)n;
    c->until = n == 0 ? ENCODER_END : slow ? ENCODER_FLUSH : ENCODER_MORE;
    c->pending = true;
    return 0;
}

static ssize_t coded_read(struct source *s, void *buf, size_t size)
{
    struct coded_source *c = coded_of(s);
    for (;;) {
        size_t made = size;
        if (!c->pending && c->until == ENCODER_END)
            return 0;
        int rc = c->pending ? 0 : take_piece(c);
        if (rc < 0)
            return rc;
        rc = bide__encoder_run(c->encoder, &c->in, &c->in_size, buf, &made, c->until);
        if (rc < 0)
            return bide_fail(rc, "compress %.40s: out of memory", c->coding);
        c->pending = rc == 0;
        if (made > 0)
            return (ssize_t)made;
    }
}

static int coded_rewind(struct source *s)
{
    struct coded_source *c = coded_of(s);
    int rc = bide__source_rewind(c->inner);
    if (rc < 0)
        return rc;
    bide__encoder_free(c->encoder);
    c->pending = false;
    c->until = ENCODER_MORE;
    return open_encoder(c);
}

static void coded_close(struct source *s)
{
    struct coded_source *c = coded_of(s);
    bide__encoder_free(c->encoder);
    bide__source_close(c->inner);
    bide__free(c);
}

static const struct source_ops ops = {
    .read = coded_read, .rewind = coded_rewind, .close = coded_close,
};

struct source *bide__source_of_coding(struct source *inner, const char *coding)
{
    if (!inner || bide__text_is_caseless(text_of(coding, strlen(coding)), "identity"))
        return inner;
    struct coded_source *c = bide__zalloc(sizeof *c + strlen(coding) + 1);
    if (!c) {
        bide__source_close(inner);
        bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
        return NULL;
    }
    strcpy(c->coding, coding);
    c->inner = inner;
    c->source = (struct source){ .ops = &ops, .size = -1, .type = inner->type, .name = inner->name,
                                 .coding = c->coding, .once = inner->once };
    if (open_encoder(c) == 0)
        return &c->source;
    coded_close(&c->source);
    return NULL;
}
