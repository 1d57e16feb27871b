/* What hiredis's reader calls for each part of a reply.
 *
 * A part lies in its parent's array of elements already; the root is made when its first byte has
 * come.  Nothing is freed by the reader: a reply that fails half-way is freed whole, by us.
 *
 * RESP3's attributes are refused.  They stand before the value that they are about and are not
 * counted; the reader takes them for values, and so each reply behind one would be another's. */
#include "redis/decoder.h"

#include "base/memory.h"

#include <read.h>               /* hiredis, whose version REDIS_REPLY_MAP tells: 1.0 has it */
#include <string.h>

#ifdef REDIS_REPLY_MAP
typedef size_t element_count;
const bool bide__decoder_reads_resp3 = true;
#else
typedef int element_count;
const bool bide__decoder_reads_resp3 = false;
#endif

/* ---- the parts ------------------------------------------------------------------------------- */

/* Counts memory before it is taken: what a server announces need not come. */
static bool afford(struct decoder *d, size_t size)
{
    if (size <= d->most - d->used) {
        d->used += size;
        return true;
    }
    d->too_large = true;
    return false;
}

/* The place of a part, with room behind it if it is the root. */
static bide_redis_reply *place(const redisReadTask *task, size_t room)
{
    struct decoder *d = task->privdata;
    if (!afford(d, room))
        return NULL;
    if (task->parent) {
        bide_redis_reply *parent = task->parent->obj;
        return &parent->items[task->idx];
    }
    d->root = bide__reply_root(room);
    d->lacking = !d->root;
    return d->root ? &d->root->reply : NULL;
}

static void *room(struct decoder *d, size_t size)
{
    void *at = bide__reply_room(d->root, size);
    d->lacking = !at;
    return at;
}

static void *create_text(const redisReadTask *task, char *text, size_t size)
{
    bide_redis_reply *r = place(task, size + 1);
    char *copy = r ? room(task->privdata, size + 1) : NULL;
    if (!copy)
        return NULL;
#ifdef REDIS_REPLY_MAP
    if (task->type == REDIS_REPLY_VERB && size >= 4) {  /* "txt:" */
        text += 4;
        size -= 4;
    }
#endif
    memcpy(copy, text, size);
    copy[size] = '\0';
    *r = (bide_redis_reply){ .type = BIDE_REDIS_TEXT, .size = size, .text = copy };
    if (task->type == REDIS_REPLY_STATUS)
        r->type = BIDE_REDIS_STATUS;
    if (task->type == REDIS_REPLY_ERROR)
        r->type = BIDE_REDIS_ERROR;
    return r;
}

static enum bide_redis_type type_of(const redisReadTask *task)
{
#ifdef REDIS_REPLY_MAP
    if (task->type == REDIS_REPLY_MAP)
        return BIDE_REDIS_MAP;
    if (task->type == REDIS_REPLY_SET)
        return BIDE_REDIS_SET;
    if (task->type == REDIS_REPLY_PUSH)
        return BIDE_REDIS_PUSH;
#else
    (void)task;
#endif
    return BIDE_REDIS_ARRAY;
}

static bool is_attribute(const redisReadTask *task)
{
#ifdef REDIS_REPLY_ATTR
    return task->type == REDIS_REPLY_ATTR;
#else
    (void)task;
    return false;
#endif
}

static void *create_array(const redisReadTask *task, element_count count)
{
    struct decoder *d = task->privdata;
    d->attribute = is_attribute(task);
    if (d->attribute)
        return NULL;
    size_t most = d->most / sizeof(bide_redis_reply);
    size_t size = (size_t)count > most ? SIZE_MAX : (size_t)count * sizeof(bide_redis_reply);
    bide_redis_reply *r = place(task, size);
    bide_redis_reply *items = r ? room(d, size) : NULL;
    if (!items)
        return NULL;
    memset(items, 0, size);
    *r = (bide_redis_reply){ .type = (uint8_t)type_of(task), .size = (size_t)count,
                             .items = items };
    return r;
}

static void *create_number(const redisReadTask *task, long long number)
{
    bide_redis_reply *r = place(task, 0);
    if (r)
        *r = (bide_redis_reply){ .type = BIDE_REDIS_INT, .number = number };
    return r;
}

static void *create_nothing(const redisReadTask *task)
{
    bide_redis_reply *r = place(task, 0);
    if (r)
        *r = (bide_redis_reply){ .type = BIDE_REDIS_NULL };
    return r;
}

#ifdef REDIS_REPLY_MAP
static void *create_real(const redisReadTask *task, double real, char *text, size_t size)
{
    (void)text;
    (void)size;
    bide_redis_reply *r = place(task, 0);
    if (r)
        *r = (bide_redis_reply){ .type = BIDE_REDIS_REAL, .real = real };
    return r;
}

static void *create_truth(const redisReadTask *task, int truth)
{
    bide_redis_reply *r = place(task, 0);
    if (r)
        *r = (bide_redis_reply){ .type = BIDE_REDIS_BOOL, .number = truth != 0 };
    return r;
}
#endif

static void free_nothing(void *r)
{
    (void)r;
}

static redisReplyObjectFunctions functions = {
    .createString = create_text,
    .createArray = create_array,
    .createInteger = create_number,
    .createNil = create_nothing,
#ifdef REDIS_REPLY_MAP
    .createDouble = create_real,
    .createBool = create_truth,
#endif
    .freeObject = free_nothing,
};

/* ---- the reader ------------------------------------------------------------------------------ */

int bide__decoder_open(struct decoder *d, size_t most)
{
    *d = (struct decoder){ .reader = redisReaderCreateWithFunctions(&functions), .most = most };
    if (!d->reader)
        return bide_fail(BIDE_ENOMEM, "redis: out of memory");
    d->reader->privdata = d;
#ifdef REDIS_REPLY_MAP
    d->reader->maxelements = 0;         /* afford() decides */
#endif
    return 0;
}

static int refuse(struct decoder *d)
{
    if (d->too_large)
        return bide_fail(BIDE_ELIMIT, "redis: a reply of more than %zu bytes", d->most);
    if (d->attribute)
        return bide_fail(BIDE_EDB, "redis: the server sent an attribute, which is not understood");
    if (d->lacking || d->reader->err == REDIS_ERR_OOM)
        return bide_fail(BIDE_ENOMEM, "redis: out of memory for a reply");
    return bide_fail(BIDE_EDB, "redis: the server does not keep to the protocol: %s",
                     d->reader->errstr);
}

int bide__decoder_feed(struct decoder *d, const char *data, size_t size)
{
    size_t buffered = d->reader->len - d->reader->pos;
    d->too_large = buffered > d->most;
    if (d->too_large || redisReaderFeed(d->reader, data, size) != REDIS_OK)
        return refuse(d);
    return 0;
}

int bide__decoder_next(struct decoder *d, bide_redis_reply **reply)
{
    void *made = NULL;
    if (redisReaderGetReply(d->reader, &made) != REDIS_OK)
        return refuse(d);
    if (!made)
        return 0;
    *reply = made;
    d->root = NULL;
    d->used = 0;
    return 1;
}

bool bide__decoder_is_empty(const struct decoder *d)
{
    return d->reader->pos == d->reader->len && !d->root;
}

void bide__decoder_close(struct decoder *d)
{
    if (d->root)
        bide_redis_reply_free(&d->root->reply);
    if (d->reader)
        redisReaderFree(d->reader);
    *d = (struct decoder){ 0 };
}
