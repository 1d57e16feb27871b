/* Starting a child, in the parent.
 *
 * clone(2) with CLONE_VM and CLONE_VFORK: the child borrows our memory, and this thread stands
 * still until it has become another program or failed, so a failure is simply read from there.
 * Where a tool makes a fork(2) of it (Valgrind, qemu) the memory is a copy; then a pipe tells,
 * which the new program's start closes.  Whether that is so is seen at the first child. */
#include "base/memory.h"
#include "base/sys.h"
#include "io/process.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { STACK = 32768 };
/* Is memory shared with a child that has just begun? */
enum { UNKNOWN, SHARED, COPIED };
static atomic_int memory;

static int open_report(int ends[2])
{
    ends[0] = ends[1] = -1;
    if (atomic_load(&memory) != SHARED && bide__sys.pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    return 0;
}

/* Signals wait until it is over: their handlers would run in the child too, on our memory. */
static pid_t start(struct launch *launch, char *stack, int *pidfd)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    *pidfd = -1;
    pid_t pid = bide__sys.start(bide__launch_child, stack + STACK,
                                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, launch, pidfd);
    int problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid < 0 ? -problem : pid;
}

/* What went wrong in the child; code 0: nothing. */
static struct launch_problem outcome(const struct launch *launch, int report)
{
    struct launch_problem told = { .code = 0 };
    atomic_store(&memory, launch->begun ? SHARED : COPIED);
    if (launch->begun)
        return launch->problem;
    while (read(report, &told, sizeof told) < 0 && errno == EINTR)
        ;
    return told;
}

static int tell(const struct launch *launch, struct launch_problem p)
{
    const char *why = bide_strerror(-p.code);
    switch (p.step) {
    case LAUNCH_STREAMS:
        return bide_fail(-p.code, "exec: %s: its streams: %s", launch->argv[0], why);
    case LAUNCH_GROUP:
        return bide_fail(-p.code, "exec: %s: a group of its own: %s", launch->argv[0], why);
    case LAUNCH_FOLDER:
        return bide_fail(-p.code, "exec: %s: cwd %s: %s", launch->argv[0], launch->cwd, why);
    default:
        return bide_fail(-p.code, "exec: %s: %s", launch->argv[0], why);
    }
}

/* The child has ended, or is about to. */
static void collect(pid_t pid, int pidfd)
{
    siginfo_t how;
    while (bide__sys.waitid(P_PID, (id_t)pid, &how, WEXITED) < 0 && errno == EINTR)
        ;
    if (pidfd >= 0)
        bide__sys.close(pidfd);
}

static int run(struct launch *launch, char *stack, int report[2], pid_t *pid, int *pidfd)
{
    launch->report = report[1];
    *pid = start(launch, stack, pidfd);
    if (report[1] >= 0)
        bide__sys.close(report[1]);
    if (*pid < 0)
        return bide_fail(*pid, "exec: %s: no process can be started: %s", launch->argv[0],
                         bide_strerror(*pid));
    struct launch_problem problem = outcome(launch, report[0]);
    if (problem.code) {
        collect(*pid, *pidfd);
        return tell(launch, problem);
    }
    if (*pidfd < 0)
        *pidfd = bide__sys.pidfd_open(*pid);
    return 0;
}

int bide__launch(struct launch *launch, pid_t *pid, int *pidfd)
{
    int report[2];
    int rc = open_report(report);
    if (rc < 0)
        return bide_fail(rc, "exec: %s: %s", launch->argv[0], bide_strerror(rc));
    char *stack = bide__alloc(STACK);
    if (stack)
        rc = run(launch, stack, report, pid, pidfd);
    else
        rc = bide_fail(BIDE_ENOMEM, "exec: %s: out of memory", launch->argv[0]);
    bide__free(stack);
    if (!stack && report[1] >= 0)
        bide__sys.close(report[1]);
    if (report[0] >= 0)
        bide__sys.close(report[0]);
    return rc;
}
