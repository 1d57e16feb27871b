/* A hash table of routes, and a binary heap of the hosts that could use room.
 *
 * The heap's array has a place for every host from the moment the host is made, so that
 * waiting never allocates. */
#include "http/pool_hosts.h"

#include "base/memory.h"

#include <string.h>

enum { BUCKETS_AT_FIRST = 16 };

/* ---- the heap ---- */

static void put_at(struct pool *pool, size_t place, struct host *host)
{
    pool->ready[place] = host;
    host->place = (uint32_t)place;
}

static void sift_up(struct pool *pool, struct host *host)
{
    size_t place = host->place;
    for (; place > 1 && pool->ready[place / 2]->first > host->first; place /= 2)
        put_at(pool, place, pool->ready[place / 2]);
    put_at(pool, place, host);
}

static void sift_down(struct pool *pool, struct host *host)
{
    size_t place = host->place;
    for (;;) {
        size_t child = place * 2;
        if (child > pool->ready_count)
            break;
        if (child < pool->ready_count &&
            pool->ready[child + 1]->first < pool->ready[child]->first)
            child++;
        if (pool->ready[child]->first >= host->first)
            break;
        put_at(pool, place, pool->ready[child]);
        place = child;
    }
    put_at(pool, place, host);
}

static void add_ready(struct pool *pool, struct host *host)
{
    put_at(pool, ++pool->ready_count, host);
    sift_up(pool, host);
}

static void remove_ready(struct pool *pool, struct host *host)
{
    struct host *last = pool->ready[pool->ready_count--];
    size_t place = host->place;
    host->place = 0;
    if (last == host)
        return;
    put_at(pool, place, last);
    sift_up(pool, last);
    sift_down(pool, last);
}

/* ---- the table ---- */

/* Eight bytes at a time: byte by byte it was the dearest part of taking a connection. */
static uint32_t hash_of(struct text key)
{
    uint64_t hash = key.size, word = 0;
    for (; key.size >= 8; key.at += 8, key.size -= 8) {
        memcpy(&word, key.at, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, key.at, key.size);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

static struct host **bucket_of(const struct pool *pool, uint32_t hash)
{
    return &pool->buckets[(hash ^ hash >> 16) & (pool->bucket_count - 1)];
}

/* Twice as many buckets, and a place in the heap for as many hosts. */
static bool make_larger(struct pool *pool)
{
    size_t count = pool->bucket_count ? pool->bucket_count * 2 : BUCKETS_AT_FIRST;
    struct host **old = pool->buckets, **buckets = bide__zalloc(count * sizeof *buckets);
    struct host **ready = bide__resize(pool->ready, (count + 1) * sizeof *ready);
    if (ready)
        pool->ready = ready;
    if (!buckets || !ready) {
        bide__free(buckets);
        return false;
    }
    size_t old_count = pool->bucket_count;
    pool->buckets = buckets;
    pool->bucket_count = count;
    for (size_t i = 0; i < old_count; i++)
        for (struct host *host = old[i], *next; host; host = next) {
            next = host->next;
            struct host **bucket = bucket_of(pool, host->hash);
            host->next = *bucket;
            *bucket = host;
        }
    bide__free(old);
    return true;
}

int bide__hosts_open(struct pool *pool)
{
    return make_larger(pool) ? 0 : BIDE_ENOMEM;
}

static void free_host(struct host *host)
{
    bide__free(host->fields);
    bide__free(host);
}

void bide__hosts_free(struct pool *pool)
{
    for (size_t i = 0; i < pool->bucket_count; i++)
        while (pool->buckets[i]) {
            struct host *host = pool->buckets[i];
            pool->buckets[i] = host->next;
            free_host(host);
        }
    bide__free(pool->buckets);
    bide__free(pool->ready);
    pool->buckets = pool->ready = NULL;
    pool->bucket_count = pool->host_count = 0;
}

static struct host *add_host(struct pool *pool, struct text key, uint32_t hash)
{
    if (pool->host_count >= pool->bucket_count && !make_larger(pool))
        return NULL;
    struct host *host = bide__zalloc(sizeof *host + key.size + 1);
    if (!host)
        return NULL;
    struct host **bucket = bucket_of(pool, hash);
    host->hash = hash;
    host->key_size = (uint16_t)key.size;
    memcpy(host->key, key.at, key.size);
    host->next = *bucket;
    *bucket = host;
    pool->host_count++;
    return host;
}

static struct host *get(struct pool *pool, struct text key)
{
    uint32_t hash = hash_of(key);
    struct host *host = *bucket_of(pool, hash);
    for (; host; host = host->next)
        if (host->hash == hash && host->key_size == key.size &&
            memcmp(host->key, key.at, key.size) == 0)
            return host;
    host = add_host(pool, key, hash);
    if (!host)
        bide_fail(BIDE_ENOMEM, "out of memory for a host");
    return host;
}

static struct host *get_special(struct pool *pool, const struct route *route)
{
    char space[ROUTE_KEY_MAX];
    struct text key = bide__route_key(route, space);
    return key.at ? get(pool, key) : NULL;
}

struct host *bide__hosts_get(struct pool *pool, const struct route *route)
{
    if (__builtin_expect(route->special, 0))
        return get_special(pool, route);
    return get(pool, text_of(route->url->origin, route->url->origin_size));
}

static void drop_host(struct pool *pool, struct host *host)
{
    struct host **link = bucket_of(pool, host->hash);
    while (*link != host)
        link = &(*link)->next;
    *link = host->next;
    pool->host_count--;
    free_host(host);
}

/* ---- waiters ---- */

uint64_t bide__hosts_ticket(const struct host *host)
{
    const struct ticket *ticket = host->waiters.head->data;
    return ticket->number;
}

void bide__hosts_waiter_comes(struct pool *pool, struct host *host, uint64_t number)
{
    if (host->waiters.head)
        return;
    host->first = number;
    if (host->open < pool->limit_per_host)
        add_ready(pool, host);
}

void bide__hosts_changed(struct pool *pool, struct host *host)
{
    bool waited_for = host->waiters.head != NULL;
    bool ready = waited_for && host->open < pool->limit_per_host;
    if (waited_for)
        host->first = bide__hosts_ticket(host);
    if (host->place && !ready)
        remove_ready(pool, host);
    else if (host->place)
        sift_down(pool, host);  /* a line's first number only grows */
    else if (ready)
        add_ready(pool, host);
    if (host->open == 0 && !waited_for)
        drop_host(pool, host);
}

struct host *bide__hosts_first_ready(const struct pool *pool)
{
    return pool->ready_count ? pool->ready[1] : NULL;
}
