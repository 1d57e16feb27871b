/* A batch from inside: what was added, and the connection that watches.
 *
 * Where that connection is lost, what was watched no longer is.  The batch is spoiled then: what
 * was to depend on it must not be done unguarded by another connection. */
#ifndef REDIS_BATCH_H
#define REDIS_BATCH_H
#include "redis/client.h"

enum { AROUND = 2 };            /* commands: MULTI and EXEC */

/* What was added since it was sent last. */
struct load {
    struct bytes out;
    size_t count;               /* commands */
    struct bide_error failed;   /* why one could not be added; code 0: none */
    bool waits;                 /* one of them makes a connection wait */
};
struct bide_redis_batch {
    bide_redis *redis;
    struct load load;
    struct redis_link *link;    /* that watches; NULL: nothing is watched */
    bool asking;                /* a task is at it */
};

/* The batch is empty from now on, while what was in it is sent. */
struct load bide__batch_unload(bide_redis_batch *batch);
/* It will not be sent, for what is held; what was first counts. */
void bide__batch_spoil(bide_redis_batch *batch);
/* The connection that watches, if there is one, goes back: clean if nothing is watched any more. */
void bide__batch_let_go(bide_redis_batch *batch, bool clean);
/* The connection that watches failed, as is held: it goes, and the batch is spoiled. */
void bide__batch_lose_watch(bide_redis_batch *batch);
/* Asks on the connection that watches; BIDE_EBUSY: another task does. */
BIDE_WAITS int bide__batch_ask_watching(bide_redis_batch *batch, const struct bytes *out,
                                        bide_redis_reply **replies, size_t count, bool waits);
/* As many replies, in memory to be freed; NULL: it failed. */
BIDE_WAITS bide_redis_reply **bide__batch_ask(bide_redis_batch *batch, const struct load *load);

#endif
