/* The spare buffers of this thread; the rules stand in buffers.h.
 *
 * Streams belong to a loop and loops to threads, so no lock is needed.  The number kept is
 * bounded; a burst of busy streams beyond it goes back to the allocator. */
#include "io/buffers.h"
#include "base/memory.h"
#include "io/stream.h"

enum { SPARES_MAX = 64 };

struct spare { struct spare *next; };
static __thread struct { struct spare *first; unsigned count, streams; } here;

char *bide__buffer_take(void)
{
    struct spare *spare = here.first;
    if (!spare)
        return bide__alloc(BUFFER_ROOM + 1);
    here.first = spare->next;
    here.count--;
    return (char *)spare;
}

void bide__buffer_give(char *buffer)
{
    if (here.count >= SPARES_MAX || !here.streams) {
        bide__free(buffer);
        return;
    }
    struct spare *spare = (struct spare *)(void *)buffer;
    spare->next = here.first;
    here.first = spare;
    here.count++;
}

void bide__buffers_hold(void)
{
    here.streams++;
}

void bide__buffers_drop(void)
{
    if (--here.streams)
        return;
    while (here.count)
        bide__free(bide__buffer_take());
}
