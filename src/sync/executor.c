/* The threads of executors, and how jobs get to them; the rules stand in executor.h.
 *
 * A worker lies on its thread's own stack.  While it is in the list of idle ones it sleeps on a
 * futex of its own; who takes it out, under the lock, gives it a job, or is itself, because its
 * time is up.  A worker is idle again, or has its next job, before anybody is told that the last
 * one is done: so a task that runs one job after another has the same thread for all. */
#include "sync/executor_own.h"
#include "base/memory.h"
#include "core/thread.h"
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NAMES_THREADS = 4, FILES_THREADS = 8, USER_THREADS_MAX = 32, LINGER_SECONDS = 5 };
enum mail { NONE, DELIVERED };

static executor process_wide[] = {
    [EXECUTOR_NAMES] = { .lock = PTHREAD_MUTEX_INITIALIZER, .threads_max = NAMES_THREADS,
                         .holders = 1, .name = "names" },
    [EXECUTOR_FILES] = { .lock = PTHREAD_MUTEX_INITIALIZER, .threads_max = FILES_THREADS,
                         .holders = 1, .name = "files" },
    [EXECUTOR_USER] = { .lock = PTHREAD_MUTEX_INITIALIZER, .threads_max = USER_THREADS_MAX,
                        .holders = 1, .name = "threads" },
};
enum { PROCESS_WIDE = sizeof process_wide / sizeof *process_wide };
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static __thread struct worker *here;

/* The threads did not come along into a child process. */
static void forget_threads(void)
{
    for (int i = 0; i < PROCESS_WIDE; i++) {
        executor *x = &process_wide[i];
        x->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
        x->first = NULL;
        x->idle = x->workers = NULL;
        x->threads = x->starting = 0;
        x->bounded = 0;
        x->unfinished = 0;
        x->holders = 1;
    }
}

/* As many threads as Python's: blocking jobs mostly wait, but some compute. */
static void prepare(void)
{
    cpu_set_t cpus;
    unsigned count = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
    if (count + 4 < USER_THREADS_MAX)
        process_wide[EXECUTOR_USER].threads_max = count + 4;
    pthread_atfork(NULL, NULL, forget_threads);
}

executor *bide__executor_of(enum executor_use use)
{
    pthread_once(&prepared, prepare);
    return &process_wide[use];
}

void bide__executor_hold(executor *x)
{
    atomic_fetch_add_explicit(&x->holders, 1, memory_order_relaxed);
}

void bide__executor_drop(executor *x)
{
    if (atomic_fetch_sub(&x->holders, 1) > 1)
        return;
    pthread_mutex_destroy(&x->lock);
    bide__free(x);
}

static void append(executor *x, struct job *job)
{
    struct job *first = x->first;
    job->queued = true;
    x->bounded += job->bounded;
    if (!first) {
        x->first = job->next = job->prev = job;
        return;
    }
    job->next = first;
    job->prev = first->prev;
    first->prev->next = job;
    first->prev = job;
}

static void take_out(executor *x, struct job *job)
{
    job->queued = false;
    x->bounded -= job->bounded;
    if (job->next == job) {
        x->first = NULL;
        return;
    }
    job->next->prev = job->prev;
    job->prev->next = job->next;
    if (x->first == job)
        x->first = job->next;
}

static struct job *take_next(executor *x)
{
    struct job *job = x->first;
    if (job)
        take_out(x, job);
    return job;
}

static void enlist(executor *x, struct worker *w)
{
    struct worker *first = x->workers;
    x->starting--;
    if (!first) {
        x->workers = w->next = w->prev = w;
        return;
    }
    w->next = first;
    w->prev = first->prev;
    first->prev->next = w;
    first->prev = w;
}

/* Its thread ends: with this it is nobody's. */
static void discharge(executor *x, struct worker *w)
{
    x->threads--;
    if (w->next == w) {
        x->workers = NULL;
        return;
    }
    w->next->prev = w->prev;
    w->prev->next = w->next;
    if (x->workers == w)
        x->workers = w->next;
}

static void idle(executor *x, struct worker *w)
{
    atomic_store_explicit(&w->mail, NONE, memory_order_relaxed);
    w->next_idle = x->idle;
    x->idle = w;
}

/* The worker's own: false if somebody has just taken it out, and its mail is on its way. */
static bool leave_idle(executor *x, const struct worker *w)
{
    struct worker **link = &x->idle;
    while (*link && *link != w)
        link = &(*link)->next_idle;
    if (!*link)
        return false;
    *link = w->next_idle;
    return true;
}

static bool is_over(struct worker *w)
{
    executor *x = w->executor;
    pthread_mutex_lock(&x->lock);
    bool over = leave_idle(x, w);
    if (over)
        discharge(x, w);
    pthread_mutex_unlock(&x->lock);
    return over;
}

/* Until there is a job; NULL: none came for long.
 *
 * It does not spin before it sleeps.  On two idle processors that makes 0.5 us of a round trip's
 * 4.3; but where something else runs, 8: the spinning thread has been moved to the other
 * processor, and that one has to be woken. */
static struct job *sleep_idle(struct worker *w)
{
    const struct timespec linger = { .tv_sec = LINGER_SECONDS };
    while (atomic_load_explicit(&w->mail, memory_order_acquire) == NONE)
        if (syscall(SYS_futex, &w->mail, FUTEX_WAIT_PRIVATE, NONE, &linger, NULL, 0) < 0 &&
            errno == ETIMEDOUT && is_over(w))
            return NULL;
    return w->job;
}

static void deliver(struct worker *w)
{
    atomic_store_explicit(&w->mail, DELIVERED, memory_order_release);
    syscall(SYS_futex, &w->mail, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* The next job, if there is one; else it is idle, or the executor was freed and it goes. */
static struct job *go_on(struct worker *w, bool *over)
{
    executor *x = w->executor;
    pthread_mutex_lock(&x->lock);
    if (!w->next)
        enlist(x, w);
    struct job *job = w->job = take_next(x);
    *over = !job && x->leaving;
    if (*over)
        discharge(x, w);
    else if (!job)
        idle(x, w);
    pthread_mutex_unlock(&x->lock);
    return job;
}

/* Sequentially consistent: either the ender sees that nothing is left, or this sees the ender. */
static void count_off(executor *x)
{
    if (atomic_fetch_sub(&x->unfinished, 1) > 1 || !atomic_load(&x->closed))
        return;
    pthread_mutex_lock(&x->lock);
    struct ender *e = x->enders;
    x->enders = NULL;
    pthread_mutex_unlock(&x->lock);
    while (e) {
        struct ender *next = e->next;
        e->tell(e);
        e = next;
    }
}

static struct job *do_job(struct worker *me, struct job *job)
{
    bool over;
    job->work(job);
    struct job *next = go_on(me, &over);
    if (job->done)
        job->done(job);
    count_off(me->executor);
    return next || over ? next : sleep_idle(me);
}

static void *live(void *arg)
{
    struct worker me = { .executor = arg };
    bool over;
    here = &me;
    struct job *job = go_on(&me, &over);
    if (!job && !over)
        job = sleep_idle(&me);
    while (job)
        job = do_job(&me, job);
    here = NULL;
    bide__executor_drop(me.executor);
    return NULL;
}

static int start_thread(executor *x)
{
    bide__executor_hold(x);
    int rc = bide__thread_start(NULL, live, x);
    if (rc < 0) {
        bide__executor_drop(x);
        return rc;
    }
    x->threads++;
    x->starting++;
    return 0;
}

/* Without an idle worker: into the queue, and a thread more if there may be one.  A job for which
 * a thread is just starting does not wait for one. */
static int queue_up(executor *x, struct job *job)
{
    if (job->bounded && x->threads >= x->threads_max &&
        x->bounded >= x->queue_max && x->bounded - x->queue_max >= x->starting)
        return bide_fail(BIDE_EAGAIN, "executor '%s': %zu jobs are waiting already", x->name,
                         x->queue_max);
    append(x, job);
    if (x->threads >= x->threads_max)
        return 0;
    int rc = start_thread(x);
    if (rc == 0 || x->threads)
        return 0;
    take_out(x, job);
    return bide_fail(rc, "executor '%s': no thread: %s", x->name, bide_strerror(rc));
}

/* Under the lock: gives it to an idle worker, which then has to be woken, or queues it. */
static int place(executor *x, struct job *job, struct worker **woken)
{
    struct worker *w = x->idle;
    if (atomic_load(&x->closed))
        return bide_fail(BIDE_ECLOSED, "executor '%s': it has been shut down", x->name);
    if (!w) {
        int rc = queue_up(x, job);
        if (rc < 0)
            return rc;
    } else {
        x->idle = w->next_idle;
        w->job = job;
        *woken = w;
    }
    atomic_fetch_add(&x->unfinished, 1);
    return 0;
}

int bide__executor_submit(executor *x, struct job *job)
{
    struct worker *w = NULL;
    pthread_mutex_lock(&x->lock);
    int rc = place(x, job, &w);
    pthread_mutex_unlock(&x->lock);
    if (w)
        deliver(w);
    return rc;
}

bool bide__executor_take_back(executor *x, struct job *job)
{
    pthread_mutex_lock(&x->lock);
    bool queued = job->queued;
    if (queued)
        take_out(x, job);
    pthread_mutex_unlock(&x->lock);
    if (queued)
        count_off(x);
    return queued;
}

struct job *bide__executor_take_all(executor *x)
{
    struct job *list = NULL, **last = &list, *job;
    while ((job = take_next(x))) {
        *last = job;
        last = &job->next;
        job->next = NULL;
    }
    return list;
}

void bide__executor_refuse(executor *x, struct job *list)
{
    while (list) {
        struct job *next = list->next;
        if (list->refuse)
            list->refuse(list);
        count_off(x);
        list = next;
    }
}

void bide__executor_dismiss(executor *x)
{
    struct worker *w;
    while ((w = x->idle)) {
        x->idle = w->next_idle;
        discharge(x, w);
        w->job = NULL;
        deliver(w);
    }
}

struct job *bide__executor_job(void)
{
    return here ? here->job : NULL;
}

void bide__executor_error(int rc, struct bide_error *error)
{
    *error = bide_error_held_();
    if (error->code == rc)
        return;
    error->code = rc;
    strcpy(error->text, bide_strerror(rc));
}
