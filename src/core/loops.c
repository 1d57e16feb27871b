/* A loop on each of several threads.
 *
 * Who starts them has a loop too, and supervises in a task of it: the threads tell it by posts
 * that they have begun and ended, and it tells theirs to stop by posts.  So nothing here needs a
 * lock, and a signal that stops the supervisor's loop stops all. */
#include "base/memory.h"
#include "core/park.h"
#include "core/scope.h"
#include <bide/loop.h>
#include <pthread.h>
#include <sched.h>

struct loops;
struct thread {
    struct loops *all;
    int index;
    pthread_t thread;
    bool begun, ended;          /* as far as the supervisor has heard */
    struct inbox *inbox;        /* its loop's, held */
    struct post has_begun, has_ended, stop;
    int rc;
    struct bide_error error;
};
struct loops {
    bide_fn *fn;
    const struct bide_loops_opts *options;
    struct thread *threads;
    size_t count, started, running;
    struct inbox *home;         /* the supervisor's */
    bool stopping;
    bool waits;
    struct wait wait;
    struct thread *failed;      /* the first one */
    size_t failures;
};

static __thread int index_here = -1;

int bide_loops_index(void)
{
    return index_here;
}

/* On the thread's own loop; it may be just ending. */
static void cancel_root(struct post *post)
{
    (void)post;
    if (bide__here)
        bide__scope_cancel(&bide__here->root.scope);
}

static void stop(struct thread *t)
{
    if (t->begun && !t->ended)
        bide__inbox_post(t->inbox, &t->stop);
}

/* Supervisor's from here on. */
static void stop_all(struct loops *all)
{
    if (all->stopping)
        return;
    all->stopping = true;
    for (size_t i = 0; i < all->started; i++)
        stop(&all->threads[i]);
}

static void hear_begun(struct post *post)
{
    struct thread *t =
        (struct thread *)(void *)((char *)post - offsetof(struct thread, has_begun));
    t->begun = true;
    if (t->all->stopping)
        stop(t);
}

/* That who was stopped says so is no failure of its own. */
static void count_failure(struct loops *all, struct thread *t)
{
    bool own = !all->stopping || t->rc != BIDE_ECANCELED;
    all->failures += own;
    if (!all->failed || (own && all->failed->rc == BIDE_ECANCELED))
        all->failed = t;
}

static void hear_ended(struct post *post)
{
    struct thread *t =
        (struct thread *)(void *)((char *)post - offsetof(struct thread, has_ended));
    struct loops *all = t->all;
    t->ended = true;
    if (t->rc < 0) {
        count_failure(all, t);
        stop_all(all);
    }
    if (--all->running == 0 && all->waits)
        bide__settle_wait(&all->wait, 0);
}

/* The first task of a thread's loop. */
static int begin(void *arg)
{
    struct thread *t = arg;
    t->inbox = bide__loop()->inbox;
    bide__inbox_hold(t->inbox);
    bide__inbox_post(t->all->home, &t->has_begun);
    return t->all->fn(t->all->options->arg);    /* waits: it may */
}

static void *live(void *arg)
{
    struct thread *t = arg;
    const struct bide_run_opts *given = t->all->options->run;
    struct bide_run_opts o = { .abi_ = sizeof o };
    if (given)
        o = *given;
    o.arg = t;
    o.stop_on_signal = false;
    index_here = t->index;
    t->rc = bide_run_opts(begin, &o);
    if (t->rc < 0)
        t->error = bide_error_held_();
    bide__inbox_post(t->all->home, &t->has_ended);
    return NULL;
}

static int start(struct loops *all, size_t i)
{
    struct thread *t = &all->threads[i];
    *t = (struct thread){ .all = all, .index = (int)i, .has_begun.run = hear_begun,
                          .has_ended.run = hear_ended, .stop.run = cancel_root };
    int code = pthread_create(&t->thread, NULL, live, t);
    if (code)
        return bide_fail(-code, "loop %zu: no thread: %s", i, bide_strerror(-code));
    all->started++;
    all->running++;
    return 0;
}

/* Cancelled: the others are told, and waited for, as they use what is the caller's. */
static bool pass_on(struct wait *w)
{
    stop_all(w->data);
    return false;
}
static const struct waitkind supervising = { .what = "loops on other threads", .undo = pass_on };

BIDE_WAITS static int wait_for_all(struct loops *all)
{
    if (!all->running)
        return 0;
    all->waits = true;
    all->wait.kind = &supervising;
    all->wait.data = all;
    return bide__wait_alone(&all->wait);
}

/* Each has said that it has ended, so this is for a moment only. */
static void join_all(struct loops *all)
{
    for (size_t i = 0; i < all->started; i++) {
        pthread_join(all->threads[i].thread, NULL);
        if (all->threads[i].inbox)
            bide__inbox_drop(all->threads[i].inbox);
    }
}

static int result(const struct loops *all)
{
    struct thread *t = all->failed;
    if (!t)
        return 0;
    bide_error_restore_(&t->error);
    if (all->failures > 1)
        return bide_fail(t->rc, "loop %d (and %zu more failed): %s", t->index, all->failures - 1,
                         t->error.text);
    return bide_within("loop %d", t->index);
}

/* The supervisor. */
static int run_all(void *arg)
{
    struct loops *all = arg;
    int rc = bide__enter(), could_not = 0;
    if (rc < 0)
        return rc;
    all->home = bide__loop()->inbox;
    atomic_fetch_add(&all->home->outside, 1);
    for (size_t i = 0; i < all->count && could_not == 0; i++)
        could_not = start(all, i);
    struct bide_error why = bide_error_held_();
    if (could_not < 0)
        stop_all(all);
    rc = wait_for_all(all);
    atomic_fetch_sub(&all->home->outside, 1);
    join_all(all);
    if (could_not < 0) {
        bide_error_restore_(&why);
        return could_not;
    }
    return rc < 0 ? rc : result(all);
}

static size_t processors(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
}

int bide_loops_opts(bide_fn *fn, const struct bide_loops_opts *o)
{
    struct loops all = { .fn = fn, .options = o, .count = o->count ? o->count : processors() };
    if (all.count > UINT16_MAX)
        return bide_fail(BIDE_EINVAL, "loops: %zu of them; at most %d", all.count, UINT16_MAX);
    all.threads = bide__zalloc(all.count * sizeof *all.threads);
    if (!all.threads)
        return bide_fail(BIDE_ENOMEM, "loops: no memory for %zu of them", all.count);
    struct bide_run_opts run = { .abi_ = sizeof run, .arg = &all,
                                 .stop_on_signal = o->stop_on_signal };
    int rc = bide_run_opts(run_all, &run);
    bide__free(all.threads);
    return rc;
}
