/* A heap of deadlines: the earliest first, equal ones in the order in which they were put.
 *
 * The heap is an array of { due, who } with four children a node; the timer itself lies with
 * whoever waits (on its stack) and knows its place, so taking one out needs no search.
 * Measured against a wheel and against two and eight children: four was fastest when the
 * timers lie on cold stacks.  The array is a reserved stretch of address space that is
 * committed as it is touched: putting a timer never allocates. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    int64_t due_ns;
    uint32_t place;             /* index in the heap; 0: not in it */
    uint32_t sequence;          /* breaks ties */
    uint8_t kind;               /* whose it is: the user's own numbers */
    uint8_t flags;              /* the user's */
};

struct heap_entry { int64_t due_ns; struct timer *timer; };
struct heap {
    struct heap_entry *entries; /* 1-based */
    uint32_t count, limit;      /* count: places used, a hole among them */
    uint32_t sequence;
    bool hole;                  /* the first was taken and its place not yet filled: what is put
                                   next, such as the next call's time-out, often belongs there */
};

int bide__heap_open(struct heap *heap);         /* 0 or -ENOMEM */
void bide__heap_close(struct heap *heap);
bool bide__heap_put(struct heap *heap, struct timer *timer);       /* false: full */
void bide__heap_remove(struct heap *heap, struct timer *timer);    /* also if it is not in it */

/* Closes the hole. */
void bide__heap_fill(struct heap *heap);
static inline struct timer *bide__heap_first(struct heap *heap)
{
    if (heap->hole)
        bide__heap_fill(heap);
    return heap->count ? heap->entries[1].timer : NULL;
}

#endif
