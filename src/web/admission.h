/* How many connections each client has: who counts as one is its address, in IPv6 its /64.
 *
 * The workers of a run count together, in shards with a lock each, so that they seldom meet.  One
 * that is alone takes none. */
#ifndef BIDE_WEB_ADMISSION_H
#define BIDE_WEB_ADMISSION_H

#include "base/table.h"

#include <pthread.h>
#include <stdint.h>

enum { CLIENT_TEXT = 46 };      /* INET6_ADDRSTRLEN */

/* A client's address in little space. */
struct client_address {
    uint16_t family;            /* AF_INET, AF_INET6; 0: something else */
    uint16_t port;
    uint32_t scope;
    uint8_t ip[16];
};

/* Writes it as it is read: digits, or "unix". */
void bide__client_write(const struct client_address *client, char text[CLIENT_TEXT]);

enum { ADMISSION_SHARDS = 16 };

struct admission_shard {
    pthread_mutex_t lock;
    struct table counts;        /* by client; those with none are not in it */
};
struct admission {
    bool shared;                /* by several threads */
    struct admission_shard shards[ADMISSION_SHARDS];
};

void bide__admission_begin(struct admission *a, bool shared);
/* Counts a connection in; false: it has `max` already, or memory is out. */
bool bide__admission_enter(struct admission *a, const struct client_address *client, size_t max);
void bide__admission_leave(struct admission *a, const struct client_address *client);
void bide__admission_end(struct admission *a);

#endif
