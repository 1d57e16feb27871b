/* The table; what it is made of stands in the header.
 *
 * The key of the hash is drawn once per process. */
#include "base/table.h"
#include "base/memory.h"
#include "base/siphash.h"
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { FIRST_PLACES = 16 };
static const uint32_t places_max = UINT32_C(1) << 31;

static pthread_once_t drawn = PTHREAD_ONCE_INIT;
static uint64_t hash_key[2];

/* Early at boot there may be no random bytes yet; addresses and the clock are better than a
 * program that does not start. */
static void draw(void)
{
    struct timespec now;
    if (getrandom(hash_key, sizeof hash_key, GRND_NONBLOCK) == sizeof hash_key)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    hash_key[0] = (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)now.tv_sec;
    hash_key[1] = (uint64_t)(uintptr_t)&now ^ (uint64_t)(uintptr_t)draw << 32;
}

static uint64_t hash_of(const void *key, size_t size)
{
    pthread_once(&drawn, draw);
    return siphash(hash_key, key, size, 1, 3);
}

static uint32_t home_of(const struct table *t, const struct table_entry *e)
{
    return (uint32_t)e->hash & (t->places - 1);
}

static bool is(const struct table_entry *e, uint64_t hash, const void *key, size_t size)
{
    return e->hash == hash && e->size == size && (size == 0 || memcmp(e->key, key, size) == 0);
}

static struct table_entry *find(const struct table *t, uint64_t hash, const void *key, size_t size)
{
    if (!t->count)
        return NULL;
    for (uint32_t i = (uint32_t)hash & (t->places - 1);; i = (i + 1) & (t->places - 1)) {
        if (!t->index[i])
            return NULL;
        struct table_entry *e = &t->entries[t->index[i] - 1];
        if (is(e, hash, key, size))
            return e;
    }
}

struct table_entry *bide__table_find(const struct table *t, const void *key, size_t size)
{
    return t->count ? find(t, hash_of(key, size), key, size) : NULL;
}

static void enter(struct table *t, uint32_t position)
{
    uint32_t i = home_of(t, &t->entries[position]);
    while (t->index[i])
        i = (i + 1) & (t->places - 1);
    t->index[i] = position + 1;
}

/* Closes the holes; `to` may be the table's own array. */
static void move_entries(struct table *t, struct table_entry *to)
{
    uint32_t n = 0;
    for (uint32_t i = t->first; i < t->used; i++)
        if (t->entries[i].key)
            to[n++] = t->entries[i];
    t->entries = to;
    t->used = n;
    t->first = 0;
    memset(t->index, 0, t->places * sizeof *t->index);
    for (uint32_t i = 0; i < n; i++)
        enter(t, i);
}

static bool grow(struct table *t)
{
    if (t->places >= places_max)
        return false;
    uint32_t places = t->places ? 2 * t->places : FIRST_PLACES;
    struct table_entry *old = t->entries, *entries = bide__alloc(places / 2 * sizeof *entries);
    uint32_t *index = bide__alloc(places * sizeof *index);
    if (!entries || !index) {
        bide__free(entries);
        bide__free(index);
        return false;
    }
    bide__free(t->index);
    t->index = index;
    t->places = places;
    move_entries(t, entries);
    bide__free(old);
    return true;
}

/* Where a quarter is holes there is no need to grow. */
static bool make_room(struct table *t)
{
    uint32_t room = t->places / 2;
    if (t->used < room)
        return true;
    if (t->count > room - room / 4 || !t->places)
        return grow(t);
    move_entries(t, t->entries);
    return true;
}

struct table_entry *bide__table_add(struct table *t, const void *key, size_t size)
{
    char *copy = size < SIZE_MAX ? bide__copy_text(key, size) : NULL;
    if (!copy || !make_room(t)) {
        bide__free(copy);
        return NULL;
    }
    struct table_entry *e = &t->entries[t->used];
    *e = (struct table_entry){ .key = copy, .size = size, .hash = hash_of(key, size),
                               .number = ++t->last_number };
    enter(t, t->used++);
    t->count++;
    return e;
}

static uint32_t place_of(const struct table *t, const struct table_entry *e)
{
    uint32_t position = (uint32_t)(e - t->entries), i = home_of(t, e);
    while (t->index[i] != position + 1)
        i = (i + 1) & (t->places - 1);
    return i;
}

/* Those behind it that would no longer be found move up. */
static void leave(struct table *t, uint32_t hole)
{
    uint32_t mask = t->places - 1;
    for (uint32_t i = (hole + 1) & mask; t->index[i]; i = (i + 1) & mask) {
        uint32_t home = home_of(t, &t->entries[t->index[i] - 1]);
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        t->index[hole] = t->index[i];
        hole = i;
    }
    t->index[hole] = 0;
}

void *bide__table_remove(struct table *t, struct table_entry *e)
{
    leave(t, place_of(t, e));
    bide__free(e->key);
    e->key = NULL;
    t->count--;
    while (t->first < t->used && !t->entries[t->first].key)
        t->first++;
    while (t->used > t->first && !t->entries[t->used - 1].key)
        t->used--;
    return e->value;
}

/* The position of the first entry with a greater number.  Numbers grow by one from entry to entry
 * but where holes were closed, so it is mostly where they say. */
static uint32_t position_after(const struct table *t, uint64_t number)
{
    uint32_t low = t->first, high = t->used;
    if (low == high || number < t->entries[low].number)
        return low;
    uint64_t ahead = number - t->entries[low].number + 1;
    if (ahead <= high - low && t->entries[low + ahead - 1].number == number)
        return low + (uint32_t)ahead;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->entries[middle].number > number)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct table_entry *bide__table_next(const struct table *t, uint64_t *at)
{
    for (uint32_t i = position_after(t, *at); i < t->used; i++) {
        if (!t->entries[i].key)
            continue;
        *at = t->entries[i].number;
        return &t->entries[i];
    }
    return NULL;
}

void bide__table_clear(struct table *t, void (*drop)(void *value))
{
    struct table old = *t;
    *t = (struct table){ .last_number = old.last_number };
    for (uint32_t i = old.first; i < old.used; i++) {
        struct table_entry *e = &old.entries[i];
        if (e->key && e->value && drop)
            drop(e->value);
        bide__free(e->key);
    }
    bide__free(old.entries);
    bide__free(old.index);
}
