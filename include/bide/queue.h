/* bide/queue.h -- a bounded queue between tasks: asyncio.Queue.
 *
 * Items are copied in and out; their size is fixed at bide_queue_new(type, capacity) and
 * checked against the pointer's at every call.  A full queue makes putters wait, an empty
 * one getters; both in the order in which they came.  An item is handed over directly where
 * somebody waits, so cancelling never loses or doubles one: a get that returns < 0 took
 * nothing, a put that returns < 0 put nothing. */
#ifndef BIDE_QUEUE_H
#define BIDE_QUEUE_H
#include <bide/base.h>
BIDE_BEGIN_

typedef struct bide_queue bide_queue;
/* Options of bide_queue_new(). */
struct bide_queue_opts {
    size_t abi_;
    size_t item_size;           /* bytes of an item, 1 to 65536; the macro fills it in */
    size_t capacity;            /* items; default 1.  BIDE_UNLIMITED: grows, and a put can fail
                                   with BIDE_ENOMEM */
    bide_drop_fn *drop;         /* called on the address of each item left behind by free */
    bide_drop_fn *drop_pointee; /* the same, on the pointer that the item is; not both */
};
/* bide_queue_new(struct row, 1000) or (char *, 10, .drop_pointee = free).  NULL:
   BIDE_EINVAL, BIDE_ENOMEM. */
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
/* From now on puts fail with BIDE_ECLOSED (also those that wait), and gets drain what is
   there. */
void bide_queue_close(bide_queue *q);
/* Closes, drops what is left, and frees; whoever still waits fails with BIDE_ECLOSED.
   NULL: nothing. */
void bide_queue_free(bide_queue *q);
BIDE_AUTO_(queue, bide_queue_free)

BIDE_END_
#endif
