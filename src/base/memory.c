/* One allocator per process: malloc's, or the program's own (bide/memory.h). */
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { LARGE = 65536 };

static const struct bide_allocator libc = { malloc, realloc, free };
static struct bide_allocator current = { malloc, realloc, free };

int bide_allocator_set(const struct bide_allocator *allocator)
{
    if (allocator && (!allocator->alloc || !allocator->resize || !allocator->free))
        return -EINVAL;
    current = allocator ? *allocator : libc;
    return 0;
}

const struct bide_allocator *bide__allocator(void)
{
    return &current;
}

void *bide__alloc(size_t size)
{
    return current.alloc(size ? size : 1);
}

/* Much memory is zero as the system gives it, page by page where it is used: to clear it here would
 * be a stall. */
void *bide__zalloc(size_t size)
{
    if (size >= LARGE && current.alloc == malloc)
        return calloc(1, size);
    void *memory = bide__alloc(size);
    return memory ? memset(memory, 0, size) : NULL;
}

void *bide__resize(void *memory, size_t size)
{
    return current.resize(memory, size ? size : 1);
}

void bide__free(void *memory)
{
    if (memory)
        current.free(memory);
}

void bide__clear(void *at, size_t size)
{
    memset(at, 0, size);
}

char *bide__copy_text(const char *text, size_t size)
{
    char *copy = bide__alloc(size + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}
