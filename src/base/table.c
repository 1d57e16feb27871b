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

enum { FIRST_PLACES = 16, MOVED_AT_ONCE = 2048, MOVED_EACH = 16 };
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

static uint32_t home_of(const struct table_part *p, const struct table_entry *e)
{
    return (uint32_t)e->hash & (p->places - 1);
}

static bool is(const struct table_entry *e, uint64_t hash, const void *key, size_t size)
{
    return e->hash == hash && e->size == size && (size == 0 || memcmp(e->key, key, size) == 0);
}

/* The index still leads to those that have moved; they are before the first. */
static struct table_entry *find(const struct table_part *p, uint64_t hash, const void *key,
                                size_t size)
{
    if (!p->places)
        return NULL;
    for (uint32_t i = (uint32_t)hash & (p->places - 1);; i = (i + 1) & (p->places - 1)) {
        if (!p->index[i])
            return NULL;
        uint32_t position = p->index[i] - 1;
        if (position >= p->first && is(&p->entries[position], hash, key, size))
            return &p->entries[position];
    }
}

struct table_entry *bide__table_find(const struct table *t, const void *key, size_t size)
{
    if (!t->count)
        return NULL;
    uint64_t hash = hash_of(key, size);
    struct table_entry *e = find(&t->now, hash, key, size);
    return e ? e : find(&t->before, hash, key, size);
}

static void enter(struct table_part *p, uint32_t position)
{
    uint32_t i = home_of(p, &p->entries[position]);
    while (p->index[i])
        i = (i + 1) & (p->places - 1);
    p->index[i] = position + 1;
}

/* Closes the holes in place. */
static void close_holes(struct table_part *p)
{
    uint32_t n = 0;
    for (uint32_t i = p->first; i < p->used; i++)
        if (p->entries[i].key)
            p->entries[n++] = p->entries[i];
    p->used = n;
    p->first = 0;
    memset(p->index, 0, p->places * sizeof *p->index);
    for (uint32_t i = 0; i < n; i++)
        enter(p, i);
}

static void free_part(struct table_part *p)
{
    bide__free(p->entries);
    bide__free(p->index);
    *p = (struct table_part){ .places = 0 };
}

static void move_some(struct table *t, uint32_t most)
{
    struct table_part *from = &t->before;
    for (; most > 0 && from->first < from->used; most--) {
        const struct table_entry *e = &from->entries[from->first++];
        if (!e->key)
            continue;
        t->now.entries[t->moved] = *e;
        enter(&t->now, t->moved++);
    }
    if (from->places && from->first == from->used)
        free_part(from);
}

/* From now on all moves into arrays of so many places. */
static bool begin_to_move(struct table *t, uint32_t places)
{
    struct table_part fresh = { .entries = bide__alloc(places / 2 * sizeof *fresh.entries),
                                .index = bide__zalloc(places * sizeof *fresh.index),
                                .places = places, .used = t->count };
    if (!fresh.entries || !fresh.index) {
        free_part(&fresh);
        return false;
    }
    t->before = t->now;
    t->now = fresh;
    t->moved = 0;
    t->gap = t->count;
    t->last_moving = t->last_number;
    move_some(t, t->count <= MOVED_AT_ONCE ? UINT32_MAX : 0);
    return true;
}

/* Where a quarter is holes there is no need to grow. */
static bool make_room(struct table *t)
{
    uint32_t room = t->now.places / 2;
    if (t->now.used < room)
        return true;
    move_some(t, UINT32_MAX);
    if (!room)
        return begin_to_move(t, FIRST_PLACES);
    if (t->count > room - room / 4)
        return t->now.places < places_max && begin_to_move(t, 2 * t->now.places);
    if (t->count <= MOVED_AT_ONCE || !begin_to_move(t, t->now.places))
        close_holes(&t->now);
    return true;
}

struct table_entry *bide__table_add(struct table *t, const void *key, size_t size)
{
    char *copy = size < SIZE_MAX ? bide__copy_text(key, size) : NULL;
    if (!copy || !make_room(t)) {
        bide__free(copy);
        return NULL;
    }
    move_some(t, MOVED_EACH);
    struct table_entry *e = &t->now.entries[t->now.used];
    *e = (struct table_entry){ .key = copy, .size = size, .hash = hash_of(key, size),
                               .number = ++t->last_number };
    enter(&t->now, t->now.used++);
    t->count++;
    return e;
}

static uint32_t place_of(const struct table_part *p, const struct table_entry *e)
{
    uint32_t position = (uint32_t)(e - p->entries), i = home_of(p, e);
    while (p->index[i] != position + 1)
        i = (i + 1) & (p->places - 1);
    return i;
}

/* Those behind it that would no longer be found move up. */
static void leave(struct table_part *p, uint32_t hole)
{
    uint32_t mask = p->places - 1;
    for (uint32_t i = (hole + 1) & mask; p->index[i]; i = (i + 1) & mask) {
        uint32_t home = home_of(p, &p->entries[p->index[i] - 1]);
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        p->index[hole] = p->index[i];
        hole = i;
    }
    p->index[hole] = 0;
}

static void shrink(struct table_part *p, uint32_t end, uint32_t begin)
{
    while (p->first < end && !p->entries[p->first].key)
        p->first++;
    while (p->used > begin && p->used > p->first && !p->entries[p->used - 1].key)
        p->used--;
}

/* One that was to be moved leaves its place as a hole, behind those that will have moved. */
static void note_hole(struct table *t)
{
    t->now.entries[--t->gap] = (struct table_entry){ .number = t->last_moving };
    shrink(&t->before, t->before.used, 0);
    move_some(t, 0);
}

void *bide__table_remove(struct table *t, struct table_entry *e)
{
    bool waits = t->before.places && e >= t->before.entries &&
                 e < t->before.entries + t->before.used;
    struct table_part *p = waits ? &t->before : &t->now;
    void *value = e->value;
    leave(p, place_of(p, e));
    bide__free(e->key);
    e->key = NULL;
    t->count--;
    if (waits)
        note_hole(t);
    else if (t->before.places)
        shrink(p, t->moved, t->gap);
    else
        shrink(p, p->used, 0);
    return value;
}

/* ---- in their order ---- */

/* The entries in three stretches: who has moved, who is to move, who came since. */
struct stretch { const struct table_entry *entries; uint32_t from, to; };

static struct stretch stretch_of(const struct table *t, int nth)
{
    bool moves = t->before.places != 0;
    if (nth == 0)
        return (struct stretch){ t->now.entries, t->now.first, moves ? t->moved : t->now.used };
    if (nth == 1)
        return (struct stretch){ t->before.entries, t->before.first, t->before.used };
    return (struct stretch){ t->now.entries, t->gap, moves ? t->now.used : t->gap };
}

/* The position of the first entry with a greater number.  Numbers grow by one from entry to entry
 * but where holes were closed, so it is mostly where they say. */
static uint32_t position_after(const struct stretch *s, uint64_t number)
{
    uint32_t low = s->from, high = s->to;
    if (low >= high || number < s->entries[low].number)
        return low;
    uint64_t ahead = number - s->entries[low].number + 1;
    if (ahead <= high - low && s->entries[low + ahead - 1].number == number)
        return low + (uint32_t)ahead;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->entries[middle].number > number)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct table_entry *bide__table_next(const struct table *t, uint64_t *at)
{
    for (int nth = 0; nth < 3; nth++) {
        struct stretch s = stretch_of(t, nth);
        for (uint32_t i = position_after(&s, *at); i < s.to; i++) {
            if (!s.entries[i].key)
                continue;
            *at = s.entries[i].number;
            return (struct table_entry *)(uintptr_t)&s.entries[i];
        }
    }
    return NULL;
}

void bide__table_clear(struct table *t, void (*drop)(void *value))
{
    struct table old = *t;
    *t = (struct table){ .last_number = old.last_number };
    for (int nth = 0; nth < 3; nth++) {
        struct stretch s = stretch_of(&old, nth);
        for (uint32_t i = s.from; i < s.to; i++) {
            if (s.entries[i].key && s.entries[i].value && drop)
                drop(s.entries[i].value);
            bide__free(s.entries[i].key);
        }
    }
    free_part(&old.now);
    free_part(&old.before);
}

static uint32_t *begin_of(struct table *t, int nth)
{
    return nth == 0 ? &t->now.first : nth == 1 ? &t->before.first : &t->gap;
}

bool bide__table_clear_some(struct table *t, uint32_t most)
{
    for (int nth = 0; nth < 3; nth++) {
        struct stretch s = stretch_of(t, nth);
        uint32_t *i = begin_of(t, nth);
        for (; *i < s.to; most--) {
            if (most == 0)
                return false;
            bide__free(s.entries[(*i)++].key);
        }
    }
    free_part(&t->now);
    free_part(&t->before);
    return true;
}
