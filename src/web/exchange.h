/* One request and its answer, as what is above sees them: whatever carries them.
 *
 * A handler's calls end up here and know nothing of the connection.  HTTP/1 fills in the table, one
 * exchange at a time for a connection; a protocol that has many at once fills in the same one. */
#ifndef BIDE_WEB_EXCHANGE_H
#define BIDE_WEB_EXCHANGE_H

#include "web/connection.h"
#include "web/request.h"

/* An answer given whole. */
struct answer {
    int status;
    const char *type;           /* NULL: none, or it is among the headers */
    const void *data;
    size_t size;
};

struct exchange_ops {
    const char *version;        /* "HTTP/1.1" */
    /* Takes a whole answer, which goes out soon; does not wait. */
    int (*answer)(struct bide_request *req, const struct answer *answer);
    /* Takes the head of one that comes piece by piece; does not wait. */
    int (*start)(struct bide_request *req, int status);
    /* Sends a piece (size > 0) behind what is waiting. */
    int (*write)(struct bide_request *req, const void *data, size_t size);
    /* Sends a part of a file, which is shorter than it was: BIDE_EEOF. */
    int (*sendfile)(struct bide_request *req, int file, int64_t at, uint64_t size);
    /* Ends a body that came piece by piece, with its trailers. */
    int (*end)(struct bide_request *req);
    /* Sends what is waiting. */
    int (*flush)(struct bide_request *req);
    /* Some of the request's body; 0: its end.  All of it, into req->whole. */
    ssize_t (*read)(struct bide_request *req, void *buf, size_t size);
    int (*read_whole)(struct bide_request *req, size_t max);
    /* Switches to another protocol (RFC 9110 7.8): the stream is the caller's until the handler
     * returns; NULL with the error held. */
    bide_stream *(*upgrade)(struct bide_request *req);
    /* After this answer no other request can be read: closes, but lets the client read it. */
    void (*refuse)(struct bide_request *req);
    /* What was sent is not whole: the client must see that. */
    void (*cut)(struct bide_request *req);
};

struct exchange {
    const struct exchange_ops *ops;
    struct connection *connection;
    bide_stream *stream;        /* the connection's, as long as a task has it */
    struct watch *watch;        /* NULL: nobody looks whether the client goes away */
};

/* Sends what is waiting to go out: before a handler that is known to wait. */
BIDE_WAITS int bide__exchange_flush(struct bide_request *req);
/* Sends a part of a file as a piece of the body: after bide_respond_start(). */
BIDE_WAITS int bide__respond_sendfile(struct bide_request *req, int fd, int64_t at, uint64_t size);
/* Answers 101 with the headers added (Upgrade among them); the stream is the caller's until the
 * handler returns.  NULL with the error held. */
BIDE_WAITS bide_stream *bide__exchange_upgrade(struct bide_request *req);
/* The request could not be read: the connection is closed behind the answer. */
void bide__exchange_refuse(struct bide_request *req);
/* The answer is not whole: the connection is closed. */
void bide__exchange_cut(struct bide_request *req);
/* Looks whether the client goes away while the handler runs, once the request's body has been read:
 * gone() is called at most once, by another task, and must not wait.  0, or BIDE_ENOMEM. */
int bide__exchange_watch(struct bide_request *req, void (*gone)(struct bide_request *req));
/* Looks no longer. */
BIDE_WAITS int bide__exchange_unwatch(struct bide_request *req);
/* The body has been read, or more than nothing of it is left: for the protocols. */
void bide__exchange_read_all(struct bide_request *req);
/* The client's address, without port; "unix". */
const char *bide__exchange_peer(struct bide_request *req);
/* Did it come over TLS? */
bool bide__exchange_secure(const struct bide_request *req);

#endif
