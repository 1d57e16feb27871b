/* bide/run.h -- one call turns a thread into a loop: asyncio.run().
 *
 * bide_run(main_task, arg) runs main_task as the first task of a new loop on this thread
 * and returns what it returned.  Before it returns, everything left over (tasks of the root
 * group, groups owned by objects) is cancelled, joined, and reported through the log.
 *
 * Environment, where the option is not set: BIDE_DEBUG=1 (.debug), BIDE_POLLER=epoll|poll|
 * io_uring (.poller), BIDE_CLOCK=jumping (.jumping_clock), BIDE_SHUFFLE=seed (.shuffle_seed),
 * BIDE_BUSY_POLL=seconds (.busy_poll; 0: never).  Read once per process:
 * BIDE_STACK_GUARD=mprotect|canary, a weaker guard than the best there is. */
#ifndef BIDE_RUN_H
#define BIDE_RUN_H
#include <bide/error.h>
BIDE_BEGIN_

typedef struct bide_task bide_task;
/* What a task runs.  >= 0 is success; < 0 is failure, with the error held. */
typedef int bide_fn(void *arg);

/* Options of bide_run(); 0 is the default of each. */
struct bide_run_opts {
    size_t abi_;
    void *arg;                  /* handed to the function */
    /* "epoll" (default where it exists), "poll", or "io_uring": epoll where the system refuses a
     * ring, BIDE_EINVAL where the build has none. */
    const char *poller;
    bool debug;                 /* a stack overflow names the task before the process ends:
                                   takes SIGSEGV and SIGBUS while the loop runs; and slow
                                   steps are told of, see slow_step */
    bool stop_on_signal;        /* INT and TERM cancel the root scope; a second one kills.
                                   The old disposition comes back at the end.  One loop per
                                   process at a time, else BIDE_EBUSY */
    bool jumping_clock;         /* tests: when all wait, time jumps to the next timer */
    uint64_t shuffle_seed;      /* tests: ready tasks run in an order drawn from it; 0: in
                                   order */
    size_t stack_size;          /* bytes of the first task's stack; default 1 MiB */
    size_t task_stack_size;     /* bytes of other tasks' stacks; default 64 KiB (256 KiB under
                                   the address and thread sanitizers).  Address space,
                                   committed as touched, rounded up: 32 KiB for up to 16 KiB,
                                   else a power of two from 64 KiB to 1 GiB.  The lowest
                                   quarter is the guard, at least 16 and at most 64 KiB */
    void (*on_failure)(const bide_task *task, const struct bide_error *why);
                                /* failures nobody waited for; default: logged as a warning.
                                   task is NULL for one that could not start; must not wait */
    double slow_step;           /* seconds: a task that keeps the loop for longer, computing or in
                                   a call that blocks, is named through the log, by a thread
                                   that watches in real time.  Default 0.1 with .debug, else
                                   nobody watches; BIDE_FOREVER: nobody */
    double busy_poll;           /* seconds for which the loop goes on looking before it sleeps,
                                   where news has lately come within that time: who is awake need
                                   not be woken.  Default 0.00005, at most 0.001; below 0: never.
                                   Takes at most half of a core over time, nothing while the
                                   process is idle or more threads of the machine are ready to run
                                   than there are processors (by /proc/loadavg; where that cannot
                                   be read, it is never done).  Not in guest mode, nor with a
                                   jumping clock */
};
/* Runs fn(arg) and everything it starts; returns its result.  < 0 with the error held also
 * if the loop could not be made (BIDE_EINVAL: no such poller, BIDE_ESTACK, BIDE_EBUSY,
 * BIDE_ENOMEM, -EMFILE), or if every task waited for another (BIDE_EDEADLK: a report goes
 * to the log and the root scope is cancelled; if that does not help, the process is
 * aborted).  Inside a task: a scope of its own on the same loop, options ignored.
 * Counterpart: asyncio.run(). */
#define bide_run(fn, ...) bide_run_opts(fn, BIDE_OPTS_(bide_run_opts, .arg = __VA_ARGS__))
BIDE_WAITS int bide_run_opts(bide_fn *fn, const struct bide_run_opts *opts);

/* Monotonic seconds since some point in the past; never goes back.  Read anew at each call.
 * Outside a loop too, from any thread. */
double bide_now(void);
/* "epoll", "poll" or "io_uring": what the running loop waits with; NULL outside. */
const char *bide_poller_name(void);
/* How stacks are guarded here: "madvise", "mprotect" or "canary"; static.  From any thread. */
const char *bide_stack_guard_name(void);

BIDE_END_
#endif
