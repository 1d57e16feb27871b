/* Queues, seen from their own files.
 *
 * What a queue holds is a struct items: it knows the order in which items come out and how to
 * grow, and nothing of tasks or locks.  Two kinds of queue are made of it: the plain one of one
 * loop (queue.c) and the one between threads (thread_queue.c), whose struct begins with a
 * struct bide_queue.  The public calls are for both, and the plain one's speed is counted in
 * nanoseconds, so they do not ask which it is: a queue between threads accepts items of no size
 * at all, and the branch for pointers of a wrong size leads to it. */
#ifndef SYNC_QUEUE_H
#define SYNC_QUEUE_H
#include "core/park.h"
#include <bide/queue.h>
#include <string.h>

enum { QUEUE_ITEM_MAX = 65536 };

/* One node of the heap; those beyond the items that are there name the free slots. */
struct item_place { uint64_t sequence; size_t slot; };
struct items {
    char *at;                   /* `room` slots: a ring, a stack, or what the heap points to */
    size_t first, count, room, capacity, size;
    bool plain;                 /* first in, first out, and nothing is to be moved */
    enum bide_order order;
    bool (*before)(const void *a, const void *b);
    size_t moved, wrapped;      /* of a ring that has grown: how many went behind, of how many */
    struct item_place *heap;    /* BIDE_PRIORITY: the order of the slots; else NULL */
    size_t named;               /* its nodes that name a slot; the others are not touched yet */
    uint64_t sequence;          /* breaks ties */
    bide_drop_fn *drop, *drop_pointee;
};

struct bide_queue {
    struct waitlist getters, putters, joiners;  /* the plain queue's */
    size_t accepts;             /* the size of an item; SIZE_MAX in a queue between threads */
    struct items items;
    size_t unfinished;          /* put, not yet dealt with */
    uint32_t entering;          /* who yields on its way in */
    bool closed, freed;         /* freed: the last of them frees it */
    bool threads;
};

/* Makes room for the first items; 0, or BIDE_ENOMEM without a sentence. */
int bide__items_open(struct items *s, const struct bide_queue_opts *o);
/* 0: there is room for one more; BIDE_EAGAIN, without a sentence: full; BIDE_ENOMEM. */
int bide__items_make_room(struct items *s);
/* The order that is not plain. */
void bide__items_put_ordered(struct items *s, const void *item);
void *bide__items_remove_ordered(struct items *s);
/* Calls the drop hook on each, and forgets them. */
void bide__items_drop(struct items *s);
/* Without calling any hook. */
void bide__items_close(struct items *s);

static inline void copy_item(void *to, const void *from, size_t size)
{
    if (size == 8)
        memcpy(to, from, 8);
    else if (size == 4)
        memcpy(to, from, 4);
    else
        memcpy(to, from, size);
}

/* At the end of the ring, and from its beginning. */
static inline void items_put_last(struct items *s, const void *item)
{
    size_t at = s->first + s->count;
    if (at >= s->room)
        at -= s->room;
    copy_item(s->at + at * s->size, item, s->size);
    s->count++;
}
static inline void *items_remove_first(struct items *s)
{
    void *item = s->at + s->first * s->size;
    if (++s->first == s->room)
        s->first = 0;
    s->count--;
    return item;
}

/* There must be room. */
static inline void items_put(struct items *s, const void *item)
{
    if (__builtin_expect(!s->plain, 0)) {
        bide__items_put_ordered(s, item);
        return;
    }
    items_put_last(s, item);
}

/* Takes the next one out; it stays readable until another is put.  There must be one. */
static inline void *items_remove(struct items *s)
{
    if (__builtin_expect(!s->plain, 0))
        return bide__items_remove_ordered(s);
    return items_remove_first(s);
}

extern const struct waitkind bide__queue_getting, bide__queue_putting;
/* "the queue is closed". */
int bide__queue_fail_closed(void);
/* Keeps its memory, also if it is freed: for who yields on the way in. */
void bide__queue_hold(bide_queue *q);
void bide__queue_let_go(bide_queue *q);
/* Of either kind; BIDE_EAGAIN has no sentence. */
int bide__queue_try_put(bide_queue *q, const void *item, size_t size);
int bide__queue_try_get(bide_queue *q, void *item, size_t size);

/* The queue between threads: what the public calls do there. */
bide_queue *bide__thread_queue_new(const struct bide_queue_opts *o);
BIDE_WAITS int bide__thread_queue_enter(bide_queue *q);
BIDE_WAITS int bide__thread_queue_put(bide_queue *q, const void *item);
BIDE_WAITS int bide__thread_queue_get(bide_queue *q, void *item);
BIDE_WAITS int bide__thread_queue_join(bide_queue *q);
/* BIDE_EAGAIN has no sentence. */
int bide__thread_queue_try_put(bide_queue *q, const void *item);
int bide__thread_queue_try_get(bide_queue *q, void *item);
int bide__thread_queue_done(bide_queue *q);
size_t bide__thread_queue_size(bide_queue *q);
void bide__thread_queue_hold(bide_queue *q);
void bide__thread_queue_let_go(bide_queue *q);
void bide__thread_queue_close(bide_queue *q, bool now);
void bide__thread_queue_free(bide_queue *q);
/* Lines a select up, to get into item or to put what is there: 0 or BIDE_ENOMEM. */
int bide__thread_queue_join_select(bide_queue *q, struct wait *w, void *item, bool puts);

#endif
