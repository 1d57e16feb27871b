/* bide/task.h -- tasks: functions that run beside each other, one at a time.
 *
 * A task belongs to a group (bide/group.h) and never outlives it.  Spawning never switches:
 * the new task first runs when its spawner waits.  Ready tasks run first in, first out;
 * sleepers whose time has come go first, in the order of their deadlines.  A marked call
 * that could finish at once yields now and then all the same (every 128th), so that nobody
 * starves; to look and then act without being interrupted, use the _nowait calls. */
#ifndef BIDE_TASK_H
#define BIDE_TASK_H
#include <bide/run.h>
BIDE_BEGIN_

typedef struct bide_group bide_group;

/* Options of bide_spawn(). */
struct bide_spawn_opts {
    size_t abi_;
    const char *fn_name_, *site_;       /* by the macro: the function's name, "file:line" */
    void *arg;                  /* handed to the function */
    const char *name;           /* for messages; not copied, so static; default: the
                                   function's */
    bide_task **handle;         /* set to the task, which then stays readable (not running)
                                   until its group is left; NULL if it could not start */
    size_t copy;                /* that many bytes of *arg (at most 1024) go with the task */
    size_t stack_size;          /* bytes; default: the loop's task_stack_size */
    bide_drop_fn *drop;         /* called on arg (on the copy) when the task has ended, or
                                   could not start; must not wait */
};
/* bide_spawn(g, fn, arg) or bide_spawn(g, fn, arg, .name = "x", .handle = &t): starts
 * fn(arg) as a task of g.  g NULL: the root group.  Needs no check: a task that cannot
 * start (out of memory) fails its group, "spawn fn: out of memory".  One that can always
 * starts, even in a cancelled group, so that what it was given is taken care of.  Returns 0
 * or the failure.  A group of another loop, or no loop: BIDE_EPERM.  Counterpart:
 * TaskGroup.create_task(). */
#define bide_spawn(group, fn, ...) \
    bide_spawn_opts(group, fn, BIDE_OPTS_(bide_spawn_opts, .fn_name_ = #fn, \
                    .site_ = BIDE_SITE_, .arg = __VA_ARGS__))
/* bide_spawn_with(g, fn, struct job, .id = i): fn gets a pointer to a copy of its own. */
#define bide_spawn_with(group, fn, type, ...) \
    bide_spawn_opts(group, fn, BIDE_OPTS_(bide_spawn_opts, .fn_name_ = #fn, \
                    .site_ = BIDE_SITE_, .arg = &(type){ __VA_ARGS__ }, .copy = sizeof(type)))
int bide_spawn_opts(bide_group *g, bide_fn *fn, const struct bide_spawn_opts *opts);

/* Lets `seconds` pass; never ends early.  0 or less: as bide_yield().  NaN: BIDE_EINVAL.
 * Counterpart: asyncio.sleep(). */
BIDE_WAITS int bide_sleep(double seconds);
/* Lets every task that is ready now run first.  Counterpart: asyncio.sleep(0). */
BIDE_WAITS int bide_yield(void);
/* Waits until the task has ended: 0, also if it failed.  < 0: you are cancelled, the task
 * is not touched; or BIDE_EDEADLK: it is yourself.  NULL (it could not start): the error
 * already held. The task is one a handle was asked for. */
BIDE_WAITS int bide_join(bide_task *task);

/* Cancels the task's own scope; it ends when its calls have failed.  NULL, ended: nothing. */
void bide_cancel(bide_task *task);
/* Has the task ended?  True for NULL. */
bool bide_task_done(const bide_task *task);
/* What its function returned; BIDE_EAGAIN while it runs. */
int bide_task_result(const bide_task *task);
/* Its argument: its copy, if .copy was given. */
void *bide_task_arg(const bide_task *task);
/* Why it failed; code 0 and "" if it did not.  The task's. */
const struct bide_error *bide_task_error(const bide_task *task);
/* Its name; never NULL. */
const char *bide_task_name(const bide_task *task);
/* The running task; NULL outside. */
bide_task *bide_task_current(void);
/* Is a scope around the running task cancelled, so that its marked calls fail? */
bool bide_cancelled(void);

/* BIDE_NO_WAIT(n);  asserts that nothing in this block waits; a task that tries is named
 * through the log and the process aborted.  For library code that calls back. */
#define BIDE_NO_WAIT(name) \
    BIDE_CLEANUP_(bide_no_wait_leave_) int name = bide_no_wait_enter_()
/* Behind BIDE_NO_WAIT. */
int bide_no_wait_enter_(void);
void bide_no_wait_leave_(int *outer);

/* Waits until the descriptor is ready for one of poll(2)'s events (POLLIN, POLLOUT);
 * returns the ready ones, POLLERR and POLLHUP among them.  The descriptor's flags are left
 * alone; it must be forgotten with bide_fd_forget() before it is closed, and be no stream's.
 * One task per direction at a time, else BIDE_EBUSY.  A plain file: -EPERM; neither of the two
 * events: BIDE_EINVAL. */
BIDE_WAITS int bide_fd_wait(int fd, int poll_events);
/* Forgets the descriptor; who waits for it fails with BIDE_ECLOSED.  Does not close it. */
void bide_fd_forget(int fd);

BIDE_END_
#endif
