/* Slabs of guarded stacks; the reasons stand in stack.h. */
#include "core/stack.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/group.h"
#include "core/guard.h"
#include "core/sanitize.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, COLOURS = 16, SLAB_BYTES_MIN = 1 << 20, TRIM_MAX = 256 };
static const size_t slab_bytes_max = (size_t)1 << 30;

struct slab { struct slab *next; char *at; size_t size; };

void bide__entry(void);

static char *map_slab(struct stack_pool *pool, size_t size)
{
    struct slab *slab = bide__alloc(sizeof *slab);
    if (!slab)
        return NULL;
    slab->at = bide__sys.mmap(NULL, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slab->at == MAP_FAILED) {
        bide__free(slab);
        return NULL;
    }
    bide__sys.madvise(slab->at, size, MADV_NOHUGEPAGE);
    slab->size = size;
    slab->next = pool->slabs;
    pool->slabs = slab;
    return slab->at;
}

/* Each slab is twice the last; where the system refuses one, smaller ones are tried. */
static bool grow(struct stack_pool *pool, struct stack_class *class, size_t size)
{
    size_t bytes = (size_t)SLAB_BYTES_MIN << (class->slabs < 10 ? class->slabs : 10);
    if (bytes > slab_bytes_max)
        bytes = slab_bytes_max;
    class->fresh = class->fresh_end = NULL;
    for (; bytes > size; bytes /= 2)
        if ((class->fresh = map_slab(pool, bytes)))
            break;
    if (!class->fresh && !(class->fresh = map_slab(pool, bytes = size)))
        return false;
    class->fresh_end = class->fresh + bytes;
    class->slabs++;
    return true;
}

/* From the very next one on. */
static void look_at_each_switch(struct stack_pool *pool)
{
    pool->canaries = true;
    bide__loop()->ticks = 1;
}

static task *make(struct stack_pool *pool, struct stack_class *class, size_t size)
{
    if (class->fresh == class->fresh_end && !grow(pool, class, size))
        return NULL;
    char *stack = class->fresh;
    class->fresh += size;
    size_t colour = pool->made++ * 5 % COLOURS * LINE;
    size_t block = (sizeof(task) + LINE - 1) / LINE * LINE;
    task *t = (task *)(void *)(stack + size - colour - block);
    t->stack = stack;
    t->stack_size = size;
    t->pool = class;
    bide__task_renew(bide__loop(), t);
    t->guard = bide__guard_install(stack, bide__guard_size(size));
    pool->protected += t->guard == GUARD_MPROTECT;
    if (t->guard >= GUARD_UNTOUCHED)
        look_at_each_switch(pool);
    context_start(&t->context, t, bide__entry);
    sanitize_stack_made(t);
    return t;
}

/* The guard takes half of the smallest; who asks for more than the other half gets a larger one. */
static unsigned log2_of(size_t size)
{
    size_t page = bide__guard_page(), smallest = (size_t)1 << STACK_LOG2_MIN;
    if (size <= smallest / 2 && page <= smallest / 2)
        return STACK_LOG2_MIN;
    if (size <= smallest * 2)
        size = smallest * 2;
    if (size <= page * 2)
        size = page * 2;
    return 64u - (unsigned)__builtin_clzll(size - 1);
}

struct stack_class *bide__stack_class(struct stack_pool *pool, size_t size)
{
    unsigned log2 = log2_of(size);
    return log2 <= STACK_LOG2_MAX ? &pool->classes[log2] : NULL;
}

task *bide__stack_take(struct stack_pool *pool, size_t size)
{
    struct stack_class *class = bide__stack_class(pool, size);
    if (!class) {
        bide_fail(BIDE_ESTACK, "a stack of %zu bytes; at most %zu", size,
                  (size_t)1 << STACK_LOG2_MAX);
        return NULL;
    }
    if (!class->first) {
        class->first = class->clean;
        class->clean = NULL;
    }
    task *t = class->first;
    if (t) {
        class->first = t->next;
        return t;
    }
    t = make(pool, class, (size_t)1 << log2_of(size));
    if (!t)
        bide_fail(BIDE_ENOMEM, "no memory for a stack of %zu bytes", (size_t)1 << log2_of(size));
    return t;
}

static void trim(task *t)
{
    uintptr_t page = bide__guard_page();
    uintptr_t low = (uintptr_t)t->stack + bide__guard_size(t->stack_size);
    uintptr_t high = ((uintptr_t)t & ~(page - 1)) - page;
    if (low < high)
        bide__sys.madvise((void *)low, high - low, MADV_DONTNEED);
    t->flags &= ~(uint32_t)TASK_DIRTY;
}

static bool is_dirty(const struct stack_class *class)
{
    return class->first && class->first->flags & TASK_DIRTY;
}

/* They come back in the order in which they were, the hottest first. */
static bool trim_class(struct stack_class *class, int *left)
{
    for (; is_dirty(class) && *left > 0; --*left) {
        task *t = class->first;
        class->first = t->next;
        trim(t);
        t->next = NULL;
        if (class->clean)
            class->clean_last->next = t;
        else
            class->clean = t;
        class->clean_last = t;
    }
    if (is_dirty(class))
        return false;
    if (class->clean) {
        class->clean_last->next = class->first;
        class->first = class->clean;
        class->clean = NULL;
    }
    return true;
}

bool bide__stack_trim(struct stack_pool *pool)
{
    int left = TRIM_MAX;
    bool all = true;
    for (int i = STACK_LOG2_MIN; i <= STACK_LOG2_MAX; i++)
        all &= trim_class(&pool->classes[i], &left);
    return all;
}

bool bide__stack_dirty(const struct stack_pool *pool)
{
    for (int i = STACK_LOG2_MIN; i <= STACK_LOG2_MAX; i++)
        if (is_dirty(&pool->classes[i]))
            return true;
    return false;
}

/* An overflow that no guard stopped may fault anywhere. */
bool bide__stack_left(const task *t, const void *address)
{
    const char *at = address;
    size_t guard = t->stack ? bide__guard_size(t->stack_size) : 0;
    return guard && ((at >= t->stack && at < t->stack + guard) ||
                     !bide__guard_alive(t->guard, t->stack, guard));
}

void bide__stack_check(const task *t)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    size_t guard = bide__guard_size(t->stack_size);
    bool inside = here > (uintptr_t)t->stack + guard && here < (uintptr_t)t;
    if (t->guard < GUARD_UNTOUCHED || (inside && bide__guard_alive(t->guard, t->stack, guard)))
        return;
    bide_log(BIDE_LOG_ERROR, "stack overflow in task '%s', spawned at %s: give it a larger "
             ".stack_size", t->name, t->site ? t->site : "?");
    abort();
}

static void unmake_pooled(struct stack_class *class)
{
    for (task *t = class->first; t; t = t->next)
        sanitize_stack_gone(t);
    for (task *t = class->clean; t; t = t->next)
        sanitize_stack_gone(t);
}

void bide__stack_close(struct stack_pool *pool)
{
    for (int i = STACK_LOG2_MIN; i <= STACK_LOG2_MAX; i++)
        unmake_pooled(&pool->classes[i]);
    while (pool->slabs) {
        struct slab *slab = pool->slabs;
        pool->slabs = slab->next;
        bide__sys.munmap(slab->at, slab->size);
        bide__free(slab);
    }
    bide__guard_forget(pool->protected);
    memset(pool, 0, sizeof *pool);
}
