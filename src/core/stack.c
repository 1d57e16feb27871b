/* Slabs of guarded stacks; the reasons stand in stack.h. */
#include "core/stack.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/group.h"
#include "core/guard.h"
#include "core/sanitize.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, LINE = 64, COLOURS = 16, SLAB_BYTES_MIN = 1 << 20, TRIM_MAX = 256 };
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
    pool->canaries |= t->guard == GUARD_CANARY;
    context_start(&t->context, t, bide__entry);
    sanitize_stack_made(t);
    return t;
}

static unsigned log2_of(size_t size)
{
    if (size <= (size_t)1 << STACK_LOG2_MIN)
        return STACK_LOG2_MIN;
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
    uintptr_t low = (uintptr_t)t->stack + bide__guard_size(t->stack_size);
    uintptr_t high = ((uintptr_t)t & ~(uintptr_t)(PAGE - 1)) - PAGE;
    if (low < high)
        bide__sys.madvise((void *)low, high - low, MADV_DONTNEED);
    t->flags &= ~(uint32_t)TASK_DIRTY;
}

/* The pool is last in, first out, so what was used since the last trim lies on top. */
void bide__stack_trim(struct stack_pool *pool)
{
    int left = TRIM_MAX;
    for (int i = STACK_LOG2_MIN; i <= STACK_LOG2_MAX; i++)
        for (task *t = pool->classes[i].first; t && t->flags & TASK_DIRTY && left--; t = t->next)
            trim(t);
}

bool bide__stack_guards(const task *t, const void *address)
{
    const char *at = address;
    return t->stack && at >= t->stack && at < t->stack + bide__guard_size(t->stack_size);
}

void bide__stack_check(const task *t)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t low = (uintptr_t)t->stack + bide__guard_size(t->stack_size);
    bool inside = here > low && here < (uintptr_t)t;
    if (t->guard != GUARD_CANARY || (inside && bide__guard_alive(t->stack)))
        return;
    bide_log(BIDE_LOG_ERROR, "stack overflow in task '%s', spawned at %s", t->name,
             t->site ? t->site : "?");
    abort();
}

static void unmake_pooled(struct stack_class *class)
{
    for (task *t = class->first; t; t = t->next)
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
