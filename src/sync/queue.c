/* Queue: items, and two lines: who waits to get, who waits to put.  At most one of them is not
 * empty.  A waiting getter's item goes straight into its memory; a waiting putter's item is
 * taken from its memory as soon as there is room. */
#include "sync/queue.h"
#include "base/inline.h"
#include "base/memory.h"
#include "core/release.h"

const struct waitkind bide__queue_getting = { .what = "a queue's next item",
                                              .undo = bide__undo_unreleased };
const struct waitkind bide__queue_putting = { .what = "room in a queue",
                                              .undo = bide__undo_unreleased };
static const struct waitkind finishing = { .what = "a queue's items to be done",
                                           .undo = bide__undo_unreleased };

static const char why_closed[] = "the queue is closed";

static int check_options(const struct bide_queue_opts *o)
{
    if (o->item_size == 0 || o->item_size > QUEUE_ITEM_MAX)
        return bide_fail(BIDE_EINVAL, "queue: items of %zu bytes; 1 to %d", o->item_size,
                         QUEUE_ITEM_MAX);
    if (o->drop && o->drop_pointee)
        return bide_fail(BIDE_EINVAL, "queue: drop and drop_pointee exclude each other");
    if (o->drop_pointee && o->item_size != sizeof(void *))
        return bide_fail(BIDE_EINVAL, "queue: drop_pointee needs items that are pointers");
    if ((unsigned)o->order > BIDE_PRIORITY)
        return bide_fail(BIDE_EINVAL, "queue: there is no order %d", (int)o->order);
    if ((o->order == BIDE_PRIORITY) != (o->before != NULL))
        return bide_fail(BIDE_EINVAL, "queue: BIDE_PRIORITY and .before need each other");
    return 0;
}

bide_queue *bide_queue_new_opts(const struct bide_queue_opts *o)
{
    if (check_options(o) < 0)
        return NULL;
    bide_queue *q = o->threads ? bide__thread_queue_new(o) : bide__zalloc(sizeof *q);
    if (q && bide__items_open(&q->items, o) == 0) {
        q->threads = o->threads;
        q->accepts = o->threads ? SIZE_MAX : o->item_size;
        return q;
    }
    bide__free(q);
    bide_fail(BIDE_ENOMEM, "queue: no memory for %zu items", o->capacity);
    return NULL;
}

/* What is wrong with the pointer, if anything is: a queue between threads accepts none at first
 * sight. */
static COLD int fail_check(const bide_queue *q, size_t size, const char *call)
{
    if (!q)
        return bide_errcode();
    if (size == q->items.size)
        return 0;
    return bide_fail(BIDE_EINVAL, "queue %s: a pointer to %zu bytes; the items have %zu", call,
                     size, q->items.size);
}

static inline bool fits(const bide_queue *q, size_t size)
{
    return __builtin_expect(q && size == q->accepts, 1);
}

int bide__queue_fail_closed(void)
{
    return bide_fail(BIDE_ECLOSED, "%s", why_closed);
}

void bide__queue_hold(bide_queue *q)
{
    if (q->threads)
        bide__thread_queue_hold(q);
    else
        q->entering++;
}

void bide__queue_let_go(bide_queue *q)
{
    if (q->threads)
        bide__thread_queue_let_go(q);
    else if (--q->entering == 0 && q->freed)
        bide__free(q);
}

/* Who comes in may have to yield first, and the queue be freed meanwhile. */
BIDE_WAITS static COLD int enter_slowly(bide_queue *q)
{
    if (!q)
        return bide__enter_slowly();
    if (q->threads)
        return bide__thread_queue_enter(q);
    bide__queue_hold(q);
    int rc = bide__enter_slowly();
    if (rc == 0 && q->freed)
        rc = bide__queue_fail_closed();
    bide__queue_let_go(q);
    return rc;
}

/* As bide__enter(). */
BIDE_WAITS static inline int enter(bide_queue *q)
{
    struct loop *l = bide__here;
    return __builtin_expect(l && --l->current->credit > 0, 1) ? 0 : enter_slowly(q);
}

/* Straight into the memory of who waits for it. */
static inline void hand_over(bide_queue *q, struct wait *getter, const void *item)
{
    copy_item(getter->data, item, q->accepts);
    bide__unlink(getter);
    bide__settle_wait(getter, 1);
    q->unfinished++;
}

/* 0: put; BIDE_EAGAIN, without a sentence: full. */
static inline int try_put(bide_queue *q, const void *item)
{
    struct wait *getter = q->getters.head;
    if (q->closed)
        return bide__queue_fail_closed();
    if (getter) {
        hand_over(q, getter, item);
        return 0;
    }
    int rc = q->items.count < q->items.room ? 0 : bide__items_make_room(&q->items);
    if (rc < 0)
        return rc;
    items_put(&q->items, item);
    q->unfinished++;
    return 0;
}

static COLD int closed_and_drained(const bide_queue *q)
{
    return q->freed ? bide__queue_fail_closed() : 0;
}

/* 1: got; 0: closed and drained; BIDE_EAGAIN, without a sentence: empty. */
static inline int try_get(bide_queue *q, void *item)
{
    if (!q->items.count)
        return q->closed ? closed_and_drained(q) : BIDE_EAGAIN;
    copy_item(item, items_remove(&q->items), q->accepts);
    struct wait *putter = q->putters.head;
    if (putter) {
        items_put(&q->items, putter->data);
        q->unfinished++;
        bide__unlink(putter);
        bide__settle_wait(putter, 0);
    }
    return 1;
}

BIDE_WAITS static COLD int put_elsewhere(bide_queue *q, const void *item, size_t size)
{
    int rc = fail_check(q, size, "put");
    return rc < 0 ? rc : bide__thread_queue_put(q, item);
}

BIDE_WAITS static __attribute__((noinline)) int put(bide_queue *q, const void *item, size_t size)
{
    if (!fits(q, size))
        return put_elsewhere(q, item, size);
    int rc = try_put(q, item);
    if (rc != BIDE_EAGAIN)
        return rc;
    if ((rc = bide__same_loop(&q->putters)) < 0)
        return rc;
    struct wait w;
    w.kind = &bide__queue_putting;
    w.data = (void *)(uintptr_t)item;
    return bide__wait(&q->putters, &w);
}

/* The usual case, somebody waits for it, needs no frame of its own. */
int bide_queue_put_(bide_queue *q, const void *item, size_t size)
{
    int rc = enter(q);
    if (rc < 0)
        return rc;
    if (!q || !q->getters.head || size != q->accepts)
        return put(q, item, size);
    hand_over(q, q->getters.head, item);
    return 0;
}

BIDE_WAITS static COLD int get_elsewhere(bide_queue *q, void *item, size_t size)
{
    int rc = fail_check(q, size, "get");
    return rc < 0 ? rc : bide__thread_queue_get(q, item);
}

int bide_queue_get_(bide_queue *q, void *item, size_t size)
{
    int rc = enter(q);
    if (rc < 0)
        return rc;
    if (!fits(q, size))
        return get_elsewhere(q, item, size);
    rc = try_get(q, item);
    if (rc != BIDE_EAGAIN)
        return rc;
    if ((rc = bide__same_loop(&q->getters)) < 0)
        return rc;
    struct wait w;
    w.kind = &bide__queue_getting;
    w.data = item;
    return bide__wait(&q->getters, &w);
}

int bide__queue_try_put(bide_queue *q, const void *item, size_t size)
{
    if (fits(q, size))
        return try_put(q, item);
    int rc = fail_check(q, size, "put");
    return rc < 0 ? rc : bide__thread_queue_try_put(q, item);
}

int bide__queue_try_get(bide_queue *q, void *item, size_t size)
{
    if (fits(q, size))
        return try_get(q, item);
    int rc = fail_check(q, size, "get");
    return rc < 0 ? rc : bide__thread_queue_try_get(q, item);
}

int bide_queue_put_nowait_(bide_queue *q, const void *item, size_t size)
{
    int rc = bide__queue_try_put(q, item, size);
    return rc == BIDE_EAGAIN && q ? bide_fail(rc, "the queue is full") : rc;
}

int bide_queue_get_nowait_(bide_queue *q, void *item, size_t size)
{
    int rc = bide__queue_try_get(q, item, size);
    return rc == BIDE_EAGAIN && q ? bide_fail(rc, "the queue is empty") : rc;
}

int bide_queue_join(bide_queue *q)
{
    int rc = enter(q);
    if (rc < 0)
        return rc;
    if (!q)
        return bide_errcode();
    if (q->threads)
        return bide__thread_queue_join(q);
    if (!q->unfinished)
        return 0;
    if ((rc = bide__same_loop(&q->joiners)) < 0)
        return rc;
    struct wait w = { .kind = &finishing };
    return bide__wait_to_be_released(&q->joiners, &w);
}

int bide_queue_done(bide_queue *q)
{
    if (!q)
        return bide_errcode();
    if (q->threads)
        return bide__thread_queue_done(q);
    if (q->unfinished <= q->items.count)
        return bide_fail(BIDE_EINVAL, "queue done: more often than items were got");
    if (--q->unfinished == 0)
        bide__release_all(&q->joiners, 0);
    return 0;
}

size_t bide_queue_size(const bide_queue *q)
{
    if (q && q->threads)
        return bide__thread_queue_size((bide_queue *)(uintptr_t)q);
    return q ? q->items.count : 0;
}

size_t bide_queue_capacity(const bide_queue *q)
{
    return q ? q->items.capacity : 0;
}

static void let_go(void *queue)
{
    bide__queue_let_go((bide_queue *)queue);
}

/* Nobody joins the line any more, and the queue's memory stays until all are settled. */
static void end_line(bide_queue *q, struct waitlist *line, int rc)
{
    if (!line->head)
        return;
    bide__queue_hold(q);
    bide__release_on(line, &(struct terms){ .rc = rc, .why = rc < 0 ? why_closed : NULL,
                                            .closed = true, .owner = q, .end = let_go });
}

/* Getters wait only where nothing is left, so for them it is the end. */
static void close_plain(bide_queue *q)
{
    q->closed = true;
    end_line(q, &q->putters, BIDE_ECLOSED);
    end_line(q, &q->getters, 0);
}

void bide_queue_close(bide_queue *q)
{
    if (!q)
        return;
    if (q->threads)
        bide__thread_queue_close(q, false);
    else
        close_plain(q);
}

void bide_queue_close_now(bide_queue *q)
{
    if (!q)
        return;
    if (q->threads) {
        bide__thread_queue_close(q, true);
        return;
    }
    close_plain(q);
    q->unfinished -= q->items.count;
    bide__items_drop(&q->items);
    if (!q->unfinished)
        bide__release_all(&q->joiners, 0);
}

void bide_queue_free(bide_queue *q)
{
    if (!q)
        return;
    if (q->threads) {
        bide__thread_queue_free(q);
        return;
    }
    q->closed = true;
    end_line(q, &q->getters, BIDE_ECLOSED);
    end_line(q, &q->putters, BIDE_ECLOSED);
    bide__release_failed(&q->joiners, BIDE_ECLOSED, why_closed);
    bide__items_drop(&q->items);
    bide__items_close(&q->items);
    q->freed = true;
    if (!q->entering)
        bide__free(q);
}
