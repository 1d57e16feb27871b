/* Records on their way: sent from one outbox while OpenSSL may fill the other. */
#include "tls/stream.h"

#include "base/memory.h"

void bide__outbox_drop(struct outbox *box)
{
    bide__free(box->data);
    *box = (struct outbox){ .data = NULL };
}

/* The next bytes to go; false: there are none. */
static bool next_piece(struct tls_stream *t, struct iovec *piece)
{
    if (bide__outbox_empty(&t->sending)) {
        if (bide__outbox_empty(&t->filling))
            return false;
        bide__outbox_drop(&t->sending);
        t->sending = t->filling;
        t->filling = (struct outbox){ .data = NULL };
    }
    piece->iov_base = t->sending.data + t->sending.begin;
    piece->iov_len = t->sending.end - t->sending.begin;
    return true;
}

static void has_gone(struct tls_stream *t, size_t size)
{
    t->sending.begin += size;
    if (bide__outbox_empty(&t->sending))
        bide__outbox_drop(&t->sending);
}

/* A TLS stream takes what it has no room for, and would keep it until the next write. */
static ssize_t write_now(struct tls_stream *t, const struct iovec *piece)
{
    const struct stream_ops *ops = t->inner->ops;
    return ops->write_now && ops != &bide__tls_ops ? ops->write_now(t->inner, piece, 1) : 0;
}

/* Most often there is room, and then nothing can come in between. */
/* waits: through the stream's operations */
static ssize_t write_some(struct tls_stream *t, const struct iovec *piece)
{
    ssize_t n = t->inner->flags & STREAM_ABORTED ? BIDE_ECLOSED : write_now(t, piece);
    if (n > 0)
        return n;
    t->flushing = true;
    n = t->inner->ops->writev(t->inner, piece, 1);
    t->flushing = false;
    return n;
}

/* waits: through the stream's operations */
int bide__tls_flush(struct tls_stream *t)
{
    for (struct iovec piece; next_piece(t, &piece);) {
        ssize_t n = write_some(t, &piece);
        if (n < 0) {
            /* of TLS in TLS: what the inner one has sent of a record cannot be sent again */
            t->stream.flags |= t->inner->flags & STREAM_CUT_SHORT;
            return bide__tls_within(t, (int)n);
        }
        has_gone(t, (size_t)n);
    }
    return 0;
}

void bide__tls_flush_now(struct tls_stream *t)
{
    if (bide__outbox_empty(&t->sending) && bide__outbox_empty(&t->filling))
        return;
    BIDE_KEEP_ERROR(held);
    struct iovec piece;
    if (t->flushing || !t->inner->ops->write_now)
        return;                 /* who is in there takes it along */
    while (next_piece(t, &piece)) {
        ssize_t n = t->inner->ops->write_now(t->inner, &piece, 1);
        if (n <= 0)
            return;
        has_gone(t, (size_t)n);
    }
}
