/* A reply in memory: its root and, behind it, all that it is made of, in few pieces.
 *
 * Elements lie in one array, texts beside them; a text alone is one allocation. */
#ifndef REDIS_REPLY_H
#define REDIS_REPLY_H
#include <bide/error.h>
#include <bide/redis.h>

struct bide_redis_reply {
    uint8_t type;               /* enum bide_redis_type */
    size_t size;                /* bytes of a text, or how many elements */
    union {
        int64_t number;         /* also a truth */
        double real;
        const char *text;
        bide_redis_reply *items;
    };
};

/* More memory of a reply. */
struct reply_chunk { struct reply_chunk *next; size_t room, used; };
struct reply_root {
    bide_redis_reply reply;     /* first */
    struct reply_chunk *chunks; /* the newest first */
    char *spare;                /* room behind the root itself */
    size_t spare_size;
};

/* A root with room for so many bytes behind it; NULL: out of memory, without a sentence. */
struct reply_root *bide__reply_root(size_t room);
/* So many bytes, aligned for elements. */
void *bide__reply_room(struct reply_root *root, size_t size);
/* An array of replies, all of which it takes over, also when it fails (out of memory, held). */
bide_redis_reply *bide__reply_gather(bide_redis_reply **replies, size_t count);
/* Does an error begin with this word ("NOSCRIPT")? */
bool bide__reply_is_error(const bide_redis_reply *r, const char *word);
/* An error becomes BIDE_EDB, held, and is freed: NULL.  Else r. */
bide_redis_reply *bide__reply_judge(bide_redis_reply *r);

#endif
