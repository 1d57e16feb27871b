#include "mysql/arena.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 65536 };
struct arena_block { struct arena_block *next; size_t size, used; max_align_t bytes[]; };

/* Each twice as large as the one before: a small result needs little. */
static struct arena_block *add_block(struct mysql_arena *arena, size_t least)
{
    size_t size = arena->blocks ? 2 * arena->blocks->size : FIRST_BLOCK;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    size = size < least ? least : size;
    struct arena_block *b = bide__alloc(sizeof *b + size);
    if (!b)
        return NULL;
    *b = (struct arena_block){ .next = arena->blocks, .size = size };
    arena->blocks = b;
    return b;
}

void *bide__mysql_take(struct mysql_arena *arena, size_t size)
{
    size_t whole = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct arena_block *b = arena->blocks;
    if (whole < size)
        return NULL;
    if (!b || b->size - b->used < whole)
        b = add_block(arena, whole);
    if (!b)
        return NULL;
    void *place = (char *)b->bytes + b->used;
    b->used += whole;
    arena->bytes += whole;
    return place;
}

char *bide__mysql_take_text(struct mysql_arena *arena, const char *bytes, size_t size)
{
    char *text = bide__mysql_take(arena, size + 1);
    if (!text)
        return NULL;
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

static void drop(struct mysql_arena *arena, struct arena_block *kept)
{
    struct arena_block *b = arena->blocks, *next;
    for (; b; b = next) {
        next = b->next;
        if (b != kept)
            bide__free(b);
    }
    arena->blocks = kept;
    arena->bytes = 0;
}

void bide__mysql_clear(struct mysql_arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (kept && kept->size > LARGEST_BLOCK)
        kept = NULL;
    drop(arena, kept);
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
    }
}

void bide__mysql_free_arena(struct mysql_arena *arena)
{
    drop(arena, NULL);
}
