/* Stacks: reserved in slabs, committed as touched, guarded, pooled.
 *
 * A slab is one mapping of many stacks, so that a million of them are a few dozen mappings.
 * The lowest quarter of each stack (at most 64 KiB) is its guard.  Where the kernel can (Linux
 * 6.13), MADV_GUARD_INSTALL makes it without a mapping of its own; else mprotect does, two
 * mappings each, up to a quarter of vm.max_map_count; beyond, a canary and the stack pointer
 * are checked at each switch, and the user is told once.  An overflow always ends the process.
 *
 * The task's control block lies at the top, in the same page as its first frames.  Tops are
 * shifted by a few cache lines from stack to stack (colouring), so that a thousand tasks don't
 * fight over the same cache sets.  A finished task's stack stays parked in its entry loop and
 * is reused last in, first out; what a deep call left behind is given back when the loop is
 * idle. */
#ifndef CORE_STACK_H
#define CORE_STACK_H
#include "core/task.h"

enum { STACK_LOG2_MIN = 14, STACK_LOG2_MAX = 30, STACK_CLASSES = 31 };
struct slab;
struct stack_class { task *first; char *fresh, *fresh_end; uint32_t slabs; };
struct stack_pool {
    struct stack_class classes[STACK_CLASSES];
    struct slab *slabs;
    uint32_t made;              /* stacks in all; gives each its colour */
    uint32_t protected;         /* stacks guarded by mprotect */
    bool canaries;              /* some stack has no guard: look at each switch */
};

/* A control block on a stack of at least `size` bytes: fresh, its context ready to run
 * bide__entry, or parked in its loop.  NULL with the error held. */
task *bide__stack_take(struct stack_pool *pool, size_t size);
/* The class that stacks of that size belong to; NULL: too large. */
struct stack_class *bide__stack_class(struct stack_pool *pool, size_t size);
/* For a task that has ended. */
static inline void bide__stack_give(task *t)
{
    t->flags |= TASK_DIRTY;
    t->next = t->pool->first;
    t->pool->first = t;
}
/* Gives back to the system what ended tasks touched beyond their first pages. */
void bide__stack_trim(struct stack_pool *pool);
/* Ends the process if the task has left its stack; only where there is no guard. */
void bide__stack_check(const task *t);
/* Is the address in the task's guard? */
bool bide__stack_guards(const task *t, const void *address);
/* Unmaps everything; no task is left. */
void bide__stack_close(struct stack_pool *pool);

#endif
