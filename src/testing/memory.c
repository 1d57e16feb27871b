/* An allocator in front of the process's own, for the time of one test.
 *
 * It keeps a table of what the test has allocated and not yet freed, beside the blocks and not in
 * front of them: what was allocated before the test may be freed in it, and the other way round, so
 * a block must be the lower allocator's, bit for bit.  (The address sanitizer sees every block
 * with its own bounds as well.)  The table itself comes from malloc. */
#include "testing/memory.h"
#include "base/memory.h"
#include "core/loop.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD_MAX = 5, ROOM_LEAST = 1024 };

struct block { void *at; size_t size, number; const char *site; };
static struct {
    pthread_mutex_t lock;
    struct bide_allocator below;
    struct block *blocks;       /* open addressing; at NULL: free */
    size_t room, count;
    size_t allocations, fail_at;
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t place_of(const void *at)
{
    return ((uintptr_t)at >> 4) * (size_t)0x9e3779b97f4a7c15 >> 20 & (table.room - 1);
}

static struct block *find(const void *at)
{
    size_t i = place_of(at);
    while (table.blocks[i].at && table.blocks[i].at != at)
        i = (i + 1) & (table.room - 1);
    return &table.blocks[i];
}

static void grow(void)
{
    struct block *old = table.blocks;
    size_t old_room = table.room;
    struct block *larger = calloc(old_room * 2, sizeof *larger);
    if (!larger)
        abort();                /* the test machine's memory is used up for good */
    table.blocks = larger;
    table.room *= 2;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].at)
            *find(old[i].at) = old[i];
    free(old);
}

static void note(void *at, size_t size)
{
    const task *t = bide__self();
    if (table.count * 2 >= table.room)
        grow();
    *find(at) = (struct block){ at, size, table.allocations, t ? t->site : NULL };
    table.count++;
}

/* Those that had to give way to it move up. */
static bool forget(const void *at)
{
    struct block *gone = find(at);
    if (!gone->at)
        return false;
    size_t hole = (size_t)(gone - table.blocks), mask = table.room - 1;
    for (size_t i = (hole + 1) & mask; table.blocks[i].at; i = (i + 1) & mask) {
        size_t wanted = place_of(table.blocks[i].at);
        if (((i - wanted) & mask) >= ((i - hole) & mask)) {
            table.blocks[hole] = table.blocks[i];
            hole = i;
        }
    }
    table.blocks[hole].at = NULL;
    table.count--;
    return true;
}

static void *alloc(size_t size)
{
    void *at = NULL;
    pthread_mutex_lock(&table.lock);
    if (++table.allocations != table.fail_at && (at = table.below.alloc(size)))
        note(at, size);
    pthread_mutex_unlock(&table.lock);
    return at;
}

static void *resize(void *memory, size_t size)
{
    void *at = NULL;
    pthread_mutex_lock(&table.lock);
    uintptr_t before = (uintptr_t)memory;
    if (++table.allocations != table.fail_at && (at = table.below.resize(memory, size)))
        if (!before || forget((void *)before))
            note(at, size);
    pthread_mutex_unlock(&table.lock);
    return at;
}

static void release(void *memory)
{
    pthread_mutex_lock(&table.lock);
    forget(memory);
    void (*below)(void *) = table.below.free;   /* after the lock the test may be over */
    pthread_mutex_unlock(&table.lock);
    below(memory);
}

void bide__test_memory_begin(size_t fail_at)
{
    table.room = ROOM_LEAST;
    table.blocks = calloc(table.room, sizeof *table.blocks);
    if (!table.blocks)
        abort();
    table.below = *bide__allocator();
    table.count = table.allocations = 0;
    table.fail_at = fail_at;
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ alloc, resize, release }));
}

static bool is_ours(void)
{
    return bide__allocator()->alloc == alloc;
}

size_t bide__test_memory_left(void)
{
    pthread_mutex_lock(&table.lock);
    size_t count = is_ours() ? table.count : 0;
    pthread_mutex_unlock(&table.lock);
    return count;
}

void bide__test_memory_tell(struct findings *f)
{
    size_t bytes = 0, told = 0;
    pthread_mutex_lock(&table.lock);
    for (size_t i = 0; i < table.room; i++)
        if (table.blocks[i].at)
            bytes += table.blocks[i].size;
    bide__test_found(f, "%zu bytes in %zu block%s", bytes, table.count,
                     table.count == 1 ? "" : "s");
    for (size_t i = 0; i < table.room && told < TOLD_MAX; i++) {
        const struct block *b = &table.blocks[i];
        if (b->at && ++told)
            bide_log(BIDE_LOG_ERROR, "  %zu bytes: allocation %zu, in the task spawned at %s",
                     b->size, b->number, b->site ? b->site : "?");
    }
    pthread_mutex_unlock(&table.lock);
}

size_t bide__test_memory_count(void)
{
    return table.allocations;
}

void bide__test_memory_end(void)
{
    if (is_ours())
        bide_ignore(bide_allocator_set(&table.below));
    free(table.blocks);
    table.blocks = NULL;
}
