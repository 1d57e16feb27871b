/* A task that has a job done by a thread, and waits for it. */
#include "core/local.h"
#include "core/park.h"
#include "sync/executor_own.h"
#include <stdio.h>
#include <string.h>

/* On the stack of the task that waits. */
struct call {
    struct job job;             /* first */
    struct post post;
    struct wait wait;
    struct inbox *inbox;        /* the loop's */
    struct bide_local_ *locals; /* the task's: the job sees them */
    executor *executor;
    bide_fn *fn;
    void *arg;
    int rc;
    struct bide_error error;
};

static struct call *call_of(struct post *post)
{
    return (struct call *)(void *)((char *)post - offsetof(struct call, post));
}

static void work(struct job *job)
{
    struct call *call = (struct call *)(void *)job;
    struct bide_error none = { .code = 0 };
    bide_error_restore_(&none);
    struct bide_local_ *before = bide__local_adopt(call->locals);
    call->rc = call->fn(call->arg);
    bide__local_adopt(before);
    if (call->rc < 0)
        bide__executor_error(call->rc, &call->error);
}

/* The call may be gone as soon as it is posted.  Its loop is there: the task waits. */
static void done(struct job *job)
{
    struct call *call = (struct call *)(void *)job;
    bide__inbox_post(call->inbox, &call->post);
}

/* The executor was freed, or its time was up. */
static void refuse(struct job *job)
{
    struct call *call = (struct call *)(void *)job;
    call->rc = call->error.code = BIDE_ECLOSED;
    snprintf(call->error.text, sizeof call->error.text,
             "executor '%s': it ended before the job had begun", call->executor->name);
    done(job);
}

/* On the loop. */
static void answer(struct post *post)
{
    struct call *call = call_of(post);
    atomic_fetch_sub(&call->wait.task->loop->inbox->outside, 1);
    bide__settle_wait(&call->wait, 0);
}

/* A job that runs is told; its waiter goes on waiting, for the job may use what is the waiter's. */
static bool withdraw(struct wait *w)
{
    struct call *call = w->data;
    atomic_store(&call->job.cancelled, true);
    if (!bide__executor_take_back(call->executor, &call->job))
        return false;
    atomic_fetch_sub(&call->inbox->outside, 1);
    return true;
}
static const struct waitkind working = { .what = "a job on a thread", .undo = withdraw };

BIDE_WAITS static int wait_for(struct call *call)
{
    int rc = bide__executor_submit(call->executor, &call->job);
    if (rc < 0)
        return rc;
    atomic_fetch_add(&call->inbox->outside, 1);
    call->wait.kind = &working;
    call->wait.data = call;
    if ((rc = bide__wait_alone(&call->wait)) < 0)
        return rc;
    if (call->rc < 0)
        bide_error_restore_(&call->error);
    return call->rc;
}

BIDE_WAITS static int run(executor *x, bide_fn *fn, void *arg, const char *name)
{
    struct call call;           /* not cleared: the error is large */
    memset(&call.job, 0, sizeof call.job);
    call.job.work = work;
    call.job.done = done;
    call.job.refuse = refuse;
    call.job.name = name;
    call.post.run = answer;
    call.inbox = bide__loop()->inbox;
    call.locals = bide__local_chain();
    call.executor = x;
    call.fn = fn;
    call.arg = arg;
    return wait_for(&call);
}

/* Who comes in may have to yield first, and the executor be freed meanwhile. */
BIDE_WAITS static int run_on(executor *x, bide_fn *fn, void *arg, const char *name)
{
    if (x)
        bide__executor_hold(x);
    int rc = bide__enter();
    if (!x)
        return rc < 0 ? rc : bide_errcode();
    if (rc == 0)
        rc = run(x, fn, arg, name);
    bide__executor_drop(x);
    return rc;
}

int bide__executor_run(enum executor_use use, bide_fn *fn, void *arg)
{
    return run_on(bide__executor_of(use), fn, arg, "a call");
}

int bide_to_thread(bide_fn *fn, void *arg)
{
    return run_on(bide__executor_of(EXECUTOR_USER), fn, arg, "to_thread");
}

int bide_executor_run_(bide_executor *x, bide_fn *fn, void *arg, const char *name)
{
    return run_on(x, fn, arg, name);
}

bool bide_thread_cancelled(void)
{
    struct job *job = bide__executor_job();
    return job && atomic_load_explicit(&job->cancelled, memory_order_relaxed);
}
