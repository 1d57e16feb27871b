/* bide/memory.h -- whose malloc.
 *
 * Everything but task stacks and tables that grow in place (these are mapped) comes from one
 * allocator per process, malloc's by default.  Running out is an error like any other. */
#ifndef BIDE_MEMORY_H
#define BIDE_MEMORY_H
#include <bide/base.h>
BIDE_BEGIN_

/* Three functions with the meaning of malloc, realloc and free, called from any thread. */
struct bide_allocator {
    void *(*alloc)(size_t size);
    void *(*resize)(void *memory, size_t size);
    void (*free)(void *memory);
};
/* Uses *allocator (copied) from now on; NULL: malloc's again.  Only while nothing of bide's
 * exists.  Returns 0, or BIDE_EINVAL (no sentence is held) if one of the three is NULL. */
int bide_allocator_set(const struct bide_allocator *allocator);

BIDE_END_
#endif
