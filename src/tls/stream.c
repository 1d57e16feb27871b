/* Reading and writing through TLS.
 *
 * OpenSSL works on memory only (bio.c); here is what waits for the inner stream.  A reader never
 * waits for room to write: what OpenSSL answers on its way (an update of keys) goes as far as it
 * goes at once, and the rest with the next write.  So two peers that both write without reading
 * end up no worse than they would without TLS.
 *
 * What others have left in the thread's queue of OpenSSL's errors must not be taken for ours.
 * Emptying it before each call took a seventh of what an answer costs; so it is looked at after a
 * failure only, and then the newest is ours.
 *
 * A read that is cancelled has taken nothing.  A record that is made cannot be unmade, so a write
 * that fails while its record is on the way is the last one. */
#include "tls/stream.h"

#include "base/memory.h"
#include "tls/refusal.h"

#include <openssl/err.h>
#include <string.h>

/* Bytes of one record (RFC 8446, 5.1), and of one write: the records of 64 KiB leave in one system
 * call. */
enum { RECORD_MAX = 16384, WRITE_MAX = 4 * RECORD_MAX };

static struct tls_stream *tls_of(bide_stream *s)
{
    return (struct tls_stream *)(void *)s;
}

int bide__tls_within(const struct tls_stream *t, int rc)
{
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("tls: %s", t->name) : rc;
}

int bide__tls_give_up(struct tls_stream *t, unsigned long error)
{
    int rc = bide__tls_failed(t, error);
    ERR_clear_error();
    rc = bide__tls_within(t, rc);
    t->failure.code = rc;
    strncpy(t->failure.text, bide_errmsg(), sizeof t->failure.text - 1);
    bide__tls_flush_now(t);
    return rc;
}

static int failed_before(const struct tls_stream *t)
{
    return bide_fail(t->failure.code, "%s", t->failure.text);
}

/* ---- reading ---- */

void bide__tls_rest_inner(struct tls_stream *t)
{
    bide_stream *inner = t->inner;
    if (!inner->buffer || inner->begin < inner->end)
        return;
    inner->flags &= (uint8_t)~STREAM_READING;
    bide_stream_rest(inner);
    inner->flags |= STREAM_READING;
}

/* It can only ask for more: nothing has come, and nothing is left from before. */
static bool is_dry(const struct tls_stream *t)
{
    return t->inner->begin == t->inner->end && !SSL_has_pending(t->ssl) && !t->failure.code &&
           !(SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN) && bide__outbox_empty(&t->filling);
}

/* A connection that has failed is back at its beginning for OpenSSL.  SSL_get_error() would tell an
 * end from an alert only by the queue. */
static bool has_failed(const struct tls_stream *t)
{
    return SSL_in_init(t->ssl);
}

/* 0: the peer has ended; BIDE_EAGAIN, or why it failed. */
static ssize_t not_decrypted(struct tls_stream *t)
{
    if (t->dry)
        return BIDE_EAGAIN;
    if (SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN && !has_failed(t))
        return 0;
    return bide__tls_give_up(t, ERR_peek_last_error());
}

static ssize_t decrypt_record(struct tls_stream *t, void *buf, size_t size, bool only_look)
{
    size_t got = 0;
    if (t->failure.code)
        return failed_before(t);
    t->dry = false;
    int rc = only_look ? SSL_peek_ex(t->ssl, buf, size, &got)
                       : SSL_read_ex(t->ssl, buf, size, &got);
    bide__tls_rest_inner(t);
    if (!bide__outbox_empty(&t->filling))
        bide__tls_flush_now(t);
    return rc == 1 ? (ssize_t)got : not_decrypted(t);
}

/* What is wrong with the next record, or that there is none, is told when it is the first. */
static size_t decrypt_rest(struct tls_stream *t, char *buf, size_t size)
{
    if (is_dry(t))
        return 0;
    BIDE_KEEP_ERROR(held);
    size_t got = 0;
    while (got < size && (t->inner->begin < t->inner->end || SSL_has_pending(t->ssl))) {
        ssize_t n = decrypt_record(t, buf + got, size - got, false);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return got;
}

ssize_t bide__tls_decrypt(struct tls_stream *t, void *buf, size_t size, bool only_look)
{
    ssize_t n = decrypt_record(t, buf, size, only_look);
    if (n <= 0 || only_look)
        return n;
    return n + (ssize_t)decrypt_rest(t, (char *)buf + n, size - (size_t)n);
}

static int cut_short(const struct tls_stream *t)
{
    bide_fail(BIDE_EEOF, "the connection ended without TLS's close_notify: the data may be cut "
              "short");
    return bide__tls_within(t, BIDE_EEOF);
}

/* waits: through the stream's operations */
static ssize_t decrypt_more(struct tls_stream *t, void *buf, size_t size, bool only_look)
{
    for (;;) {
        ssize_t n = is_dry(t) ? BIDE_EAGAIN : bide__tls_decrypt(t, buf, size, only_look);
        if (n != BIDE_EAGAIN)
            return n;
        t->hearing = true;
        n = bide__stream_fill(t->inner);
        t->hearing = false;
        if (n < 0)
            return bide__tls_within(t, (int)n);
        if (n == 0)
            return cut_short(t);
    }
}

/* waits: through the stream's operations */
static ssize_t tls_read(bide_stream *s, void *buf, size_t size)
{
    return decrypt_more(tls_of(s), buf, size, false);
}

/* waits: through the stream's operations */
static int tls_await(bide_stream *s)
{
    char first;
    ssize_t n = SSL_pending(tls_of(s)->ssl) ? 0 : decrypt_more(tls_of(s), &first, 1, true);
    return n < 0 ? (int)n : 0;
}

/* 0: the end; BIDE_EAGAIN and other failures without a sentence. */
static ssize_t decrypt_now(struct tls_stream *t, void *buf, size_t size, bool only_look)
{
    BIDE_KEEP_ERROR(held);
    for (;;) {
        ssize_t n = is_dry(t) ? BIDE_EAGAIN : bide__tls_decrypt(t, buf, size, only_look);
        if (n != BIDE_EAGAIN)
            return n;
        n = bide__stream_fill_now(t->inner);
        if (n <= 0)
            return n < 0 ? n : BIDE_EEOF;
    }
}

static ssize_t tls_read_now(bide_stream *s, void *buf, size_t size)
{
    return decrypt_now(tls_of(s), buf, size, false);
}

/* Tickets and the like are no news for a reader. */
static bool tls_readable(bide_stream *s)
{
    char first;
    struct tls_stream *t = tls_of(s);
    if (t->hearing)
        return t->inner->ops->readable(t->inner);
    if (decrypt_now(t, &first, 1, true) != BIDE_EAGAIN)
        return true;
    return !t->inner->ops->read_now && t->inner->ops->readable(t->inner);
}

/* ---- writing ---- */

/* What is left of the pieces, and the place where small ones are put together. */
struct plain { const struct iovec *pieces; int count; size_t skip; char *scratch; };

static void pass_over(struct plain *p, size_t size)
{
    p->skip += size;
    while (p->count && p->skip >= p->pieces->iov_len) {
        p->skip -= p->pieces->iov_len;
        p->pieces++;
        p->count--;
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The plain text of the next record: in place if one piece fills it or is all there is. */
static const char *next_record(struct plain *p, size_t *size)
{
    char *first = (char *)p->pieces->iov_base + p->skip;
    *size = least(p->pieces->iov_len - p->skip, RECORD_MAX);
    if (*size == RECORD_MAX || p->count == 1)
        return first;
    if (!p->scratch && !(p->scratch = bide__alloc(RECORD_MAX)))
        return first;
    memcpy(p->scratch, first, *size);
    for (int i = 1; i < p->count && *size < RECORD_MAX; i++) {
        size_t n = least(p->pieces[i].iov_len, RECORD_MAX - *size);
        if (n)
            memcpy(p->scratch + *size, p->pieces[i].iov_base, n);
        *size += n;
    }
    return p->scratch;
}

/* Makes records of the first WRITE_MAX bytes; how many bytes that were. */
static ssize_t encrypt(struct tls_stream *t, const struct iovec *pieces, int count)
{
    struct plain p = { .pieces = pieces, .count = count };
    size_t total = 0, size, done;
    int rc = 1;
    pass_over(&p, 0);
    while (p.count && total < WRITE_MAX && rc == 1) {
        const char *from = next_record(&p, &size);
        rc = SSL_write_ex(t->ssl, from, size, &done);
        if (rc == 1) {
            total += done;
            pass_over(&p, done);
        }
    }
    bide__free(p.scratch);
    if (rc == 1)
        return (ssize_t)total;
    t->stream.flags |= STREAM_CUT_SHORT;
    return bide__tls_give_up(t, ERR_peek_last_error());
}

/* A peer that refuses us says why and is gone.  Who writes then, as a client of TLS 1.3 does that
 * takes the handshake for done, is told that, and not only that nobody listens.  A task that waits
 * for the peer's words gets them itself. */
static int told_why(struct tls_stream *t, int rc)
{
    char first;
    if ((rc != -EPIPE && rc != -ECONNRESET) || t->hearing)
        return rc;
    decrypt_now(t, &first, 1, true);
    return t->failure.code ? failed_before(t) : rc;
}

/* waits: through the stream's operations */
static ssize_t tls_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    struct tls_stream *t = tls_of(s);
    if (t->failure.code)
        return failed_before(t);
    int rc = bide__tls_flush(t);
    ssize_t n = rc < 0 ? told_why(t, rc) : encrypt(t, pieces, count);
    if (n > 0 && (rc = bide__tls_flush(t)) < 0) {
        s->flags |= STREAM_CUT_SHORT;
        return told_why(t, rc);
    }
    return n;
}

static ssize_t tls_write_now(bide_stream *s, const struct iovec *pieces, int count)
{
    struct tls_stream *t = tls_of(s);
    BIDE_KEEP_ERROR(held);
    if (t->failure.code || s->flags & STREAM_CUT_SHORT)
        return -EPIPE;
    bide__tls_flush_now(t);
    if (!bide__outbox_empty(&t->sending) || !bide__outbox_empty(&t->filling))
        return 0;
    ssize_t n = encrypt(t, pieces, count);
    bide__tls_flush_now(t);
    return n;
}

/* ---- its end ---- */

/* Says close_notify, once. */
static int say_end(struct tls_stream *t)
{
    ERR_clear_error();
    if (SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN)
        return 0;
    return SSL_shutdown(t->ssl) < 0 && t->no_memory ? bide__tls_give_up(t, ERR_peek_error()) : 0;
}

/* Reading goes on, so the inner stream is not ended: its end would be a cut to the peer's TLS. */
/* waits: through the stream's operations */
static int tls_write_end(bide_stream *s)
{
    struct tls_stream *t = tls_of(s);
    if (t->failure.code)
        return failed_before(t);
    int rc = say_end(t);
    return rc < 0 ? rc : bide__tls_flush(t);
}

static void tls_abort(bide_stream *s)
{
    bide_stream_abort(tls_of(s)->inner);
}

void bide__tls_stream_free(struct tls_stream *t)
{
    /* Without this OpenSSL takes the session for broken, and it could not be resumed. */
    if (t->ssl)
        SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(t->ssl);
    bide__outbox_drop(&t->filling);
    bide__outbox_drop(&t->sending);
    bide__free(t->name);
    bide__free(t->key);
    bide__free(t->facts);
    bide__material_drop(t->material);
    bide_tls_free(t->tls);
    bide__stream_release(&t->stream);
    bide__free(t);
}

/* Last words may go above the mark: what is on its way before them is the system's already. */
static void say_end_now(struct tls_stream *t)
{
    BIDE_KEEP_ERROR(held);
    say_end(t);
    bide__tls_flush_now(t);
    if (bide__outbox_empty(&t->sending) && bide__outbox_empty(&t->filling))
        return;
    bide_stream_high_water(t->inner, SIZE_MAX);
    bide__tls_flush_now(t);
}

/* After half a record there is nothing more to be said. */
static void tls_close(bide_stream *s)
{
    struct tls_stream *t = tls_of(s);
    bide_stream *inner = t->inner;
    if (!t->failure.code && !(s->flags & STREAM_CUT_SHORT))
        say_end_now(t);
    bide__tls_stream_free(t);
    inner->flags &= (uint8_t)~(STREAM_READING | STREAM_WRITING);
    if (!inner->lent || inner->flags & STREAM_CLOSED)
        bide_stream_close(inner);
}

static int tls_fd(const bide_stream *s)
{
    return bide__stream_fd(((const struct tls_stream *)(const void *)s)->inner);
}

static const char *tls_peer(bide_stream *s)
{
    return bide_stream_peer(tls_of(s)->inner);
}

static void tls_high_water(bide_stream *s, size_t size)
{
    bide_stream_high_water(tls_of(s)->inner, size);
}

static bool tls_may_read(bide_stream *s)
{
    const struct stream_ops *below = tls_of(s)->inner->ops;
    return !below->may_read || below->may_read(tls_of(s)->inner) || bide__tls_holds(s);
}

const struct stream_ops bide__tls_ops = {
    .read = tls_read,
    .await = tls_await,
    .writev = tls_writev,
    .write_end = tls_write_end,
    .readable = tls_readable,
    .abort = tls_abort,
    .close = tls_close,
    .fd = tls_fd,
    .peer = tls_peer,
    .high_water = tls_high_water,
    .read_now = tls_read_now,
    .write_now = tls_write_now,
    .may_read = tls_may_read,
};
