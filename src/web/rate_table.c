/* A hash with chains over one array, and through it a list by use. */
#include "web/rate_table.h"

#include "base/memory.h"
#include "base/siphash.h"

#include <bide/error.h>
#include <sys/random.h>
#include <time.h>

struct rate_entry {
    uint64_t hash;
    double full_at;             /* when its bucket is full */
    uint32_t next;              /* in its chain; 0: none */
    uint32_t newer, older;      /* by use; 0: none */
};

static void draw_key(uint64_t key[2])
{
    struct timespec now;
    if (getrandom(key, 2 * sizeof *key, GRND_NONBLOCK) == 2 * sizeof *key)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);       /* the machine has only just begun */
    key[0] = (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)now.tv_sec;
    key[1] = (uint64_t)(uintptr_t)&now;
}

int bide__rate_table_start(struct rate_table *t, double per_second, double burst, uint32_t max)
{
    *t = (struct rate_table){ .per_second = per_second, .burst = burst, .max = max, .places = 16 };
    while (t->places < max)
        t->places *= 2;
    t->entries = bide__zalloc(((size_t)max + 1) * sizeof *t->entries);
    t->index = bide__zalloc(t->places * sizeof *t->index);
    draw_key(t->key);
    return t->entries && t->index ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for clients");
}

void bide__rate_table_end(struct rate_table *t)
{
    bide__free(t->entries);
    bide__free(t->index);
}

/* ---- by use ---- */

static void unlink_use(struct rate_table *t, uint32_t at)
{
    struct rate_entry *e = &t->entries[at];
    if (e->newer)
        t->entries[e->newer].older = e->older;
    else
        t->first = e->older;
    if (e->older)
        t->entries[e->older].newer = e->newer;
    else
        t->last = e->newer;
}

static void link_first(struct rate_table *t, uint32_t at)
{
    struct rate_entry *e = &t->entries[at];
    e->newer = 0;
    e->older = t->first;
    if (t->first)
        t->entries[t->first].newer = at;
    else
        t->last = at;
    t->first = at;
}

/* ---- by name ---- */

static uint32_t *chain_of(struct rate_table *t, uint64_t hash)
{
    return &t->index[hash & (t->places - 1)];
}

static uint32_t find(struct rate_table *t, uint64_t hash)
{
    uint32_t at = *chain_of(t, hash);
    while (at && t->entries[at].hash != hash)
        at = t->entries[at].next;
    return at;
}

/* The place of the one that was silent for longest, which is forgotten. */
static uint32_t take_oldest(struct rate_table *t)
{
    uint32_t at = t->last, *link = chain_of(t, t->entries[at].hash);
    unlink_use(t, at);
    while (*link != at)
        link = &t->entries[*link].next;
    *link = t->entries[at].next;
    return at;
}

static uint32_t add(struct rate_table *t, uint64_t hash)
{
    uint32_t at = t->count < t->max ? ++t->count : take_oldest(t), *chain = chain_of(t, hash);
    t->entries[at] = (struct rate_entry){ .hash = hash, .next = *chain };
    *chain = at;
    link_first(t, at);
    return at;
}

struct rate_left bide__rate_table_take(struct rate_table *t, const void *name, size_t size,
                                       double now)
{
    uint64_t hash = siphash(t->key, name, size, 1, 3);
    uint32_t at = find(t, hash);
    if (!at) {
        at = add(t, hash);
    } else if (at != t->first) {
        unlink_use(t, at);
        link_first(t, at);
    }
    struct rate_entry *e = &t->entries[at];
    double full_at = e->full_at > now ? e->full_at : now;
    double tokens = t->burst - (full_at - now) * t->per_second;
    struct rate_left left = { .allowed = tokens > 1 - 1e-9, .tokens = tokens };
    if (left.allowed) {
        left.tokens = tokens > 1 ? tokens - 1 : 0;
        full_at += 1 / t->per_second;
    } else {
        left.wait = (1 - tokens) / t->per_second;
    }
    e->full_at = full_at;
    left.full = full_at - now;
    return left;
}
