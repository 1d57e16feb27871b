/* One connection to a server, logged in: bytes out, replies in. */
#ifndef REDIS_LINK_H
#define REDIS_LINK_H
#include "redis/command.h"
#include "redis/decoder.h"

#include <bide/stream.h>

struct redis_link {
    struct redis_link *next, *prev;     /* the pool's: idle, or used */
    bide_stream *stream;
    struct decoder decoder;
    bool resp3;
};

/* What a link is made of; texts are the client's. */
struct redis_place {
    char *address;              /* "host:port", "unix:path" */
    char *host;                 /* the name to verify */
    char *user, *password, *name, *database;    /* NULL: none */
    bool secure;
    bide_tls *tls;
    double heartbeat;           /* seconds of silence until the system looks for the server */
};

/* Connects, and logs in.  NULL: why not; BIDE_EDB is the server's word, "redis: WRONGPASS ...". */
BIDE_WAITS struct redis_link *bide__link_open(const struct redis_place *place, size_t reply_max,
                                              double timeout);
/* The next reply; *reply is yours.  0, or < 0: the link is good for nothing more. */
BIDE_WAITS int bide__link_read(struct redis_link *link, bide_redis_reply **reply);
/* Writes commands and reads as many replies; on failure those that came are freed. */
BIDE_WAITS int bide__link_ask(struct redis_link *link, const struct bytes *out,
                              bide_redis_reply **replies, size_t count);
void bide__link_close(struct redis_link *link);

#endif
