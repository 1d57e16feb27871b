/* bide/strings.h -- sets and maps of strings: pages seen, rooms by name.
 *
 *     bide_auto(strset) seen = bide_strset_new(.count_max = 1000000);
 *     if (bide_strset_add(seen, url) == 1)
 *         ...                                          // not seen before
 *
 * Keys are copied.  They are text, or with _sized any bytes.  The hash is keyed anew in every
 * process, so strangers cannot choose keys that collide.  Out of memory, or at the limit, a call
 * fails and leaves everything as it was.  They belong to no loop: any thread, one at a time.
 *
 * Iterating goes in the order in which the keys came first.  It may be stopped and gone on with at
 * any time: what was removed is not met, what was added is met at the end.
 *
 *     uint64_t at = 0;
 *     for (const char *key; (key = bide_strset_next(seen, &at));)
 *         ... */
#ifndef BIDE_STRINGS_H
#define BIDE_STRINGS_H
#include <bide/base.h>
#include <string.h>
BIDE_BEGIN_

typedef struct bide_strset bide_strset;
typedef struct bide_strmap bide_strmap;

/* Options of bide_strset_new(). */
struct bide_strset_opts {
    size_t abi_;
    size_t count_max;           /* keys; default: no limit */
};
/* An empty set.  NULL: BIDE_ENOMEM.  Counterpart: set(). */
#define bide_strset_new(...) \
    bide_strset_new_opts(BIDE_OPTS_(bide_strset_opts, __VA_ARGS__))
bide_strset *bide_strset_new_opts(const struct bide_strset_opts *opts);
/* Adds a copy of the key: 1; 0: it is there already.  BIDE_ELIMIT, BIDE_ENOMEM; BIDE_EINVAL: the
 * key is NULL. */
BIDE_CHECK int bide_strset_add(bide_strset *s, const char *key);
BIDE_CHECK int bide_strset_add_sized(bide_strset *s, const void *key, size_t size);
/* Is it there? */
bool bide_strset_has(const bide_strset *s, const char *key);
bool bide_strset_has_sized(const bide_strset *s, const void *key, size_t size);
/* Takes it out; false: it was not there. */
bool bide_strset_remove(bide_strset *s, const char *key);
bool bide_strset_remove_sized(bide_strset *s, const void *key, size_t size);
/* How many keys there are. */
size_t bide_strset_count(const bide_strset *s);
/* The next key, valid until it is removed; NULL: there are no more.  *at is 0 before the first. */
const char *bide_strset_next(const bide_strset *s, uint64_t *at);
const char *bide_strset_next_sized(const bide_strset *s, uint64_t *at, size_t *size);
/* Removes all. */
void bide_strset_clear(bide_strset *s);
/* Within a loop the memory of more than 256 keys goes while tasks run in between. */
void bide_strset_free(bide_strset *s);
BIDE_AUTO_(strset, bide_strset_free)

/* Options of bide_strmap_new(). */
struct bide_strmap_opts {
    size_t abi_;
    size_t count_max;           /* keys; default: no limit */
    bide_drop_fn *drop;         /* called on a value that is replaced, removed, cleared or freed;
                                   not on NULL.  May use the map, but not free it */
};
/* An empty map.  NULL: BIDE_ENOMEM.  Counterpart: dict(). */
#define bide_strmap_new(...) \
    bide_strmap_new_opts(BIDE_OPTS_(bide_strmap_opts, __VA_ARGS__))
bide_strmap *bide_strmap_new_opts(const struct bide_strmap_opts *opts);
/* Sets the key's value: 1: the key is new; 0: an old value was replaced, in its old place.
 * BIDE_ELIMIT, BIDE_ENOMEM, BIDE_EINVAL: nothing happened, and the value is still yours. */
BIDE_CHECK int bide_strmap_set(bide_strmap *m, const char *key, void *value);
BIDE_CHECK int bide_strmap_set_sized(bide_strmap *m, const void *key, size_t size, void *value);
/* Its value; NULL: none. */
void *bide_strmap_get(const bide_strmap *m, const char *key);
void *bide_strmap_get_sized(const bide_strmap *m, const void *key, size_t size);
/* Is it there, if only with a value of NULL? */
bool bide_strmap_has(const bide_strmap *m, const char *key);
bool bide_strmap_has_sized(const bide_strmap *m, const void *key, size_t size);
/* Takes it out and drops its value; false: it was not there. */
bool bide_strmap_remove(bide_strmap *m, const char *key);
bool bide_strmap_remove_sized(bide_strmap *m, const void *key, size_t size);
/* Takes it out and returns its value, not dropped.  Counterpart: dict.pop(). */
void *bide_strmap_take(bide_strmap *m, const char *key);
void *bide_strmap_take_sized(bide_strmap *m, const void *key, size_t size);
/* How many keys there are. */
size_t bide_strmap_count(const bide_strmap *m);
/* The next key and its value (value, size: NULL if not wanted); as bide_strset_next(). */
const char *bide_strmap_next(const bide_strmap *m, uint64_t *at, void **value);
const char *bide_strmap_next_sized(const bide_strmap *m, uint64_t *at, size_t *size, void **value);
/* Removes all.  With .drop it takes time in proportion to their number, as freeing does; without,
 * as bide_strset_free(). */
void bide_strmap_clear(bide_strmap *m);
void bide_strmap_free(bide_strmap *m);
BIDE_AUTO_(strmap, bide_strmap_free)

BIDE_END_
#endif
