/* Replies from bytes: hiredis's reader, which builds our replies by way of its object functions. */
#ifndef REDIS_DECODER_H
#define REDIS_DECODER_H
#include "redis/reply.h"

struct redisReader;
struct decoder {
    struct redisReader *reader;
    struct reply_root *root;    /* of the reply that is being built */
    size_t used, most;          /* bytes of it */
    bool too_large, lacking, attribute;     /* why a part of it could not be made */
};

/* Can the reader read RESP3? */
extern const bool bide__decoder_reads_resp3;
/* 0, or BIDE_ENOMEM with the error held. */
int bide__decoder_open(struct decoder *d, size_t most);
/* Takes in what has come. */
int bide__decoder_feed(struct decoder *d, const char *data, size_t size);
/* The next whole reply: 1; 0: more must come; < 0: BIDE_EDB (not the protocol), BIDE_ELIMIT,
 * BIDE_ENOMEM, and the decoder is good for nothing more. */
int bide__decoder_next(struct decoder *d, bide_redis_reply **reply);
/* Is there nothing behind the last whole reply? */
bool bide__decoder_is_empty(const struct decoder *d);
void bide__decoder_close(struct decoder *d);

#endif
