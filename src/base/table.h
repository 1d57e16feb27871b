/* A table of keys, which are bytes, and values, which are pointers: the engine of bide/strings.h.
 *
 * Entries lie in an array in the order in which they came; beside it an open-addressed index of
 * positions in it, half full at most, probed linearly.  Iterating is walking the array.  Removing
 * leaves a hole in the array and none in the index.  Each entry has a number that only grows: a
 * cursor is the number of the last entry seen, so it survives whatever happens to the table.
 *
 * A large table that grows, or closes its holes, moves into new arrays a few entries with each that
 * is added, so that none of these keeps everybody waiting.  Until all have moved there are two
 * parts: their places in the new one are kept free for those that still are in the old one. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H
#include <bide/base.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

BIDE_BEGIN_                     /* bide-http has tables too: bide.map, BIDE_PRIVATE */

struct table_entry {
    char *key;                  /* a copy with a NUL behind it; NULL: removed */
    void *value;
    size_t size;
    uint64_t hash, number;
};
struct table_part {
    struct table_entry *entries;
    uint32_t *index;            /* places: position + 1; 0: free */
    uint32_t places;            /* a power of two; 0: nothing was ever put */
    uint32_t used;              /* entries, holes included; at most half the places */
    uint32_t first;             /* no entry before this one is left */
};
/* All zero is an empty one. */
struct table {
    struct table_part now, before;      /* before.places 0: nothing is to be moved */
    uint32_t moved, gap;        /* where the next one moves to, and where its place ends */
    uint32_t count;
    uint64_t last_moving;       /* number of the last entry to be moved */
    uint64_t last_number;
};

/* NULL: not there. */
struct table_entry *bide__table_find(const struct table *t, const void *key, size_t size);
/* A new entry for a key that is not there, with a value of NULL; NULL: out of memory, and the
 * table is as it was. */
struct table_entry *bide__table_add(struct table *t, const void *key, size_t size);
/* Returns its value. */
void *bide__table_remove(struct table *t, struct table_entry *entry);
/* The first entry after the one whose number is *at, which becomes its; NULL: there is none.
 * *at 0: from the start. */
struct table_entry *bide__table_next(const struct table *t, uint64_t *at);
/* The entry at a position < count of a table out of which nothing was ever taken. */
static inline struct table_entry *bide__table_at(const struct table *t, uint32_t position)
{
    bool waits = t->before.places && position >= t->moved && position < t->gap;
    return waits ? &t->before.entries[position] : &t->now.entries[position];
}
/* Frees all of it, first calling drop (may be NULL) on every value that is not NULL; the table is
 * empty by then, so drop may use it. */
void bide__table_clear(struct table *t, void (*drop)(void *value));
/* The same in portions, for a table whose values nobody owns and that is not used any more: frees
 * so many keys; true: that was all. */
bool bide__table_clear_some(struct table *t, uint32_t most);

BIDE_END_
#endif
