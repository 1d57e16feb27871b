/* The hosts of a pool: found by route, and those somebody waits for in the order of arrival.
 * Used by pool.c alone. */
#ifndef BIDE_HTTP_POOL_HOSTS_H
#define BIDE_HTTP_POOL_HOSTS_H

#include "http/pool.h"

/* One place in the line; lives on the waiter's stack. */
struct ticket {
    struct wait wait;
    struct pool *pool;
    struct host *host;
    struct connection *given;   /* set by who ends the wait with 0 */
    uint64_t number;
};

int bide__hosts_open(struct pool *pool);
void bide__hosts_free(struct pool *pool);
/* The route's host, made if it is new; NULL: out of memory, or the route says too much. */
struct host *bide__hosts_get(struct pool *pool, const struct route *route);
/* Somebody is about to join the host's line. */
void bide__hosts_waiter_comes(struct pool *pool, struct host *host, uint64_t number);
/* Its line or its number of connections has changed.  Frees the host if nobody needs it. */
void bide__hosts_changed(struct pool *pool, struct host *host);
/* The host that has room and whose first waiter came first; NULL: nobody waits for room. */
struct host *bide__hosts_first_ready(const struct pool *pool);
/* The number of the host's first waiter, who must be there. */
uint64_t bide__hosts_ticket(const struct host *host);

#endif
