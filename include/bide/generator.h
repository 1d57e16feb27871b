/* bide/generator.h -- a function that yields one item after the other: async generators.
 *
 *     static int count_to(bide_generator *g, void *arg)
 *     {
 *         for (int i = 1; i <= *(int *)arg; i++) {
 *             int rc = bide_generator_yield(g, &i);
 *             if (rc < 0)
 *                 return rc;
 *         }
 *         return 0;
 *     }
 *
 *     bide_auto(generator) numbers = bide_generator_new(count_to, int, &ten);
 *     int i, rc;
 *     while ((rc = bide_generator_next(numbers, &i)) == 1)
 *         ...
 *
 * It runs in a task of its own, but in step: only while somebody has asked and is waiting.
 * Leaving the consumer's block closes it: its yield fails with BIDE_ECANCELED, and what it does
 * then, under shields also waiting, it does after the closing call has returned.  So what arg
 * points to must outlive that: hand it over (.copy, .drop), or name a group declared after it
 * (.group), which is joined when its block is left. */
#ifndef BIDE_GENERATOR_H
#define BIDE_GENERATOR_H
#include <bide/task.h>
BIDE_BEGIN_

typedef struct bide_generator bide_generator;
/* What a generator runs.  >= 0: the end; < 0: failed, which the consumer's next reports. */
typedef int bide_generator_fn(bide_generator *g, void *arg);

/* Options of bide_generator_new(). */
struct bide_generator_opts {
    size_t abi_;
    const char *fn_name_, *site_;       /* by the macro: the function's name, "file:line" */
    size_t item_size;           /* bytes of an item; the macro fills it in */
    void *arg;                  /* handed to the function */
    size_t copy;                /* that many bytes of *arg go with the generator */
    bide_drop_fn *drop;         /* called on arg (on the copy) when the function has ended and the
                                   generator is closed, or could not be made; must not wait */
    bide_drop_fn *drop_item;    /* called on the address of an item that was yielded and that
                                   nobody will take */
    bide_group *group;          /* where its task runs; default: an owned group of its own */
    size_t stack_size;          /* bytes; default: the loop's task_stack_size */
};
/* bide_generator_new(fn, struct row, arg): nothing runs before the first item is asked for.  NULL:
 * BIDE_ENOMEM, BIDE_EPERM outside a loop.  Counterpart: calling an async generator function. */
#define bide_generator_new(fn, type, ...) \
    bide_generator_new_opts(fn, BIDE_OPTS_(bide_generator_opts, .fn_name_ = #fn, \
                            .site_ = BIDE_SITE_, .item_size = sizeof(type), .arg = __VA_ARGS__))
bide_generator *bide_generator_new_opts(bide_generator_fn *fn,
                                        const struct bide_generator_opts *opts);

/* Lets the generator run up to its next item: 1 and a copy of it in *item; 0: it has ended, and
 * so at every further call.  < 0: it has failed, told once, with its sentence; or you were
 * cancelled, and the item it was making is there at the next call.  BIDE_EBUSY: another task
 * waits for it; BIDE_ECLOSED: closed meanwhile; BIDE_EINVAL: *item has another size;
 * BIDE_EDEADLK: called by the generator itself.  Counterpart: anext(), async for. */
#define bide_generator_next(g, item) bide_generator_next_(g, item, sizeof *(item))
/* In the generator's function: hands a copy of *item to who asked, and waits to be asked again: 0.
 * < 0: cancelled (mostly: closed), so return.  What the item owns is yielded with it, also where
 * this fails (see .drop_item).  BIDE_EPERM: not in the generator's task.  Counterpart: yield. */
#define bide_generator_yield(g, item) bide_generator_yield_(g, item, sizeof *(item))
/* Behind the macros above; size is the item's. */
BIDE_WAITS int bide_generator_next_(bide_generator *g, void *item, size_t size);
BIDE_WAITS int bide_generator_yield_(bide_generator *g, const void *item, size_t size);
/* Ends it: it is cancelled, and freed when its function has returned; never waits.  Who still
 * waits for an item fails with BIDE_ECLOSED.  NULL: nothing.  Counterpart: aclose(), but without
 * being forgotten. */
void bide_generator_close(bide_generator *g);
BIDE_AUTO_(generator, bide_generator_close)

BIDE_END_
#endif
