/* bide/map.h -- one function over many items, so many at a time: gather behind a semaphore.
 *
 *     struct page pages[1000] = { ... };
 *     rc = bide_map(fetch, pages, 1000, .limit = 20);  // fetch(&pages[0]), fetch(&pages[1]) ...
 *
 * Never more than .limit tasks are alive, each taking one item after the other: a million items
 * cost no more than .limit stacks.  Items are taken in order.  What a call finds out it writes
 * into its item.  The first failure cancels the rest and is the result, "item 17: <sentence>".
 * When bide_map() returns, cancelled or not, every call has ended. */
#ifndef BIDE_MAP_H
#define BIDE_MAP_H
#include <bide/run.h>
BIDE_BEGIN_

enum {
    BIDE_MAP_LIMIT = 10         /* the default of .limit */
};

/* What became of one item: what its call returned, and why it failed. */
struct bide_outcome { int rc; struct bide_error error; };

/* Options of bide_map() and bide_map_from(); 0 is the default of each. */
struct bide_map_opts {
    size_t abi_;
    const char *fn_name_, *site_;       /* by the macro: the function's name, "file:line" */
    size_t item_size;           /* bytes of an item; the macro fills it in */
    void *items;                /* an array of `count` of them */
    size_t count;
    int (*next)(void *arg, void *item);         /* instead of an array: fills in the next item,
                                   1; 0: there is none left; < 0: failed, which ends the map.
                                   May wait; is never called twice at once */
    void *arg;                  /* handed to next and each */
    size_t limit;               /* how many calls at a time; default BIDE_MAP_LIMIT */
    bool keep_going;            /* a failed item ends nothing: look at outcomes, or at each's rc */
    struct bide_outcome *outcomes;      /* `count` of them, filled in; BIDE_ECANCELED for items
                                   that were not begun.  Only with an array */
    int (*each)(void *arg, void *item, int rc);         /* handed each item when its call has
                                   ended, in order and one at a time; rc is what the call
                                   returned, where < 0 with the error held.  May wait; < 0 ends
                                   the map.  Up to .limit finished items wait for a slow one
                                   before them */
    size_t stack_size;          /* bytes of the tasks' stacks; default: the loop's */
};
/* bide_map(fn, items, count, .limit = 20): runs fn(&items[i]) for each.  0, or the first
 * failure; with .keep_going 0 also when some failed.  BIDE_ECANCELED: you were cancelled, and so
 * were they.  Counterpart: asyncio.gather() behind an asyncio.Semaphore. */
#define bide_map(fn, items_, ...) \
    bide_map_opts(fn, BIDE_OPTS_(bide_map_opts, .fn_name_ = #fn, .site_ = BIDE_SITE_, \
                  .item_size = sizeof *(items_), .items = (items_), .count = __VA_ARGS__))
/* bide_map_from(fn, struct page, next, arg, .limit = 20): the same over what next(arg, &page)
 * yields.  Each item is the task's own and is gone when its call has ended (with .each: when that
 * has returned).  Items are taken no sooner than somebody is free to work on them. */
#define bide_map_from(fn, type, next_, ...) \
    bide_map_opts(fn, BIDE_OPTS_(bide_map_opts, .fn_name_ = #fn, .site_ = BIDE_SITE_, \
                  .item_size = sizeof(type), .next = (next_), .arg = __VA_ARGS__))
BIDE_WAITS int bide_map_opts(bide_fn *fn, const struct bide_map_opts *opts);

BIDE_END_
#endif
