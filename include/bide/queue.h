/* bide/queue.h -- a bounded queue between tasks: asyncio.Queue, PriorityQueue, LifoQueue.
 *
 * Items are copied in and out; their size is fixed at bide_queue_new(type, capacity) and
 * checked against the pointer's at every call.  A full queue makes putters wait, an empty
 * one getters; both in the order in which they came.  An item is handed over directly where
 * somebody waits, so cancelling never loses or doubles one: a get that returns < 0 took
 * nothing, a put that returns < 0 put nothing.
 *
 * With .threads = true a queue joins loops and threads: every call works from any thread, a
 * task waits as always, and a thread outside of all loops blocks.  Where only tasks of one
 * loop use a queue, leave it out: that one needs no lock, and its deadlocks are reported. */
#ifndef BIDE_QUEUE_H
#define BIDE_QUEUE_H
#include <bide/base.h>
BIDE_BEGIN_

typedef struct bide_queue bide_queue;
/* Which item comes out next: the oldest, the newest, or the one that .before puts first. */
enum bide_order { BIDE_FIFO, BIDE_LIFO, BIDE_PRIORITY };
/* Options of bide_queue_new(). */
struct bide_queue_opts {
    size_t abi_;
    size_t item_size;           /* bytes of an item, 1 to 65536; the macro fills it in */
    size_t capacity;            /* items; default 1.  BIDE_UNLIMITED: grows, and a put can fail
                                   with BIDE_ENOMEM */
    bide_drop_fn *drop;         /* called on the address of each item left behind by free or
                                   close_now */
    bide_drop_fn *drop_pointee; /* the same, on the pointer that the item is; not both */
    enum bide_order order;      /* default BIDE_FIFO */
    bool (*before)(const void *a, const void *b);
                                /* BIDE_PRIORITY: item *a goes before item *b.  Equal ones come
                                   out in the order in which they went in.  Must neither wait
                                   nor use the queue */
    bool threads;               /* any thread may use it; see above */
};
/* bide_queue_new(struct row, 1000) or (char *, 10, .drop_pointee = free) or (struct job, 10,
 * .order = BIDE_PRIORITY, .before = is_more_urgent).  NULL: BIDE_EINVAL, BIDE_ENOMEM. */
#define bide_queue_new(type, ...) \
    bide_queue_new_opts(BIDE_OPTS_(bide_queue_opts, .item_size = sizeof(type), \
                                   .capacity = __VA_ARGS__))
bide_queue *bide_queue_new_opts(const struct bide_queue_opts *opts);

/* Puts a copy of *item, waiting while the queue is full: 0.  BIDE_ECLOSED once closed;
 * BIDE_EINVAL if *item has another size than the queue's items. */
#define bide_queue_put(q, item) bide_queue_put_(q, item, sizeof *(item))
/* Moves the first item to *item, waiting while the queue is empty: 1.  0: closed and
   drained. */
#define bide_queue_get(q, item) bide_queue_get_(q, item, sizeof *(item))
/* The same without waiting; BIDE_EAGAIN where they would have to. */
#define bide_queue_put_nowait(q, item) bide_queue_put_nowait_(q, item, sizeof *(item))
#define bide_queue_get_nowait(q, item) bide_queue_get_nowait_(q, item, sizeof *(item))
/* Behind the macros above; size is the item's. */
BIDE_WAITS int bide_queue_put_(bide_queue *q, const void *item, size_t size);
BIDE_WAITS int bide_queue_get_(bide_queue *q, void *item, size_t size);
BIDE_CHECK int bide_queue_put_nowait_(bide_queue *q, const void *item, size_t size);
BIDE_CHECK int bide_queue_get_nowait_(bide_queue *q, void *item, size_t size);
/* Waits until every item that was put has been dealt with (bide_queue_done).  Counterpart:
   Queue.join(). */
BIDE_WAITS int bide_queue_join(bide_queue *q);

/* Says that one item got has been dealt with.  More often than items were got: BIDE_EINVAL. */
int bide_queue_done(bide_queue *q);
/* How many items are in it. */
size_t bide_queue_size(const bide_queue *q);
/* How many items it has room for; BIDE_UNLIMITED.  Counterpart: Queue.maxsize. */
size_t bide_queue_capacity(const bide_queue *q);
/* From now on puts fail with BIDE_ECLOSED (also those that wait), and gets drain what is
   there. */
void bide_queue_close(bide_queue *q);
/* The same, and drops what is left: gets return 0 at once.  What is dropped counts as dealt
 * with, so a join waits only for what was got before.  Counterpart:
 * Queue.shutdown(immediate=True). */
void bide_queue_close_now(bide_queue *q);
/* Closes, drops what is left, and frees; whoever still waits fails with BIDE_ECLOSED.
   NULL: nothing. */
void bide_queue_free(bide_queue *q);
BIDE_AUTO_(queue, bide_queue_free)

BIDE_END_
#endif
