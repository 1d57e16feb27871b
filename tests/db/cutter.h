/* tests/db/cutter.h -- a proxy before a real server that breaks connections at an exact byte.
 *
 *     CUTTER(cutter, "127.0.0.1:5432");           // or "unix:/run/..."; runs in the test's loop
 *     ... connect to 127.0.0.1, port cutter.port: everything goes through ...
 *     cutter_arm(&cutter, CUTTER_TO_CLIENT, 100, CUTTER_RESET);
 *     ... the connection dies after its 100th byte to the client ...
 *     CHECK(cutter.struck);
 *     CUTTER_END(cutter);
 *
 * The first connection that comes to its Nth byte in the armed direction is cut: exactly N bytes
 * have been passed on there, and in the other direction what had come before.  Bytes are counted
 * from a connection's beginning; 0 cuts it as soon as a byte is to be passed on there, and so does
 * an N that an open connection is beyond already.  Then the cutter is disarmed (struck is true), so
 * whatever connects next gets through: a pool that replaces its connection is seen to work.
 * cutter.passed tells how many bytes went each way on the newest connection; a run without a cut
 * so tells how many there are to be tried.
 *
 * The proxy is tasks of the test's loop, so its clock must be the real one where the server is
 * another process; a client that blocks its thread is fine, as long as it is not the loop's. */
#ifndef TESTS_DB_CUTTER_H
#define TESTS_DB_CUTTER_H

#include "test.h"

#include <bide/group.h>
#include <bide/net.h>
#include <bide/stream.h>
#include <bide/sync.h>
#include <bide/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum cutter_way { CUTTER_TO_SERVER, CUTTER_TO_CLIENT };
/* What the client finds. */
enum cutter_end {
    CUTTER_CLOSE,               /* both sides closed, as by a process that dies */
    CUTTER_RESET,               /* the client's side broken (RST), the server's closed */
    CUTTER_HALF_CLOSE,          /* the end in the armed direction alone; the other one goes on */
    CUTTER_STALL,               /* silence both ways, until cutter_release() or the end */
    CUTTER_ENDS,                /* how many they are */
};

struct cutter {
    const char *server;         /* where it really is */
    int port;                   /* where clients go */
    bool armed;
    enum cutter_way way;
    size_t after;
    enum cutter_end end;
    bool struck;                /* it has cut since it was armed */
    unsigned connections;       /* that came so far */
    unsigned open;              /* that have not ended */
    size_t passed[2];           /* on the newest one, by enum cutter_way */
    bide_listener *listener;
    bide_event released;        /* stalled connections may end */
};

/* The next connection to have passed `after` bytes that way is cut. */
static inline void cutter_arm(struct cutter *c, enum cutter_way way, size_t after,
                                               enum cutter_end end)
{
    bide_event_clear(&c->released);
    c->armed = true;
    c->struck = false;
    c->way = way;
    c->after = after;
    c->end = end;
}

/* Nothing is cut any more; what is stalled is closed. */
static inline void cutter_release(struct cutter *c)
{
    c->armed = false;
    bide_event_set(&c->released);
}

/* ---- one connection -------------------------------------------------------------------------- */

struct cutter_pair {
    struct cutter *cutter;
    unsigned number;            /* of the connection */
    bide_stream *client, *server;
    bool stalled;
};
struct cutter_lane { struct cutter_pair *pair; enum cutter_way way; };
enum { CUTTER_OVER = -ECONNABORTED };   /* ends the other lane as well */

static inline void cutter_reset(bide_stream *s)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    CHECK_EQ(setsockopt(bide_stream_fd(s), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
}

/* How many of the bytes that are to be passed on now may be. */
static inline size_t cutter_share(const struct cutter_lane *lane, size_t passed, size_t size)
{
    const struct cutter *c = lane->pair->cutter;
    if (!c->armed || c->way != lane->way)
        return size;
    size_t left = c->after > passed ? c->after - passed : 0;
    return size < left ? size : left;
}

static inline bool cutter_is_due(const struct cutter_lane *lane, size_t passed)
{
    const struct cutter *c = lane->pair->cutter;
    return c->armed && c->way == lane->way && passed >= c->after;
}

BIDE_WAITS static inline int cutter_strike(struct cutter_lane *lane, bide_stream *to)
{
    struct cutter_pair *pair = lane->pair;
    struct cutter *c = pair->cutter;
    c->armed = false;
    c->struck = true;
    if (c->end == CUTTER_HALF_CLOSE)
        return bide_write_end(to);
    if (c->end == CUTTER_RESET)
        cutter_reset(pair->client);
    pair->stalled = c->end == CUTTER_STALL;
    return CUTTER_OVER;
}

BIDE_WAITS static inline int cutter_pass(struct cutter_lane *lane, bide_stream *to,
                                         const char *bytes, size_t size, size_t *passed)
{
    struct cutter_pair *pair = lane->pair;
    size_t share = cutter_share(lane, *passed, size);
    int rc = share ? bide_write(to, bytes, share) : 0;
    *passed += share;
    if (pair->number == pair->cutter->connections)
        pair->cutter->passed[lane->way] = *passed;
    return rc;
}

/* Passes on what comes from one side, and its end. */
static inline int cutter_carry(void *arg)
{
    struct cutter_lane *lane = arg;
    bool up = lane->way == CUTTER_TO_SERVER;
    bide_stream *from = up ? lane->pair->client : lane->pair->server;
    bide_stream *to = up ? lane->pair->server : lane->pair->client;
    char bytes[4096];
    size_t passed = 0;
    ssize_t got;
    while ((got = bide_read(from, bytes, sizeof bytes)) > 0) {
        int rc = cutter_pass(lane, to, bytes, (size_t)got, &passed);
        if (rc < 0)
            return rc;
        if (cutter_is_due(lane, passed))
            return cutter_strike(lane, to);
    }
    return got < 0 ? (int)got : bide_write_end(to);
}

/* waits: for both lanes */
static inline void cutter_talk(struct cutter_pair *pair)
{
    BIDE_GROUP(lanes);
    bide_spawn_with(lanes, cutter_carry, struct cutter_lane, .pair = pair,
                    .way = CUTTER_TO_SERVER);
    bide_spawn_with(lanes, cutter_carry, struct cutter_lane, .pair = pair,
                    .way = CUTTER_TO_CLIENT);
    bide_ignore(bide_group_wait(lanes));        /* a side that is lost ends the other */
}

static inline int cutter_serve(bide_stream *client, void *arg)
{
    struct cutter *c = arg;
    struct cutter_pair pair = { .cutter = c, .number = ++c->connections, .client = client };
    c->passed[CUTTER_TO_SERVER] = c->passed[CUTTER_TO_CLIENT] = 0;
    c->open++;
    pair.server = bide_connect(c->server);
    if (pair.server)
        cutter_talk(&pair);
    if (pair.stalled)
        bide_ignore(bide_event_wait(&c->released));
    bide_stream_close(pair.server);
    c->open--;
    return 0;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static inline int cutter_accept(void *arg)
{
    struct cutter *c = arg;
    return bide_serve(c->listener, cutter_serve, c);
}

static inline void cutter_open(struct cutter *c, bide_group *g)
{
    c->listener = bide_listen("127.0.0.1:0");
    CHECK(c->listener != NULL);
    c->port = atoi(strrchr(bide_listener_address(c->listener), ':') + 1);
    CHECK_EQ(bide_spawn(g, cutter_accept, c), 0);
}

/* Declares `struct cutter name`, before the server at this address; in a task. */
#define CUTTER(name, address) \
    struct cutter name = { .server = (address) }; \
    BIDE_KEEP_GOING(name##_group); \
    cutter_open(&name, name##_group)
/* Ends it and its connections. */
#define CUTTER_END(name) \
    do { \
        cutter_release(&name); \
        bide_group_cancel(name##_group); \
        bide_ignore(bide_group_wait(name##_group)); \
        bide_listener_close((name).listener); \
    } while (0)

#endif
