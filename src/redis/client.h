/* A client from inside: where its server is, the connection that all share, and the others. */
#ifndef REDIS_CLIENT_H
#define REDIS_CLIENT_H
#include "redis/link.h"
#include "redis/shared.h"

#include <bide/scope.h>

/* A task that makes a connection; on its stack. */
struct attempt { struct attempt *next, **at; bide_scope *scope; };
/* The connections that are one task's at a time. */
struct redis_pool {
    struct redis_link *idle, *used;
    struct attempt *attempts;   /* they end with the client */
    struct waitlist line;       /* who waits for one, or for room to make one */
    size_t open, idle_count, waiting;   /* open: also those that are being made */
};

struct bide_redis {
    struct bide_redis_opts opts;        /* its texts are not kept */
    struct redis_place place;
    struct shared shared;
    struct redis_pool pool;
    bide_group *group;
    size_t users;               /* calls and objects that will look at it again */
    uint64_t random, connected;
    bool closed, emptied;       /* by its program; its group has no task left */
};

/* Reads the URL into a place, which is to be ended also when this fails. */
int bide__place_read(struct redis_place *place, const struct bide_redis_opts *opts);
void bide__place_end(struct redis_place *place);

/* A use of it begins: 0, or BIDE_ECLOSED or what was held, on NULL.  And ends. */
int bide__redis_hold(bide_redis *redis);
void bide__redis_drop(bide_redis *redis);

/* Seconds until the next attempt after so many failed ones. */
double bide__redis_pause(bide_redis *redis, size_t failed);
/* Adds to the failure that is held, unless it is a cancellation, that what was asked for may have
 * been done; rc. */
int bide__redis_unknown(int rc);
/* Is it of no use to try again after the failure that is held? */
bool bide__redis_is_final(void);

/* A connection of one's own.  NULL: BIDE_ECLOSED, BIDE_ETIMEDOUT, or why none could be made. */
BIDE_WAITS struct redis_link *bide__redis_pool_take(bide_redis *redis);
/* Comes back, clean or to be closed. */
void bide__redis_pool_give(bide_redis *redis, struct redis_link *link, bool clean);
/* Closes what is idle, cuts what is used, refuses who waits. */
void bide__redis_pool_close(bide_redis *redis);

/* Commands on a connection of their own, which it takes and gives back; as bide__link_ask(). */
BIDE_WAITS int bide__own_ask(bide_redis *redis, const struct bytes *out,
                             bide_redis_reply **replies, size_t count);

#endif
