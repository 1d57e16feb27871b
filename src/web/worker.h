/* One loop that serves an application, and the run that it belongs to. */
#ifndef BIDE_WEB_WORKER_H
#define BIDE_WEB_WORKER_H

#include "core/alarm.h"
#include "http/head_memo.h"
#include "web/answer_head.h"
#include "web/app.h"
#include "web/lifecycle.h"
#include "web/relay.h"
#include "web/request_memo.h"

#include <bide/group.h>
#include <bide/sync.h>

enum {
    SPARE_MAX = 64,             /* requests and buffers kept for the next */
    OUT_FLUSH = 65536,          /* this many bytes of answers are sent without waiting for more */
    OUT_KEEP = 262144,          /* a larger buffer is not kept */
    SLICE = 262144,             /* bytes for which a client has its time, each way */
};

/* Answers on their way out; only while there are some. */
struct out {
    struct out *next_spare;
    struct writer w;
};

struct access_format;
struct access_log;
struct connection;
struct file_cache;
struct networks;
struct http1;
struct run;

/* The options in effect; shared by the workers of a run. */
struct serving {
    struct head_limits limits;
    size_t body_max, connections, per_address, requests;
    double idle, slow, grace, cleanup;
    const char *server_header;
    int access_log;             /* enum bide_access_log */
    const struct access_format *access_format;  /* the run's; NULL: none */
    void (*access_line)(void *arg, const char *line, size_t size);
    void *access_arg;
    const struct networks *trusted;     /* proxies; the run's; NULL: none */
};

/* A ring of connections without a task, who was parked first at its head. */
struct parked {
    struct connection *head;
};

struct bide_worker {
    bide_app *app;
    const struct serving *serving;
    struct run *run;
    unsigned index;
    bide_group *front;          /* what accepts: cancelled with who runs the application */
    bide_group *busy;           /* the tasks of connections */
    struct lifecycle lifecycle; /* what the application starts and ends */
    struct parked parked;       /* between requests */
    struct parked sockets;      /* WebSockets between messages */
    struct parked starved;      /* those for which no task could be had: they wait for the alarm */
    struct relay relay;         /* those that have woken, and their tasks */
    struct http1 *upgraded;     /* who has switched to another protocol, and is in a handler */
    struct http1 *stopped;      /* those of them that know that the application stops */
    struct waiting *waiting;    /* tasks between requests: where there is nothing to park */
    bide_event room;            /* set when there may be room for a connection: web/room.h */
    bide_event stop;            /* set to stop */
    struct alarm alarm;         /* closes what was idle for too long */
    struct access_log *log;     /* NULL: none */
    struct bide_request *told;  /* requests with an event for their client's going */
    struct bide_request *spare_requests;
    struct out *spare_outs;
    size_t spare_request_count, spare_out_count;
    struct file_cache *files;   /* by root; web/file_cache.h */
    bool stopping;
    struct head_memo memo;      /* blocks of fields that came before */
    struct request_memo known;  /* and whole requests */
    struct beginnings beginnings;       /* of answers */
};

/* Serves until it is cancelled or stopped, gracefully: 0, BIDE_ECANCELED, or why it could not. */
BIDE_WAITS int bide__worker_serve(struct bide_worker *worker);

/* A request as new, for an exchange; NULL: out of memory. */
struct bide_request *bide__worker_request(struct bide_worker *worker);
void bide__worker_keep_request(struct bide_worker *worker, struct bide_request *req);
/* Memory for answers; NULL: out of memory. */
struct out *bide__worker_out(struct bide_worker *worker);
void bide__worker_keep_out(struct bide_worker *worker, struct out *out);
void bide__worker_free_spares(struct bide_worker *worker);

#endif
