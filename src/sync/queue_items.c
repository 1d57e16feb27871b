/* What a queue holds: its items, in the order in which they are to come out.
 *
 * First in, first out is a ring, and inline in queue.h.  Where it grows, what had wrapped round
 * goes behind the rest, some of it with each item that comes or goes; until all has, the ring is
 * not plain.  It goes before it is got, and before its old place is put to.
 *
 * Last in, first out is the same array
 * used from one end.  A priority queue's items stay in the slot they were copied to, whatever
 * their size, and a binary heap of slot numbers is what moves; a sequence number in each node
 * keeps equal items in the order in which they came. */
#include "base/memory.h"
#include "sync/queue.h"

enum { FIRST_ROOM = 16, MOVED_AT_ONCE = 65536, MOVED_EACH = 1024 };       /* bytes */

int bide__items_open(struct items *s, const struct bide_queue_opts *o)
{
    size_t capacity = o->capacity ? o->capacity : 1;
    size_t room = capacity == BIDE_UNLIMITED ? FIRST_ROOM : capacity;
    *s = (struct items){
        .capacity = capacity, .room = room, .size = o->item_size, .order = o->order,
        .plain = o->order == BIDE_FIFO, .before = o->before, .drop = o->drop,
        .drop_pointee = o->drop_pointee,
    };
    if (room > SIZE_MAX / 2 / s->size || room > SIZE_MAX / 2 / sizeof *s->heap)
        return BIDE_ENOMEM;
    if (!(s->at = bide__alloc(room * s->size)))
        return BIDE_ENOMEM;
    if (o->order != BIDE_PRIORITY)
        return 0;
    if ((s->heap = bide__alloc(room * sizeof *s->heap)))
        return 0;
    bide__items_close(s);
    return BIDE_ENOMEM;
}

void bide__items_close(struct items *s)
{
    bide__free(s->at);
    bide__free(s->heap);
    s->at = NULL;
    s->heap = NULL;
}

static char *slot(const struct items *s, size_t i)
{
    return s->at + i * s->size;
}

/* The slots keep their numbers. */
static bool grow_heap(struct items *s)
{
    char *at = bide__resize(s->at, 2 * s->room * s->size);
    if (!at)
        return false;
    s->at = at;
    struct item_place *heap = bide__resize(s->heap, 2 * s->room * sizeof *heap);
    if (!heap)
        return false;
    s->heap = heap;
    return true;
}

static void move_some(struct items *s, size_t bytes)
{
    size_t count = bytes / s->size + 1, left = s->wrapped - s->moved;
    if (count > left)
        count = left;
    memcpy(slot(s, s->room / 2 + s->moved), slot(s, s->moved), count * s->size);
    s->moved += count;
    s->plain = s->moved == s->wrapped;
}

/* Large memory grows where it is, or by other pages of the system. */
static bool grow_ring(struct items *s)
{
    char *at = bide__resize(s->at, 2 * s->room * s->size);
    if (!at)
        return false;
    s->at = at;
    return true;
}

/* Only a queue without a limit grows. */
int bide__items_make_room(struct items *s)
{
    if (s->count < s->room)
        return 0;
    if (s->capacity != BIDE_UNLIMITED)
        return BIDE_EAGAIN;
    bool fits = s->room < SIZE_MAX / 4 / s->size;
    if (!fits || !(s->heap ? grow_heap(s) : grow_ring(s)))
        return bide_fail(BIDE_ENOMEM, "queue: no memory for %zu items", 2 * s->room);
    s->room *= 2;
    s->moved = 0;
    s->wrapped = s->first;
    if (s->order == BIDE_FIFO)
        move_some(s, MOVED_AT_ONCE);
    return 0;
}

static bool goes_before(const struct items *s, struct item_place a, struct item_place b)
{
    if (s->before(slot(s, a.slot), slot(s, b.slot)))
        return true;
    return !s->before(slot(s, b.slot), slot(s, a.slot)) && a.sequence < b.sequence;
}

static void rise(struct items *s, size_t at, struct item_place place)
{
    while (at) {
        size_t parent = (at - 1) / 2;
        if (!goes_before(s, place, s->heap[parent]))
            break;
        s->heap[at] = s->heap[parent];
        at = parent;
    }
    s->heap[at] = place;
}

static void sink(struct items *s, size_t at, struct item_place place)
{
    size_t child;
    while ((child = 2 * at + 1) < s->count) {
        if (child + 1 < s->count && goes_before(s, s->heap[child + 1], s->heap[child]))
            child++;
        if (!goes_before(s, s->heap[child], place))
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = place;
}

void bide__items_put_ordered(struct items *s, const void *item)
{
    if (s->order == BIDE_FIFO) {
        move_some(s, MOVED_EACH);
        items_put_last(s, item);
        return;
    }
    if (!s->heap) {
        copy_item(slot(s, s->count++), item, s->size);
        return;
    }
    if (s->count == s->named)
        s->heap[s->named++].slot = s->count;
    struct item_place place = { s->sequence++, s->heap[s->count].slot };
    copy_item(slot(s, place.slot), item, s->size);
    rise(s, s->count++, place);
}

void *bide__items_remove_ordered(struct items *s)
{
    if (s->order == BIDE_FIFO) {
        move_some(s, MOVED_EACH);
        return items_remove_first(s);
    }
    s->count--;
    if (!s->heap)
        return slot(s, s->count);
    struct item_place top = s->heap[0];
    sink(s, 0, s->heap[s->count]);
    s->heap[s->count] = top;    /* its slot is free */
    return slot(s, top.slot);
}

void bide__items_drop(struct items *s)
{
    if (!s->drop && !s->drop_pointee)
        s->count = 0;
    while (s->count) {
        void *item = items_remove(s), *pointee;
        if (s->drop)
            s->drop(item);
        if (s->drop_pointee) {
            memcpy(&pointee, item, sizeof pointee);
            s->drop_pointee(pointee);
        }
    }
}
