/* Stacks: reserved in slabs, committed as touched, guarded, pooled.
 *
 * A slab is one mapping of many stacks, so that a million of them are a few dozen mappings.
 * The lowest quarter of each stack (16 to 64 KiB) is its guard.  Where the kernel can (Linux
 * 6.13), MADV_GUARD_INSTALL makes it without a mapping of its own; else mprotect does, two
 * mappings each, up to a quarter of vm.max_map_count; beyond, at each switch the stack pointer
 * is checked and whether the guard was touched, and the user is told once.  An overflow always
 * ends the process, unless a single frame larger than the guard steps over it (compilers have
 * -fstack-clash-protection against that).
 *
 * The task's control block lies at the top, in the same page as its first frames.  Tops are
 * shifted by a few cache lines from stack to stack (colouring), so that a thousand tasks don't
 * fight over the same cache sets.  A finished task's stack stays parked in its entry loop and
 * is reused last in, first out; what a deep call left behind is given back when the loop is
 * idle. */
#ifndef CORE_STACK_H
#define CORE_STACK_H
#include "core/task.h"

enum { STACK_LOG2_MIN = 15, STACK_LOG2_MAX = 30, STACK_CLASSES = 31 };
struct slab;
struct stack_class {
    task *first;                /* ended tasks, hottest first: on top those to be trimmed */
    task *clean, *clean_last;   /* taken from there while a trimming goes on */
    char *fresh, *fresh_end;
    uint32_t slabs;
};
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
/* Has a task ended since the last trimming? */
bool bide__stack_dirty(const struct stack_pool *pool);
/* Gives back to the system what ended tasks touched beyond their first pages; a few hundred of
 * them, then false: there are more. */
bool bide__stack_trim(struct stack_pool *pool);
/* Ends the process if the task has left its stack; only where there is no guard. */
void bide__stack_check(const task *t);
/* Has the task, which faulted at the address, left its stack?  May be asked in a signal handler. */
bool bide__stack_left(const task *t, const void *address);
/* Unmaps everything; no task is left. */
void bide__stack_close(struct stack_pool *pool);

#endif
