/* Replies: their memory, and looking at them. */
#include "redis/reply.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_LEAST = 512, CHUNK_MOST = 65536, ALIGNED = sizeof(max_align_t) };

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t aligned(size_t size)
{
    return (size + ALIGNED - 1) / ALIGNED * ALIGNED;
}

struct reply_root *bide__reply_root(size_t room)
{
    size_t own = aligned(sizeof(struct reply_root));
    struct reply_root *root = bide__alloc(own + aligned(room));
    if (!root)
        return NULL;
    *root = (struct reply_root){ .spare = (char *)root + own, .spare_size = aligned(room) };
    return root;
}

static struct reply_chunk *chunk_for(struct reply_root *root, size_t size)
{
    struct reply_chunk *c = root->chunks;
    if (c && c->room - c->used >= size)
        return c;
    size_t room = c ? 2 * c->room : CHUNK_LEAST;
    if (room > CHUNK_MOST)
        room = CHUNK_MOST;
    if (room < size)
        room = size;
    c = bide__alloc(aligned(sizeof *c) + room);
    if (!c)
        return NULL;
    *c = (struct reply_chunk){ root->chunks, room, 0 };
    root->chunks = c;
    return c;
}

void *bide__reply_room(struct reply_root *root, size_t size)
{
    size = aligned(size);
    if (size <= root->spare_size) {
        char *at = root->spare;
        root->spare += size;
        root->spare_size -= size;
        return at;
    }
    struct reply_chunk *c = chunk_for(root, size);
    if (!c)
        return NULL;
    char *at = (char *)c + aligned(sizeof *c) + c->used;
    c->used += size;
    return at;
}

void bide_redis_reply_free(bide_redis_reply *r)
{
    struct reply_root *root = (struct reply_root *)(void *)r;
    while (root && root->chunks) {
        struct reply_chunk *c = root->chunks;
        root->chunks = c->next;
        bide__free(c);
    }
    bide__free(root);
}

/* The roots of the elements become chunks of the whole, for their texts lie behind them. */
static void take_over(struct reply_root *whole, size_t place, bide_redis_reply *r)
{
    struct reply_root *root = (struct reply_root *)(void *)r;
    struct reply_chunk *last = root->chunks;
    whole->reply.items[place] = *r;
    for (; last && last->next;)
        last = last->next;
    if (last) {
        last->next = whole->chunks;
        whole->chunks = root->chunks;
    }
    _Static_assert(sizeof(struct reply_chunk) <= sizeof(struct reply_root), "a root can be one");
    struct reply_chunk *emptied = (struct reply_chunk *)(void *)root;
    *emptied = (struct reply_chunk){ whole->chunks, 0, 0 };
    whole->chunks = emptied;
}

bide_redis_reply *bide__reply_gather(bide_redis_reply **replies, size_t count)
{
    struct reply_root *whole = bide__reply_root(count * sizeof **replies);
    if (!whole) {
        for (size_t i = 0; i < count; i++)
            bide_redis_reply_free(replies[i]);
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    whole->reply = (bide_redis_reply){ .type = BIDE_REDIS_ARRAY, .size = count };
    whole->reply.items = bide__reply_room(whole, count * sizeof **replies);
    for (size_t i = 0; i < count; i++)
        take_over(whole, i, replies[i]);
    return &whole->reply;
}

/* ---- errors ---------------------------------------------------------------------------------- */

bool bide__reply_is_error(const bide_redis_reply *r, const char *word)
{
    size_t size = strlen(word);
    return r && r->type == BIDE_REDIS_ERROR && r->size >= size && memcmp(r->text, word, size) == 0
           && (r->size == size || r->text[size] == ' ');
}

bide_redis_reply *bide__reply_judge(bide_redis_reply *r)
{
    if (!r || r->type != BIDE_REDIS_ERROR)
        return r;
    bide_fail(BIDE_EDB, "redis: %s", r->text);
    bide_redis_reply_free(r);
    return NULL;
}

/* ---- looking --------------------------------------------------------------------------------- */

static bool has_text(const bide_redis_reply *r)
{
    return r && (r->type == BIDE_REDIS_TEXT || r->type == BIDE_REDIS_STATUS ||
                 r->type == BIDE_REDIS_ERROR);
}

static bool has_items(const bide_redis_reply *r)
{
    return r && r->type >= BIDE_REDIS_ARRAY;
}

enum bide_redis_type bide_redis_type(const bide_redis_reply *r)
{
    return r ? (enum bide_redis_type)r->type : BIDE_REDIS_NULL;
}

bool bide_redis_is_null(const bide_redis_reply *r)
{
    return !r || r->type == BIDE_REDIS_NULL;
}

int64_t bide_redis_int(const bide_redis_reply *r, int64_t otherwise)
{
    if (r && (r->type == BIDE_REDIS_INT || r->type == BIDE_REDIS_BOOL))
        return r->number;
    if (!r || r->type != BIDE_REDIS_TEXT || !r->size)
        return otherwise;
    char *end;
    errno = 0;
    long long number = strtoll(r->text, &end, 10);
    return errno || end != r->text + r->size ? otherwise : number;
}

double bide_redis_real(const bide_redis_reply *r, double otherwise)
{
    if (r && r->type == BIDE_REDIS_REAL)
        return r->real;
    if (r && (r->type == BIDE_REDIS_INT || r->type == BIDE_REDIS_BOOL))
        return (double)r->number;
    if (!r || r->type != BIDE_REDIS_TEXT || !r->size)
        return otherwise;
    char *end;
    double real = strtod(r->text, &end);
    return end != r->text + r->size ? otherwise : real;
}

bool bide_redis_bool(const bide_redis_reply *r)
{
    if (r && r->type == BIDE_REDIS_STATUS)
        return strcmp(r->text, "OK") == 0;
    return bide_redis_real(r, 0) != 0;
}

const char *bide_redis_text(const bide_redis_reply *r)
{
    return has_text(r) ? r->text : NULL;
}

size_t bide_redis_size(const bide_redis_reply *r)
{
    return has_text(r) ? r->size : 0;
}

size_t bide_redis_count(const bide_redis_reply *r)
{
    return has_items(r) ? r->size : 0;
}

const bide_redis_reply *bide_redis_at(const bide_redis_reply *r, size_t index)
{
    return index < bide_redis_count(r) ? &r->items[index] : NULL;
}

const bide_redis_reply *bide_redis_field(const bide_redis_reply *r, const char *key)
{
    size_t size = strlen(key);
    for (size_t i = 0; i + 1 < bide_redis_count(r); i += 2) {
        const bide_redis_reply *name = &r->items[i];
        if (has_text(name) && name->size == size && memcmp(name->text, key, size) == 0)
            return name + 1;
    }
    return NULL;
}
