/* Between OpenSSL and the inner stream.  Nothing waits here: what has not come is to be tried
 * again, and what is written lies in an outbox until somebody sends it.  So no call into OpenSSL
 * spans a wait, and a reader and a writer can share one connection. */
#include "tls/bio.h"

#include "base/memory.h"
#include "tls/stream.h"

#include <string.h>

/* Room for the answer to a request; and the most that may pile up while nobody sends, which is
 * more than a write of our own makes: a peer that asks without end is not answered without end. */
enum { OUTBOX_LEAST = 1024, OUTBOX_MAX = 262144 };

static int read_inner(BIO *bio, char *to, int size)
{
    struct tls_stream *t = BIO_get_data(bio);
    bide_stream *inner = t->inner;
    size_t there = inner->end - inner->begin;
    size_t n = size > 0 && (size_t)size < there ? (size_t)size : there;
    BIO_clear_retry_flags(bio);
    if (n == 0) {
        t->dry = true;
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(to, inner->buffer + inner->begin, n);
    inner->begin += n;
    return (int)n;
}

static bool make_room(struct outbox *box, size_t size)
{
    if (box->room - box->end >= size)
        return true;
    if (box->end - box->begin + size > OUTBOX_MAX)
        return false;
    size_t room = box->room ? box->room : OUTBOX_LEAST;
    while (room - box->end < size)
        room *= 2;
    char *data = bide__resize(box->data, room);
    if (!data)
        return false;
    box->data = data;
    box->room = room;
    return true;
}

static int write_outbox(BIO *bio, const char *from, int size)
{
    struct tls_stream *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (size <= 0 || !make_room(&t->filling, (size_t)size)) {
        t->no_memory |= size > 0;
        return -1;
    }
    memcpy(t->filling.data + t->filling.end, from, (size_t)size);
    t->filling.end += (size_t)size;
    return size;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *bide__tls_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "bide stream");
    if (method) {
        BIO_meth_set_read(method, read_inner);
        BIO_meth_set_write(method, write_outbox);
        BIO_meth_set_ctrl(method, control);
    }
    return method;
}

BIO *bide__tls_bio(BIO_METHOD *method, struct tls_stream *t)
{
    BIO *bio = BIO_new(method);
    if (bio) {
        BIO_set_data(bio, t);
        BIO_set_init(bio, 1);
    }
    return bio;
}
