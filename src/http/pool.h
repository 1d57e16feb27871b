/* The connections of a session: who has one, who keeps one for later, who waits.
 *
 * At most `limit` connections in all and `limit_per_host` for one origin, idle ones included.  Who
 * finds no room waits: in order of arrival per host, and over all hosts in that order too.  A
 * connection that is given back goes straight to the first waiter that can use it, as it is
 * or, for another host, as the room that it leaves; so newcomers cannot overtake, and whenever
 * somebody waits for room in the whole pool, nothing is idle.
 *
 * The newest idle connection is used first (it is the least likely to have been closed
 * meanwhile); the oldest is closed first when room is needed or its time is over. */
#ifndef BIDE_HTTP_POOL_H
#define BIDE_HTTP_POOL_H

#include "core/task.h"
#include "http/url.h"

#include <bide/stream.h>

struct pool;

/* One origin. */
struct host {
    struct host *next;          /* in its bucket */
    struct waitlist waiters;
    struct connection *newest, *oldest;     /* idle ones */
    uint32_t open;              /* connections, idle and being made ones too */
    uint32_t place;             /* in pool->ready, from 1; 0: not there */
    uint64_t first;             /* the number of its first waiter, when it had one last */
    uint32_t hash;
    uint16_t origin_size;
    uint16_t fields_size;
    char *fields;               /* what every request there begins with; the session's matter */
    char origin[];
};

struct connection {
    struct pool *pool;
    struct host *host;
    bide_stream *stream;        /* NULL: still to be made */
    struct connection *newer, *older;           /* idle, of this host */
    struct connection *newer_of_all, *older_of_all;
    double since;               /* idle since then */
    bool reused;                /* has carried a request before */
};

struct pool {
    struct host **buckets;
    size_t bucket_count, host_count;    /* bucket_count: a power of two */
    struct host **ready;        /* heap: hosts with a waiter and room for it; first waiter first */
    size_t ready_count;
    size_t open, limit, limit_per_host;
    struct connection *newest, *oldest;         /* idle ones of all hosts */
    struct connection *spare;   /* structs without a connection, linked by newer */
    uint64_t tickets;           /* handed out so far */
    double keep_alive;
    bool closed;
};

/* All zero but the options before. */
int bide__pool_open(struct pool *pool);
/* Closes what is idle; nothing may be in use. */
void bide__pool_free(struct pool *pool);
/* Closes what is idle, now; what is in use is closed when it comes back. */
void bide__pool_close(struct pool *pool);
/* A connection to the URL's origin for this task alone, waiting in line for it.  Its stream may be
 * NULL: then there is room for it, and it has to be made.  careful: ask the system whether
 * a kept one is still good. */
BIDE_WAITS struct connection *bide__pool_take(struct pool *pool, const struct url *url,
                                              bool careful);
/* Gives it back; reusable: its stream stands between two messages. */
void bide__pool_give(struct connection *connection, bool reusable);

#endif
