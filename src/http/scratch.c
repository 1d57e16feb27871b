/* A chain of blocks; only the newest has room left. */
#include "http/scratch.h"

#include "base/memory.h"

#include <stdalign.h>
#include <string.h>

enum { BLOCK_SIZE = 4096, ALIGNMENT = alignof(max_align_t) };

struct scratch_block {
    struct scratch_block *older;
    alignas(max_align_t) char bytes[];
};

void bide__scratch_start(struct scratch *s, void *first, size_t size)
{
    s->at = first;
    s->end = s->at + size;
    s->blocks = NULL;
}

void bide__scratch_end(struct scratch *s)
{
    while (s->blocks) {
        struct scratch_block *block = s->blocks;
        s->blocks = block->older;
        bide__free(block);
    }
}

/* Where the next piece may begin. */
static char *aligned(char *at)
{
    return at + (-(uintptr_t)at & (ALIGNMENT - 1));
}

static bool add_block(struct scratch *s, size_t size)
{
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    if (room > SIZE_MAX / 2)
        return false;
    struct scratch_block *block = bide__alloc(sizeof *block + room);
    if (!block)
        return false;
    block->older = s->blocks;
    s->blocks = block;
    s->at = block->bytes;
    s->end = block->bytes + room;
    return true;
}

void *bide__scratch_take(struct scratch *s, size_t size)
{
    char *at = aligned(s->at);
    if (at > s->end || size > (size_t)(s->end - at)) {
        if (!add_block(s, size))
            return NULL;
        at = s->at;
    }
    s->at = at + size;
    return at;
}

char *bide__scratch_copy(struct scratch *s, const char *text, size_t size)
{
    char *copy = bide__scratch_take(s, size + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

/* The writer has all that is free; when that is not enough it moves to a larger block. */
static bool grow(struct writer *w, size_t more)
{
    struct scratch *s = w->owner;
    if (more > SIZE_MAX / 4 || w->size > SIZE_MAX / 4 || !add_block(s, 2 * (w->size + more)))
        return false;
    if (w->size > 0)
        memcpy(s->at, w->at, w->size);
    w->at = s->at;
    w->room = (size_t)(s->end - s->at);
    return true;
}

void bide__scratch_write(struct scratch *s, struct writer *w)
{
    *w = (struct writer){ .at = s->at, .room = (size_t)(s->end - s->at), .grow = grow, .owner = s };
}

void bide__scratch_keep(struct scratch *s, const struct writer *w)
{
    s->at = w->at + w->size;
}
