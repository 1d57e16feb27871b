/* bide/loop.h -- loops, seen from other threads.
 *
 * Everything belongs to the loop that made it; other threads have functions run in there:
 *
 *     bide_loop *loop = bide_loop_hold();         // in a task of the loop
 *     bide_loop_post(loop, add_line, text);       // in any thread: add_line(text) is a task
 *     bide_loop_drop(loop);
 *
 * None of this is for signal handlers: see bide/signal.h. */
#ifndef BIDE_LOOP_H
#define BIDE_LOOP_H
#include <bide/run.h>
BIDE_BEGIN_

typedef struct bide_loop bide_loop;
/* This thread's loop, held: it may be used from any thread until it is dropped, also when it has
 * ended.  While somebody holds it, that all its tasks wait is no deadlock.  NULL: BIDE_EPERM, no
 * loop runs here. */
bide_loop *bide_loop_hold(void);
/* Lets go.  From any thread; once for each hold.  NULL: nothing. */
void bide_loop_drop(bide_loop *loop);
BIDE_AUTO_(loop, bide_loop_drop)

/* Options of bide_loop_post(). */
struct bide_loop_post_opts {
    size_t abi_;
    const char *fn_name_, *site_;       /* by the macro */
    void *arg;                  /* handed to the function */
    bide_drop_fn *drop;         /* called on arg when fn has ended, or could not start, on whatever
                                   thread; must not wait */
};
/* bide_loop_post(loop, fn, arg) or (loop, fn, arg, .drop = free): fn(arg) becomes a task of the
 * loop's root group.  From any thread; posts of one thread begin in their order.  0: it will run,
 * or be dropped if the loop is just ending.  BIDE_ECLOSED: the loop has ended; BIDE_ENOMEM.
 * Counterpart: loop.call_soon_threadsafe(). */
#define bide_loop_post(loop, fn, ...) \
    bide_loop_post_opts(loop, fn, BIDE_OPTS_(bide_loop_post_opts, .fn_name_ = #fn, \
                        .site_ = BIDE_SITE_, .arg = __VA_ARGS__))
int bide_loop_post_opts(bide_loop *loop, bide_fn *fn, const struct bide_loop_post_opts *opts);

/* bide_loop_call(loop, fn, arg): fn(arg) as a task of that loop; blocks this thread until it has
 * ended, and returns its result, with the error it held.  BIDE_ECLOSED: the loop has ended, or
 * ends before fn has begun.  Only in a thread without a loop, else BIDE_EPERM: there use
 * bide_loop_run().  Counterpart: run_coroutine_threadsafe(f(), loop).result(). */
#define bide_loop_call(loop, fn, arg) bide_loop_call_(loop, fn, arg, #fn, BIDE_SITE_)
/* bide_loop_run(loop, fn, arg): the same in a task, which waits.  arg may be local: if the waiting
 * task is cancelled, so is the other, and waited for.  If that succeeds all the same, its success
 * is returned, and the next marked call fails. */
#define bide_loop_run(loop, fn, arg) bide_loop_run_(loop, fn, arg, #fn, BIDE_SITE_)
/* Behind these two. */
BIDE_CHECK int bide_loop_call_(bide_loop *loop, bide_fn *fn, void *arg, const char *name,
                               const char *site);
BIDE_WAITS int bide_loop_run_(bide_loop *loop, bide_fn *fn, void *arg, const char *name,
                              const char *site);

/* Options of bide_loops(). */
struct bide_loops_opts {
    size_t abi_;
    void *arg;                  /* handed to the function */
    size_t count;               /* loops; default: as many as processors */
    bool stop_on_signal;        /* INT and TERM cancel the root scopes of all of them; a second one
                                   kills */
    const struct bide_run_opts *run;    /* options of each; its arg and stop_on_signal are not
                                           looked at; default: none */
};
/* bide_loops(fn, arg, .count = 4): a thread for each loop, and in each bide_run(fn, arg).  Waits
 * for all of them: 0.  The first that fails stops the others (their root scopes are cancelled),
 * and is what is returned: "loop 3: ...".  They share nothing but what can be used by all threads
 * (a queue with .threads, promises, executors).  In a thread without a loop it blocks; in a task
 * it waits. */
#define bide_loops(fn, ...) bide_loops_opts(fn, BIDE_OPTS_(bide_loops_opts, .arg = __VA_ARGS__))
BIDE_WAITS int bide_loops_opts(bide_fn *fn, const struct bide_loops_opts *opts);
/* Which of them this thread's is: 0 to count - 1; elsewhere -1. */
int bide_loops_index(void);

BIDE_END_
#endif
