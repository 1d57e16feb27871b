/* Sets and maps of strings: the table of base/table.h with limits, sentences and texts.
 *
 * They stand in this layer for the sake of their sentences alone.  A set is a map whose values
 * are all NULL.
 *
 * The keys of a large one, of whose values none is to be dropped, are freed by the loop, some at
 * a time: a million of them in one step would keep everybody else waiting for far too long. */
#include "base/memory.h"
#include "base/table.h"
#include "core/chore.h"
#include <bide/error.h>
#include <bide/strings.h>
#include <string.h>

struct strings {
    struct table table;
    size_t count_max;
    bide_drop_fn *drop;
    struct chore freeing;       /* it is freed, and its keys are going */
};
enum { FREED_AT_ONCE = 256 };
struct bide_strset { struct strings strings; };
struct bide_strmap { struct strings strings; };

/* Also of NULL. */
static struct strings *inside(const void *set_or_map)
{
    return (struct strings *)(uintptr_t)set_or_map;
}

static void *make(size_t size, size_t count_max, bide_drop_fn *drop)
{
    struct strings *s = bide__zalloc(size);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "strings: out of memory");
        return NULL;
    }
    s->count_max = count_max ? count_max : BIDE_UNLIMITED;
    s->drop = drop;
    return s;
}

static size_t size_of(const char *key)
{
    return key ? strlen(key) : 0;
}

static struct table_entry *find(const struct strings *s, const void *key, size_t size)
{
    return s && key ? bide__table_find(&s->table, key, size) : NULL;
}

static void replace(struct strings *s, struct table_entry *e, void *value)
{
    void *old = e->value;
    e->value = value;
    if (old && old != value && s->drop)
        s->drop(old);
}

static int put(struct strings *s, const void *key, size_t size, void *value)
{
    if (!s)
        return bide_errcode();
    if (!key)
        return bide_fail(BIDE_EINVAL, "strings: the key is NULL");
    struct table_entry *e = bide__table_find(&s->table, key, size);
    if (e) {
        replace(s, e, value);
        return 0;
    }
    if (s->table.count >= s->count_max)
        return bide_fail(BIDE_ELIMIT, "strings: no more than %zu keys", s->count_max);
    if (!(e = bide__table_add(&s->table, key, size)))
        return bide_fail(BIDE_ENOMEM, "strings: no memory for another key of %zu bytes", size);
    e->value = value;
    return 1;
}

static bool take(struct strings *s, const void *key, size_t size, void **value)
{
    struct table_entry *e = find(s, key, size);
    if (e)
        *value = bide__table_remove(&s->table, e);
    return e != NULL;
}

static const char *next(const struct strings *s, uint64_t *at, size_t *size, void **value)
{
    const struct table_entry *e = s ? bide__table_next(&s->table, at) : NULL;
    if (!e)
        return NULL;
    if (size)
        *size = e->size;
    if (value)
        *value = e->value;
    return e->key;
}

static bool free_some(struct loop *l, struct chore *c)
{
    struct strings *s = (struct strings *)(void *)((char *)c - offsetof(struct strings, freeing));
    (void)l;
    if (!bide__table_clear_some(&s->table, FREED_AT_ONCE))
        return false;
    bide__free(s);
    return true;
}

static bool is_for_later(const struct strings *s)
{
    return bide__here && s->table.count > FREED_AT_ONCE && !s->drop;
}

static void end(struct strings *s)
{
    if (s && is_for_later(s)) {
        s->freeing.some = free_some;
        bide__chore_begin(bide__here, &s->freeing);
        return;
    }
    if (s)
        bide__table_clear(&s->table, s->drop);
    bide__free(s);
}

/* In another's memory; without that, in one step. */
static void clear(struct strings *s)
{
    struct strings *old = s && is_for_later(s) ? bide__alloc(sizeof *old) : NULL;
    if (!s)
        return;
    if (!old) {
        bide__table_clear(&s->table, s->drop);
        return;
    }
    *old = *s;
    s->table = (struct table){ .last_number = old->table.last_number };
    end(old);
}

bide_strset *bide_strset_new_opts(const struct bide_strset_opts *o)
{
    return make(sizeof(bide_strset), o->count_max, NULL);
}

int bide_strset_add_sized(bide_strset *s, const void *key, size_t size)
{
    return put(inside(s), key, size, NULL);
}

int bide_strset_add(bide_strset *s, const char *key)
{
    return put(inside(s), key, size_of(key), NULL);
}

bool bide_strset_has_sized(const bide_strset *s, const void *key, size_t size)
{
    return find(inside(s), key, size) != NULL;
}

bool bide_strset_has(const bide_strset *s, const char *key)
{
    return find(inside(s), key, size_of(key)) != NULL;
}

bool bide_strset_remove_sized(bide_strset *s, const void *key, size_t size)
{
    void *unused;
    return take(inside(s), key, size, &unused);
}

bool bide_strset_remove(bide_strset *s, const char *key)
{
    return bide_strset_remove_sized(s, key, size_of(key));
}

size_t bide_strset_count(const bide_strset *s)
{
    return s ? s->strings.table.count : 0;
}

const char *bide_strset_next_sized(const bide_strset *s, uint64_t *at, size_t *size)
{
    return next(inside(s), at, size, NULL);
}

const char *bide_strset_next(const bide_strset *s, uint64_t *at)
{
    return next(inside(s), at, NULL, NULL);
}

void bide_strset_clear(bide_strset *s)
{
    clear(inside(s));
}

void bide_strset_free(bide_strset *s)
{
    end(inside(s));
}

bide_strmap *bide_strmap_new_opts(const struct bide_strmap_opts *o)
{
    return make(sizeof(bide_strmap), o->count_max, o->drop);
}

int bide_strmap_set_sized(bide_strmap *m, const void *key, size_t size, void *value)
{
    return put(inside(m), key, size, value);
}

int bide_strmap_set(bide_strmap *m, const char *key, void *value)
{
    return put(inside(m), key, size_of(key), value);
}

void *bide_strmap_get_sized(const bide_strmap *m, const void *key, size_t size)
{
    const struct table_entry *e = find(inside(m), key, size);
    return e ? e->value : NULL;
}

void *bide_strmap_get(const bide_strmap *m, const char *key)
{
    return bide_strmap_get_sized(m, key, size_of(key));
}

bool bide_strmap_has_sized(const bide_strmap *m, const void *key, size_t size)
{
    return find(inside(m), key, size) != NULL;
}

bool bide_strmap_has(const bide_strmap *m, const char *key)
{
    return find(inside(m), key, size_of(key)) != NULL;
}

bool bide_strmap_remove_sized(bide_strmap *m, const void *key, size_t size)
{
    void *value = NULL;
    bool was_there = take(inside(m), key, size, &value);
    if (value && m->strings.drop)
        m->strings.drop(value);
    return was_there;
}

bool bide_strmap_remove(bide_strmap *m, const char *key)
{
    return bide_strmap_remove_sized(m, key, size_of(key));
}

void *bide_strmap_take_sized(bide_strmap *m, const void *key, size_t size)
{
    void *value = NULL;
    take(inside(m), key, size, &value);
    return value;
}

void *bide_strmap_take(bide_strmap *m, const char *key)
{
    return bide_strmap_take_sized(m, key, size_of(key));
}

size_t bide_strmap_count(const bide_strmap *m)
{
    return m ? m->strings.table.count : 0;
}

const char *bide_strmap_next_sized(const bide_strmap *m, uint64_t *at, size_t *size, void **value)
{
    return next(inside(m), at, size, value);
}

const char *bide_strmap_next(const bide_strmap *m, uint64_t *at, void **value)
{
    return next(inside(m), at, NULL, value);
}

void bide_strmap_clear(bide_strmap *m)
{
    clear(inside(m));
}

void bide_strmap_free(bide_strmap *m)
{
    end(inside(m));
}
