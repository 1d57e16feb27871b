/* Queue: a ring of items, and two lines: who waits to get, who waits to put.  At most one of
 * them is not empty.  A waiting getter's item goes straight into its memory; a waiting
 * putter's item is taken from its memory as soon as there is room. */
#include "base/inline.h"
#include "base/memory.h"
#include "core/park.h"
#include <bide/queue.h>
#include <string.h>

enum { ITEM_MAX = 65536, FIRST_ROOM = 16 };

struct bide_queue {
    struct waitlist getters, putters, joiners;
    char *items;                /* a ring of `room` slots */
    size_t first, count, room, capacity, item_size;
    size_t unfinished;          /* put, not yet dealt with */
    uint32_t entering;          /* who yields on its way in */
    bool closed, freed;         /* freed: the last of them frees it */
    bide_drop_fn *drop, *drop_pointee;
};

static const struct waitkind getting = { .what = "a queue's next item", .undo = bide__undo };
static const struct waitkind putting = { .what = "room in a queue", .undo = bide__undo };
static const struct waitkind finishing = { .what = "a queue's items to be done",
                                           .undo = bide__undo };

static int check_options(const struct bide_queue_opts *o)
{
    if (o->item_size == 0 || o->item_size > ITEM_MAX)
        return bide_fail(BIDE_EINVAL, "queue: items of %zu bytes; 1 to %d", o->item_size, ITEM_MAX);
    if (o->drop && o->drop_pointee)
        return bide_fail(BIDE_EINVAL, "queue: drop and drop_pointee exclude each other");
    if (o->drop_pointee && o->item_size != sizeof(void *))
        return bide_fail(BIDE_EINVAL, "queue: drop_pointee needs items that are pointers");
    return 0;
}

bide_queue *bide_queue_new_opts(const struct bide_queue_opts *o)
{
    if (check_options(o) < 0)
        return NULL;
    bide_queue *q = bide__zalloc(sizeof *q);
    if (q) {
        q->capacity = o->capacity ? o->capacity : 1;
        q->room = q->capacity == BIDE_UNLIMITED ? FIRST_ROOM : q->capacity;
        q->item_size = o->item_size;
        q->drop = o->drop;
        q->drop_pointee = o->drop_pointee;
        if (q->room <= SIZE_MAX / 2 / q->item_size)
            q->items = bide__alloc(q->room * q->item_size);
    }
    if (q && q->items)
        return q;
    bide__free(q);
    bide_fail(BIDE_ENOMEM, "queue: no memory for %zu items", o->capacity);
    return NULL;
}

static inline void copy_item(void *to, const void *from, size_t size)
{
    if (size == 8)
        memcpy(to, from, 8);
    else if (size == 4)
        memcpy(to, from, 4);
    else
        memcpy(to, from, size);
}

static char *slot(const bide_queue *q, size_t i)
{
    size_t at = q->first + i;
    if (at >= q->room)
        at -= q->room;
    return q->items + at * q->item_size;
}

static void append(bide_queue *q, const void *item)
{
    copy_item(slot(q, q->count), item, q->item_size);
    q->count++;
}

static void take(bide_queue *q, void *item)
{
    copy_item(item, slot(q, 0), q->item_size);
    if (++q->first == q->room)
        q->first = 0;
    q->count--;
}

/* Only a queue without a limit grows. */
static int make_room(bide_queue *q)
{
    if (q->count < q->room)
        return 0;
    if (q->capacity != BIDE_UNLIMITED)
        return BIDE_EAGAIN;
    bool fits = q->room < SIZE_MAX / 4 / q->item_size;
    char *items = fits ? bide__alloc(2 * q->room * q->item_size) : NULL;
    if (!items)
        return bide_fail(BIDE_ENOMEM, "queue: no memory for %zu items", 2 * q->room);
    size_t head = q->room - q->first;
    memcpy(items, q->items + q->first * q->item_size, head * q->item_size);
    memcpy(items + head * q->item_size, q->items, q->first * q->item_size);
    bide__free(q->items);
    q->items = items;
    q->first = 0;
    q->room *= 2;
    return 0;
}

static COLD int fail_check(const bide_queue *q, size_t size, const char *call)
{
    if (!q)
        return bide_errcode();
    return bide_fail(BIDE_EINVAL, "queue %s: a pointer to %zu bytes; the items have %zu", call,
                     size, q->item_size);
}

static inline int check(const bide_queue *q, size_t size, const char *call)
{
    return __builtin_expect(q && size == q->item_size, 1) ? 0 : fail_check(q, size, call);
}

static COLD int fail_closed(void)
{
    return bide_fail(BIDE_ECLOSED, "the queue is closed");
}

/* Who comes in may have to yield first, and the queue be freed meanwhile. */
BIDE_WAITS static COLD int enter_slowly(bide_queue *q)
{
    if (!q)
        return bide__enter_slowly();
    q->entering++;
    int rc = bide__enter_slowly();
    q->entering--;
    if (!q->freed)
        return rc;
    if (!q->entering)
        bide__free(q);
    return rc < 0 ? rc : fail_closed();
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
    copy_item(getter->data, item, q->item_size);
    bide__unlink(getter);
    bide__settle_wait(getter, 1);
    q->unfinished++;
}

/* 0: put; BIDE_EAGAIN, without a sentence: full. */
static inline int try_put(bide_queue *q, const void *item)
{
    struct wait *getter = q->getters.head;
    if (q->closed)
        return fail_closed();
    if (getter) {
        hand_over(q, getter, item);
        return 0;
    }
    int rc = make_room(q);
    if (rc < 0)
        return rc;
    append(q, item);
    q->unfinished++;
    return 0;
}

/* 1: got; 0: closed and drained; BIDE_EAGAIN, without a sentence: empty. */
static inline int try_get(bide_queue *q, void *item)
{
    if (!q->count)
        return q->closed ? 0 : BIDE_EAGAIN;
    take(q, item);
    struct wait *putter = q->putters.head;
    if (putter) {
        append(q, putter->data);
        q->unfinished++;
        bide__unlink(putter);
        bide__settle_wait(putter, 0);
    }
    return 1;
}

BIDE_WAITS static __attribute__((noinline)) int put(bide_queue *q, const void *item, size_t size)
{
    int rc = check(q, size, "put");
    if (rc < 0)
        return rc;
    rc = try_put(q, item);
    if (rc != BIDE_EAGAIN)
        return rc;
    if ((rc = bide__same_loop(&q->putters)) < 0)
        return rc;
    struct wait w;
    w.kind = &putting;
    w.data = (void *)(uintptr_t)item;
    return bide__wait(&q->putters, &w);
}

/* The usual case, somebody waits for it, needs no frame of its own. */
int bide_queue_put_(bide_queue *q, const void *item, size_t size)
{
    int rc = enter(q);
    if (rc < 0)
        return rc;
    if (!q || !q->getters.head || size != q->item_size)
        return put(q, item, size);
    hand_over(q, q->getters.head, item);
    return 0;
}

int bide_queue_get_(bide_queue *q, void *item, size_t size)
{
    int rc = enter(q);
    if (rc < 0 || (rc = check(q, size, "get")) < 0)
        return rc;
    rc = try_get(q, item);
    if (rc != BIDE_EAGAIN)
        return rc;
    if ((rc = bide__same_loop(&q->getters)) < 0)
        return rc;
    struct wait w;
    w.kind = &getting;
    w.data = item;
    return bide__wait(&q->getters, &w);
}

int bide_queue_put_nowait_(bide_queue *q, const void *item, size_t size)
{
    int rc = check(q, size, "put");
    if (rc == 0 && (rc = try_put(q, item)) == BIDE_EAGAIN)
        bide_fail(BIDE_EAGAIN, "the queue is full");
    return rc;
}

int bide_queue_get_nowait_(bide_queue *q, void *item, size_t size)
{
    int rc = check(q, size, "get");
    if (rc == 0 && (rc = try_get(q, item)) == BIDE_EAGAIN)
        bide_fail(BIDE_EAGAIN, "the queue is empty");
    return rc;
}

int bide_queue_join(bide_queue *q)
{
    int rc = enter(q);
    if (rc < 0)
        return rc;
    if (!q)
        return bide_errcode();
    if (!q->unfinished)
        return 0;
    if ((rc = bide__same_loop(&q->joiners)) < 0)
        return rc;
    struct wait w = { .kind = &finishing };
    return bide__wait(&q->joiners, &w);
}

int bide_queue_done(bide_queue *q)
{
    if (!q)
        return bide_errcode();
    if (q->unfinished <= q->count)
        return bide_fail(BIDE_EINVAL, "queue done: more often than items were got");
    if (--q->unfinished == 0)
        bide__settle_all(&q->joiners, 0);
    return 0;
}

size_t bide_queue_size(const bide_queue *q)
{
    return q ? q->count : 0;
}

static void settle_closed(struct waitlist *line)
{
    while (line->head) {
        task *t = line->head->task;
        bide__hold(t, BIDE_ECLOSED, "the queue is closed");
        bide__settle_first(line, BIDE_ECLOSED);
    }
}

/* Getters wait only where nothing is left, so for them it is the end. */
void bide_queue_close(bide_queue *q)
{
    if (!q || q->closed)
        return;
    q->closed = true;
    settle_closed(&q->putters);
    bide__settle_all(&q->getters, 0);
}

static void drop_items(bide_queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        void *pointee;
        if (q->drop)
            q->drop(slot(q, i));
        if (q->drop_pointee) {
            memcpy(&pointee, slot(q, i), sizeof pointee);
            q->drop_pointee(pointee);
        }
    }
}

void bide_queue_free(bide_queue *q)
{
    if (!q)
        return;
    settle_closed(&q->getters);
    settle_closed(&q->putters);
    settle_closed(&q->joiners);
    drop_items(q);
    bide__free(q->items);
    q->freed = true;
    if (!q->entering)
        bide__free(q);
}
