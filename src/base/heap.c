/* The 4-ary heap of deadlines; why it has this shape stands in heap.h. */
#include "base/heap.h"
#include "base/sys.h"
#include <errno.h>

enum { CHILDREN = 4, LIMIT_LOG2 = 24, LEAST_LOG2 = 16 };

int bide__heap_open(struct heap *heap)
{
    for (int log2 = LIMIT_LOG2; log2 >= LEAST_LOG2; log2 -= 2) {
        size_t size = sizeof(struct heap_entry) << log2;
        void *at = bide__sys.mmap(NULL, size, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED)
            continue;
        *heap = (struct heap){ .entries = at, .limit = (uint32_t)1 << log2 };
        return 0;
    }
    return -ENOMEM;
}

void bide__heap_close(struct heap *heap)
{
    if (heap->entries)
        bide__sys.munmap(heap->entries, sizeof(struct heap_entry) * heap->limit);
    heap->entries = NULL;
}

static bool before(const struct heap_entry *a, const struct heap_entry *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
    return (int32_t)(a->timer->sequence - b->timer->sequence) < 0;
}

static void settle_at(struct heap *heap, uint32_t place, struct heap_entry entry)
{
    heap->entries[place] = entry;
    entry.timer->place = place;
}

static void rise(struct heap *heap, uint32_t place, struct heap_entry entry)
{
    while (place > 1) {
        uint32_t parent = (place - 2) / CHILDREN + 1;
        if (!before(&entry, &heap->entries[parent]))
            break;
        settle_at(heap, place, heap->entries[parent]);
        place = parent;
    }
    settle_at(heap, place, entry);
}

/* Of two neighbours, by a conditional move and not by a branch that must be guessed. */
static inline uint32_t earlier(const struct heap_entry *e, uint32_t a, uint32_t b)
{
    if (__builtin_expect(e[a].due_ns == e[b].due_ns, 0))
        return before(&e[b], &e[a]) ? b : a;
    return e[b].due_ns < e[a].due_ns ? b : a;
}

/* The earliest of the children that begin at child; the last node may have fewer than four. */
static uint32_t earliest_child(const struct heap *heap, uint32_t child)
{
    const struct heap_entry *e = heap->entries;
    if (__builtin_expect(child + CHILDREN - 1 <= heap->count, 1))
        return earlier(e, earlier(e, child, child + 1), earlier(e, child + 2, child + 3));
    uint32_t least = child;
    while (++child <= heap->count)
        least = earlier(e, least, child);
    return least;
}

static void sink(struct heap *heap, uint32_t place, struct heap_entry entry)
{
    for (;;) {
        uint32_t child = (place - 1) * CHILDREN + 2;
        if (child > heap->count)
            break;
        uint32_t least = earliest_child(heap, child);
        if (!before(&heap->entries[least], &entry))
            break;
        settle_at(heap, place, heap->entries[least]);
        place = least;
    }
    settle_at(heap, place, entry);
}

void bide__heap_fill(struct heap *heap)
{
    struct heap_entry last = heap->entries[heap->count--];
    heap->hole = false;
    if (heap->count)
        sink(heap, 1, last);
}

bool bide__heap_put(struct heap *heap, struct timer *timer)
{
    struct heap_entry entry = { timer->due_ns, timer };
    if (!heap->hole && heap->count + 1 >= heap->limit)
        return false;
    timer->sequence = heap->sequence++;
    if (heap->hole)
        sink(heap, 1, entry);
    else
        rise(heap, ++heap->count, entry);
    heap->hole = false;
    return true;
}

void bide__heap_remove(struct heap *heap, struct timer *timer)
{
    if (!timer->place)
        return;
    if (heap->hole)
        bide__heap_fill(heap);
    uint32_t place = timer->place;
    timer->place = 0;
    if (place == 1) {
        heap->hole = true;
        return;
    }
    struct heap_entry last = heap->entries[heap->count--];
    if (last.timer == timer)
        return;
    if (before(&last, &heap->entries[(place - 2) / CHILDREN + 1]))
        rise(heap, place, last);
    else
        sink(heap, place, last);
}
