/* Token buckets of many clients, so many at most.
 *
 * A bucket is one moment: when it will be full again.  Nothing is refilled, so no error adds up,
 * and a client that has been silent long enough is as if it had never been.  Clients are known by
 * a keyed hash of their names alone, which strangers cannot aim at.  All memory is taken at the
 * beginning.  Belongs to no loop: any thread, one at a time. */
#ifndef BIDE_WEB_RATE_TABLE_H
#define BIDE_WEB_RATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_entry;

struct rate_table {
    double per_second, burst;
    uint32_t count, max, places;        /* entries, and places of the index, a power of two */
    uint32_t first, last;               /* by use: the one used last, the one silent for longest */
    uint64_t key[2];
    struct rate_entry *entries;         /* from 1 on */
    uint32_t *index;                    /* the first of each chain; 0: none */
};

/* What a client has left. */
struct rate_left {
    bool allowed;
    double tokens;              /* after this one */
    double full;                /* seconds until all are there again */
    double wait;                /* not allowed: seconds until one is there */
};

/* 0, or BIDE_ENOMEM. */
int bide__rate_table_start(struct rate_table *t, double per_second, double burst, uint32_t max);
/* Takes a token of that client's, if there is one.  now: seconds, by any clock. */
struct rate_left bide__rate_table_take(struct rate_table *t, const void *name, size_t size,
                                       double now);
void bide__rate_table_end(struct rate_table *t);

#endif
