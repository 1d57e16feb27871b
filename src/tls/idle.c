/* TLS streams that nobody reads for a while: what they still hold, and what they can do without.
 *
 * An idle connection is waited for by its descriptor alone.  That is right only if nothing has
 * been taken from the descriptor and not been read yet, and bytes may lie in three places: in the
 * stream's buffer, decrypted or not in OpenSSL, and in the inner stream's buffer.  Half a record
 * counts as nothing, for no read ends before its other half has come.
 *
 * What remains of a resting connection is OpenSSL's SSL and what belongs to it (7.6 of 14 KiB with
 * OpenSSL 3.0), for which it has no way to be put aside. */
#include "tls/stream.h"

static bool is_tls(const bide_stream *s)
{
    return s->ops == &bide__tls_ops;
}

static bool tls_holds(struct tls_stream *t)
{
    char first;
    const bide_stream *inner = t->inner;
    if (t->hearing)
        return false;
    if (t->failure.code || (is_tls(inner) && bide__tls_holds(t->inner)))
        return true;
    if (inner->begin == inner->end && !SSL_has_pending(t->ssl) &&
        !(SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN))
        return false;
    BIDE_KEEP_ERROR(held);
    return bide__tls_decrypt(t, &first, 1, true) != BIDE_EAGAIN;
}

bool bide__tls_holds(bide_stream *s)
{
    return s->begin < s->end || (is_tls(s) && tls_holds((struct tls_stream *)(void *)s));
}

void bide__tls_rest(bide_stream *s)
{
    bide_stream_rest(s);
    if (!is_tls(s))
        return;
    struct tls_stream *t = (struct tls_stream *)(void *)s;
    SSL_free_buffers(t->ssl);
    if (!t->hearing)
        bide__tls_rest_inner(t);
}
