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

static void sink(struct heap *heap, uint32_t place, struct heap_entry entry)
{
    for (;;) {
        uint32_t child = (place - 1) * CHILDREN + 2;
        if (child > heap->count)
            break;
        uint32_t least = child, end = child + CHILDREN;
        if (end > heap->count + 1)
            end = heap->count + 1;
        while (++child < end)
            if (before(&heap->entries[child], &heap->entries[least]))
                least = child;
        if (!before(&heap->entries[least], &entry))
            break;
        settle_at(heap, place, heap->entries[least]);
        place = least;
    }
    settle_at(heap, place, entry);
}

bool bide__heap_put(struct heap *heap, struct timer *timer)
{
    if (heap->count + 1 >= heap->limit)
        return false;
    timer->sequence = heap->sequence++;
    rise(heap, ++heap->count, (struct heap_entry){ timer->due_ns, timer });
    return true;
}

void bide__heap_remove(struct heap *heap, struct timer *timer)
{
    uint32_t place = timer->place;
    if (!place)
        return;
    timer->place = 0;
    struct heap_entry last = heap->entries[heap->count--];
    if (last.timer == timer)
        return;
    if (place > 1 && before(&last, &heap->entries[(place - 2) / CHILDREN + 1]))
        rise(heap, place, last);
    else
        sink(heap, place, last);
}
