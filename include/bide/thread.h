/* bide/thread.h -- threads for what blocks: asyncio.to_thread(), ThreadPoolExecutor.
 *
 * A call that blocks (a library that knows no loop, a long computation) would stop every task of
 * its loop.  bide_to_thread(fn, &arg) has it done by a thread, while other tasks run:
 *
 *     rc = bide_to_thread(hash_file, &job);
 *
 * In there fn may block, and use bide_fail(); the error that it held is the task's afterwards.
 * What belongs to the loop is not to be touched, and marked calls fail with BIDE_EPERM, unless fn
 * calls bide_run() for a loop of its own.  Task-locals can be read.  All signals are blocked but
 * those that are a thread's own fault; a program that fn starts inherits that.
 *
 * Who runs a job waits until it has ended, so its argument may be local, also when cancelled: a
 * job that has not begun never does (BIDE_ECANCELED); one that runs is told
 * (bide_thread_cancelled()), and its result stands.  If that is a success, the next marked call
 * fails. */
#ifndef BIDE_THREAD_H
#define BIDE_THREAD_H
#include <bide/run.h>
BIDE_BEGIN_

/* Runs fn(arg) on a thread of the process's, and returns what it returned.  At most four threads
 * more than processors, 32 in all; further jobs wait in line.  Threads start when they are needed
 * and end when they were idle for some seconds.  Counterpart: asyncio.to_thread(). */
BIDE_WAITS int bide_to_thread(bide_fn *fn, void *arg);
/* Inside of fn: was it asked to come to an end?  Because its task was cancelled, or its executor
 * is being shut down.  false on every other thread. */
bool bide_thread_cancelled(void);

/* Threads of one's own: a limit for what must not run too often at once.  Any loop may use it. */
typedef struct bide_executor bide_executor;
/* Options of bide_executor_new(). */
struct bide_executor_opts {
    size_t abi_;
    size_t threads;             /* at most so many, 1 to 65535 */
    size_t queue_max;           /* posted jobs that may wait for a thread; default 1024 */
    const char *name;           /* for messages; copied, cut to 31 bytes; default "executor" */
};
/* bide_executor_new(4) or (4, .name = "disk"): an executor without threads, as yet.  NULL:
 * BIDE_EINVAL, BIDE_ENOMEM.  Counterpart: ThreadPoolExecutor(). */
#define bide_executor_new(...) \
    bide_executor_new_opts(BIDE_OPTS_(bide_executor_opts, .threads = __VA_ARGS__))
bide_executor *bide_executor_new_opts(const struct bide_executor_opts *opts);

/* Runs fn(arg) on one of its threads, as bide_to_thread() does; who comes when all are busy waits
 * in line, first come, first served.  BIDE_ECLOSED: it has been shut down.  Counterpart:
 * loop.run_in_executor(). */
#define bide_executor_run(x, fn, arg) bide_executor_run_(x, fn, arg, #fn)
/* Behind bide_executor_run(). */
BIDE_WAITS int bide_executor_run_(bide_executor *x, bide_fn *fn, void *arg, const char *name);

/* Options of bide_executor_post(). */
struct bide_executor_post_opts {
    size_t abi_;
    const char *fn_name_;       /* by the macro */
    void *arg;                  /* handed to the function */
    bide_drop_fn *drop;         /* called on arg when fn has ended, or could not start; must not
                                   wait */
};
/* bide_executor_post(x, fn, arg) or (x, fn, arg, .drop = free): has fn(arg) done without waiting
 * for it; a failure goes to the log.  From any thread.  0; BIDE_EAGAIN: queue_max jobs wait
 * already; BIDE_ECLOSED.  Counterpart: Executor.submit(). */
#define bide_executor_post(x, fn, ...) \
    bide_executor_post_opts(x, fn, BIDE_OPTS_(bide_executor_post_opts, .fn_name_ = #fn, \
                                              .arg = __VA_ARGS__))
int bide_executor_post_opts(bide_executor *x, bide_fn *fn,
                            const struct bide_executor_post_opts *opts);

/* Takes no more jobs, tells all that it has to come to an end (bide_thread_cancelled()), and waits
 * until they have: 0.  BIDE_ETIMEDOUT: after so many seconds some still run, which the sentence
 * names; what had not begun is refused then, with BIDE_ECLOSED.  May be called again. */
BIDE_WAITS int bide_executor_shutdown(bide_executor *x, double seconds);
/* The same without waiting: what has not begun is refused at once; what runs is told, and ends
 * when it likes, and its memory goes with the last thread.  NULL: nothing. */
void bide_executor_free(bide_executor *x);
BIDE_AUTO_(executor, bide_executor_free)

BIDE_END_
#endif
