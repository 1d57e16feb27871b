/* A TLS stream from inside. */
#ifndef TLS_STREAM_H
#define TLS_STREAM_H
#include "io/stream.h"
#include "tls/settings.h"

#include <bide/error.h>

/* Records on their way to the inner stream. */
struct outbox { char *data; size_t begin, end, room; };
/* What matters during the handshake only. */
struct handshake {
    struct alpn alpn;           /* ours, best first */
    int version;                /* that a server's hello named; 0: none came */
    char why[200];              /* why the peer's certificate was refused; "": it was not */
};
struct tls_stream {
    bide_stream stream;         /* first */
    bide_stream *inner;         /* entered for both directions as long as it is ours */
    bide_tls *tls;
    struct material *material;  /* what it began with */
    SSL *ssl;
    struct outbox filling;      /* what OpenSSL has written */
    struct outbox sending;      /* what a writer sends, and must stay where it is meanwhile */
    struct handshake *handshake;        /* NULL: it is over */
    char *name;                 /* the peer's: of a server, as asked for; else its address */
    char *key;                  /* of its sessions; NULL: none are kept */
    bool hearing, flushing;     /* a task waits for the inner stream */
    bool no_memory;             /* the outbox could not take what OpenSSL wrote */
    bool dry;                   /* OpenSSL has asked for more than had come */
    struct bide_error failure;  /* after which OpenSSL can do no more; code 0: none */
    struct facts *facts;        /* texts for bide_tls_info(), made when first asked for */
};

extern const struct stream_ops bide__tls_ops;

/* The stream that an SSL belongs to. */
static inline struct tls_stream *bide__tls_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}
/* Has everything gone? */
static inline bool bide__outbox_empty(const struct outbox *box)
{
    return box->begin == box->end;
}
void bide__outbox_drop(struct outbox *box);
/* Sends what OpenSSL has written: waits until the inner stream has taken it. */
BIDE_WAITS int bide__tls_flush(struct tls_stream *t);
/* The same as far as it goes at once.  Failures show elsewhere. */
void bide__tls_flush_now(struct tls_stream *t);
/* Puts the connection's name before the held sentence; passes rc on. */
int bide__tls_within(const struct tls_stream *t, int rc);
/* Holds why OpenSSL has failed, now and whenever it is asked again; what it has to say about it
 * goes to the peer.  error: OpenSSL's; its queue is empty afterwards. */
int bide__tls_give_up(struct tls_stream *t, unsigned long error);
/* What there is without waiting: > 0; 0: the peer has ended; BIDE_EAGAIN: nothing, without a
 * sentence; < 0: it failed.  only_look: leaves it there. */
ssize_t bide__tls_decrypt(struct tls_stream *t, void *buf, size_t size, bool only_look);
/* Gives the inner stream's buffer back while it is empty. */
void bide__tls_rest_inner(struct tls_stream *t);
/* Frees all but the inner stream, which is left as it is. */
void bide__tls_stream_free(struct tls_stream *t);

/* A server's choice among protocols. */
void bide__tls_choose_alpn(SSL_CTX *context);
/* Has a client's sessions kept. */
void bide__tls_keep_sessions(SSL_CTX *context);

#endif
