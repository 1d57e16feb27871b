/* A server and one of its connections.
 *
 * A connection is a task that waits for requests, one after the other.  While it is idle it holds
 * neither buffers nor a request; answers to requests that came together leave together. */
#ifndef BIDE_WEB_PEER_H
#define BIDE_WEB_PEER_H

#include "http/date.h"
#include "web/app.h"
#include "web/request.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/stream.h>
#include <bide/sync.h>

enum {
    SERVER_SPARE_MAX = 64,      /* requests and buffers kept for the next */
    OUT_FLUSH = 65536,          /* this many bytes of answers are sent without waiting for more */
    PEER_SLICE = 262144,        /* bytes for which a peer has its time, each way */
    OUT_KEEP = 262144,          /* a larger buffer is not kept */
};

/* Answers on their way out; only while there are some. */
struct out {
    struct out *next_spare;
    struct writer w;
};

/* One bide_app_run(). */
struct server {
    bide_app *app;
    struct head_limits limits;
    size_t body_max;
    double idle, slow;
    bide_listener *listener;
    bide_semaphore room;        /* connections */
    bide_group *peers;
    struct peer *idlers;        /* connections that wait for a request */
    struct bide_request *spare_requests;
    struct out *spare_outs;
    size_t spare_request_count, spare_out_count;
    bool stopping;
    int64_t dated;              /* the second that date tells */
    char date[DATE_SIZE];
};

struct peer {
    struct server *server;
    bide_stream *stream;
    bide_permit *permit;
    struct out *out;            /* NULL: nothing to send */
    struct peer *next, *prev;   /* among the idle ones */
    bide_scope *idle;           /* around its waiting for a request */
    bool close;                 /* after what is being answered */
    bool linger;                /* the client may still be sending: let it read our answer */
};

/* Answers requests until the connection ends: a task's life; frees the peer. */
BIDE_WAITS int bide__peer_serve(void *peer);
/* Sends what is waiting to go out. */
BIDE_WAITS int bide__peer_flush(struct peer *peer);
/* Sends these pieces; BIDE_ETIMEDOUT: the client takes nothing, for as long as it may be idle. */
BIDE_WAITS int bide__peer_send(struct peer *peer, struct iovec *pieces, int count);
/* Memory for answers; NULL: out of memory. */
struct writer *bide__peer_out(struct peer *peer);

struct bide_request *bide__server_request(struct server *server, struct peer *peer);
void bide__server_keep_request(struct server *server, struct bide_request *req);
struct out *bide__server_out(struct server *server);
void bide__server_keep_out(struct server *server, struct out *out);
void bide__server_free_spares(struct server *server);
/* "Date: ...", for this second. */
const char *bide__server_date(struct server *server);

/* Forgets the headers added so far: they were for another answer. */
void bide__respond_anew(bide_request *req);
/* Answers in the library's own words: "<status> <reason>\n<why>\n". */
void bide__respond_error(bide_request *req, int status, const char *why);
/* Ends a response that was streamed, or none: after the handler. */
BIDE_WAITS int bide__respond_end(bide_request *req);

#endif
