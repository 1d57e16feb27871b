/* Memory for the libraries behind content codings. */
#include "http/coding_memory.h"

#include "base/memory.h"

void *bide__coding_take(void *unused, size_t size)
{
    (void)unused;
    return bide__alloc(size);
}

void bide__coding_give(void *unused, void *memory)
{
    (void)unused;
    bide__free(memory);
}

void *bide__coding_take_many(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return bide__alloc((size_t)count * size);
}

void *bide__coding_take_zeroed(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return bide__zalloc((size_t)count * size);
}
