/* The connections of a session: who has one, who keeps one for later, who waits.
 *
 * What is taken and given is a place for one request on a connection.  With HTTP/1.1 a connection
 * has one; with a protocol that has streams, many (bide__pool_set_streams).  A connection is idle
 * when none of its places is taken.
 *
 * At most `limit` connections in all and `limit_per_host` for one origin, idle ones included.  Who
 * finds no room waits: in order of arrival per host, and over all hosts in that order too.  A
 * connection that is given back goes straight to the first waiter that can use it, as it is
 * or, for another host, as the room that it leaves; so newcomers cannot overtake, and whenever
 * somebody waits for room in the whole pool, nothing is idle.
 *
 * The newest idle connection is used first (it is the least likely to have been closed
 * meanwhile); the oldest is closed first when room is needed.  One whose time is over is closed
 * by an alarm.  The alarm is not taken back when its connection is used: it rings for nothing then,
 * once, which is cheaper than setting it at every request. */
#ifndef BIDE_HTTP_POOL_H
#define BIDE_HTTP_POOL_H

#include "core/alarm.h"
#include "http/route.h"

#include <bide/stream.h>

struct pool;
struct protocol;

/* One route: an origin, and whatever else tells its connections from others. */
struct host {
    struct host *next;          /* in its bucket */
    struct waitlist waiters;
    struct connection *newest, *oldest;     /* idle ones */
    struct connection *shared;  /* in use, with places for more streams */
    uint32_t open;              /* connections, idle and being made ones too */
    uint32_t place;             /* in pool->ready, from 1; 0: not there */
    uint64_t first;             /* the number of its first waiter, when it had one last */
    uint32_t hash;
    uint16_t key_size;
    uint16_t fields_size;
    char *fields;               /* what every request there begins with; the session's matter */
    char key[];                 /* route.h */
};

struct connection {
    struct pool *pool;
    struct host *host;
    bide_stream *stream;        /* NULL: still to be made */
    const struct protocol *protocol;    /* NULL: HTTP/1.1 */
    struct connection *newer, *older;           /* idle, or shared, of this host */
    struct connection *newer_of_all, *older_of_all;
    int64_t since_ns, until_ns; /* idle since, and kept until then */
    int64_t keep_ns;            /* how long it is kept */
    uint32_t streams_open, streams_max;         /* requests on it now, and at most; 1: HTTP/1.1 */
    uint32_t requests_left;     /* that it may still carry */
    bool reused;                /* has carried a request before */
    bool is_shared;             /* in host->shared */
    bool ending;                /* takes no more streams, and is closed after the last */
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
    double keep_alive;          /* seconds */
    int64_t keep_ns;
    int64_t keep_least_ns;      /* of all connections so far: the server may want less */
    struct alarm alarm;         /* for the first idle one whose time is over */
    struct bide_tls *tls;       /* for routes that name none; NULL: made when first needed */
    struct proxy *proxy;        /* likewise; NULL: none */
    bool insecure;              /* what is made then verifies nobody */
    bool force_close;           /* no connection is used twice */
    bool closed;
    void (*on_wait)(const struct route *route); /* told before somebody waits; NULL: nobody is */
};

/* All zero but limit, limit_per_host, keep_alive, force_close, and tls, proxy, insecure, of which
 * the pool then owns tls. */
int bide__pool_open(struct pool *pool);
/* Closes what is idle; nothing may be in use. */
void bide__pool_free(struct pool *pool);
/* Closes what is idle, now; what is in use is closed when it comes back. */
void bide__pool_close(struct pool *pool);
/* A place for one request on a connection of that route, waiting in line for it.  Its stream may
 * be NULL: then there is room for a connection, and it has to be made.  careful: ask the system
 * whether a kept one is still good. */
BIDE_WAITS struct connection *bide__pool_take(struct pool *pool, const struct route *route,
                                              bool careful);
/* Gives the place back; reusable: the connection can carry another request. */
void bide__pool_give(struct connection *connection, bool reusable);
/* Closes its stream, so that another can be made in the same place. */
void bide__pool_renew(struct connection *connection);
/* What the server said of it (Keep-Alive: timeout=, max=): it is closed a second before the server
 * would, and after so many more requests.  seconds < 0, max < 0: it did not say. */
void bide__pool_note_keep_alive(struct connection *connection, double seconds, int64_t max);
/* It carries up to so many streams at a time from now on; those who wait get their places. */
void bide__pool_set_streams(struct connection *connection, uint32_t max);

#endif
