/* HTTP/1 on a connection: requests one after the other, answered in order.
 *
 * Answers to requests that came together leave together. */
#ifndef BIDE_WEB_HTTP1_H
#define BIDE_WEB_HTTP1_H

#include "web/exchange.h"

/* While a task has the connection. */
struct http1 {
    struct exchange exchange;   /* first */
    struct bide_request *req;   /* which is being answered */
    struct http1 *next, **link; /* among those that have switched to another protocol, and what
                                   points to it; NULL: it is not among them */
    struct out *out;            /* NULL: nothing to send */
    bool close;                 /* after what is being answered */
    bool failed;                /* nothing can be sent any more */
    bool linger;                /* the client may still be sending: let it read our answer */
};

static inline struct http1 *http1_of(const struct bide_request *req)
{
    return (struct http1 *)(void *)req->exchange;
}

/* Serves the requests in the stream's buffer, which is not empty; false: the connection is over.
 * True: more may come; or it is a WebSocket from now on (c->ws). */
BIDE_WAITS bool bide__http1_serve(struct connection *c, bide_stream *stream);

/* The application stops: of those that have become WebSockets *left say so, or all; *left is how
 * many more might have.  Nobody is asked twice. */
void bide__http1_stop_some(struct bide_worker *worker, int *left);

/* Memory for answers; NULL: out of memory. */
struct writer *bide__http1_out(struct http1 *h);
/* Sends what is waiting to go out. */
BIDE_WAITS int bide__http1_flush(struct http1 *h);
/* Sends these pieces; BIDE_ETIMEDOUT: the client takes nothing, for as long as it may be idle. */
BIDE_WAITS int bide__http1_send(struct http1 *h, struct iovec *pieces, int count);

/* The request's body. */
BIDE_WAITS ssize_t bide__http1_read(struct bide_request *req, void *buf, size_t size);
BIDE_WAITS int bide__http1_read_whole(struct bide_request *req, size_t max);
/* Tells a client that waits for it that its body is wanted; only before an answer begins, of which
 * it would be taken for a part. */
void bide__http1_continue(struct bide_request *req, struct writer *w);

/* The answer. */
int bide__http1_answer(struct bide_request *req, const struct answer *answer);
int bide__http1_start(struct bide_request *req, int status);
BIDE_WAITS int bide__http1_write(struct bide_request *req, const void *data, size_t size);
BIDE_WAITS int bide__http1_sendfile(struct bide_request *req, int file, int64_t at, uint64_t size);
int bide__http1_end(struct bide_request *req);
/* The head of a 101. */
int bide__http1_switch(struct bide_request *req);
BIDE_WAITS bide_stream *bide__http1_upgrade(struct bide_request *req);
/* The handler has returned. */
void bide__http1_delist(struct http1 *h);

#endif
