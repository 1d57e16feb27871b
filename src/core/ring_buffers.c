/* The buffers of a ring, and the lists of those that wait to be read. */
#include "core/ring_buffers.h"
#include "base/memory.h"
#include "base/sys.h"
#include <liburing.h>
#include <string.h>

enum { SCARCE = BUFFER_COUNT / 4 };

struct ring_buffers {
    struct io_uring_buf_ring *ring;     /* those that the system may take; the memory begins here */
    char *memory;
    unsigned taken;
    struct { uint16_t next, size; } of[BUFFER_COUNT];   /* those that were taken */
};
enum { RING_SIZE = BUFFER_COUNT * sizeof(struct io_uring_buf),
       MEMORY_SIZE = RING_SIZE + BUFFER_COUNT * BUFFER_SIZE };

static void give(struct ring_buffers *b, uint16_t id)
{
    io_uring_buf_ring_add(b->ring, b->memory + (size_t)id * BUFFER_SIZE, BUFFER_SIZE, id,
                          io_uring_buf_ring_mask(BUFFER_COUNT), 0);
    io_uring_buf_ring_advance(b->ring, 1);
}

static bool set_up(struct ring_buffers *b, struct io_uring *io)
{
    void *memory = bide__sys.mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    struct io_uring_buf_reg registration = { .ring_addr = (uintptr_t)memory,
                                             .ring_entries = BUFFER_COUNT, .bgid = BUFFER_GROUP };
    if (bide__sys.ring_register(io, &registration) < 0) {
        bide__sys.munmap(memory, MEMORY_SIZE);
        return false;
    }
    b->ring = memory;
    b->memory = (char *)memory + RING_SIZE;
    return true;
}

struct ring_buffers *bide__ring_buffers_open(struct io_uring *io)
{
    struct ring_buffers *b = bide__zalloc(sizeof *b);
    if (!b || !set_up(b, io)) {
        bide__free(b);
        return NULL;
    }
    for (int i = 0; i < BUFFER_COUNT; i++)
        give(b, (uint16_t)i);
    return b;
}

void bide__ring_buffers_close(struct ring_buffers *b)
{
    if (!b)
        return;
    bide__sys.munmap(b->ring, MEMORY_SIZE);
    bide__free(b);
}

static void give_back(struct ring_buffers *b, uint16_t id)
{
    give(b, id);
    b->taken--;
}

void bide__received_put(struct ring_buffers *b, struct received *list, uint16_t id, size_t size)
{
    b->taken++;
    b->of[id].size = (uint16_t)size;
    if (list->count++)
        b->of[list->last].next = id;
    else
        list->first = id;
    list->last = id;
}

/* The first one is empty. */
static void pass_on(struct ring_buffers *b, struct received *list)
{
    uint16_t id = list->first;
    list->first = b->of[id].next;
    list->from = 0;
    list->count--;
    give_back(b, id);
}

size_t bide__received_take(struct ring_buffers *b, struct received *list, char *to, size_t size)
{
    size_t taken = 0;
    while (list->count && taken < size) {
        uint16_t id = list->first;
        size_t left = (size_t)b->of[id].size - list->from;
        size_t n = left < size - taken ? left : size - taken;
        memcpy(to + taken, b->memory + (size_t)id * BUFFER_SIZE + list->from, n);
        taken += n;
        list->from = (uint16_t)(list->from + n);
        if (n == left)
            pass_on(b, list);
    }
    return taken;
}

void bide__received_drop(struct ring_buffers *b, struct received *list)
{
    while (list->count)
        pass_on(b, list);
}

void bide__ring_buffers_refuse(struct ring_buffers *b, uint16_t id)
{
    give(b, id);
}

bool bide__ring_buffers_scarce(const struct ring_buffers *b)
{
    return BUFFER_COUNT - b->taken < SCARCE;
}
