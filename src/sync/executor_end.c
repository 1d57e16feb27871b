/* Executors of the program's own: made, posted to, shut down, freed.
 *
 * Freeing does not wait: the queue is refused, the idle threads go, those that have a job finish
 * it, and the last one frees the memory.  Who wants to wait shuts down before. */
#include "base/memory.h"
#include "core/park.h"
#include "sync/executor_own.h"
#include <stdio.h>
#include <string.h>

enum { QUEUE_MAX = 1024, NAMES_TOLD = 5 };

/* A job that nobody waits for. */
struct posted {
    struct job job;             /* first */
    executor *executor;
    bide_fn *fn;
    void *arg;
    bide_drop_fn *drop;
    struct bide_error error;
};
/* A task in bide_executor_shutdown(). */
struct shutting {
    struct ender ender;         /* first */
    struct post post;
    struct wait wait;
    struct inbox *inbox;
    executor *executor;
};

bide_executor *bide_executor_new_opts(const struct bide_executor_opts *o)
{
    if (o->threads == 0 || o->threads > UINT16_MAX) {
        bide_fail(BIDE_EINVAL, "executor: %zu threads; 1 to %d", o->threads, UINT16_MAX);
        return NULL;
    }
    executor *x = bide__zalloc(sizeof *x);
    if (!x) {
        bide_fail(BIDE_ENOMEM, "executor: out of memory");
        return NULL;
    }
    bide__executor_of(EXECUTOR_USER);   /* prepares */
    pthread_mutex_init(&x->lock, NULL);
    x->threads_max = (unsigned)o->threads;
    x->queue_max = o->queue_max ? o->queue_max : QUEUE_MAX;
    snprintf(x->name_space, sizeof x->name_space, "%s", o->name ? o->name : "executor");
    x->name = x->name_space;
    atomic_init(&x->holders, 1);
    return x;
}

static void work(struct job *job)
{
    struct posted *p = (struct posted *)(void *)job;
    struct bide_error none = { .code = 0 };
    bide_error_restore_(&none);
    int rc = p->fn(p->arg);
    if (rc >= 0)
        return;
    bide__executor_error(rc, &p->error);
    bide_log(BIDE_LOG_WARNING, "executor '%s': job '%s' failed and nobody waits for it: %s",
             p->executor->name, job->name, p->error.text);
}

static void discard(struct job *job)
{
    struct posted *p = (struct posted *)(void *)job;
    if (p->drop)
        p->drop(p->arg);
    bide__free(p);
}

static struct posted *new_posted(executor *x, bide_fn *fn,
                                 const struct bide_executor_post_opts *o)
{
    struct posted *p = bide__zalloc(sizeof *p);
    if (!p) {
        bide_fail(BIDE_ENOMEM, "executor '%s': no memory for a job", x->name);
        return NULL;
    }
    p->job.work = work;
    p->job.done = p->job.refuse = discard;
    p->job.name = o->fn_name_;
    p->job.bounded = true;
    p->executor = x;
    p->fn = fn;
    p->arg = o->arg;
    p->drop = o->drop;
    return p;
}

int bide_executor_post_opts(bide_executor *x, bide_fn *fn,
                            const struct bide_executor_post_opts *o)
{
    struct posted *p = x ? new_posted(x, fn, o) : NULL;
    if (p && bide__executor_submit(x, &p->job) == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    int rc = bide_errcode();
    if (p)
        discard(&p->job);
    else if (o->drop)
        o->drop(o->arg);
    return rc;
}

/* Ending. */

static void cancel_all(executor *x)
{
    struct job *job = x->first;
    do {
        if (job)
            atomic_store(&job->cancelled, true);
    } while (job && (job = job->next) != x->first);
    struct worker *w = x->workers;
    do {
        if (w && w->job)
            atomic_store(&w->job->cancelled, true);
    } while (w && (w = w->next) != x->workers);
}

static void close_to_new(executor *x)
{
    pthread_mutex_lock(&x->lock);
    atomic_store(&x->closed, true);
    cancel_all(x);
    pthread_mutex_unlock(&x->lock);
}

/* On the loop of who waits. */
static void all_done(struct post *post)
{
    struct shutting *s =
        (struct shutting *)(void *)((char *)post - offsetof(struct shutting, post));
    atomic_fetch_sub(&s->inbox->outside, 1);
    bide__settle_wait(&s->wait, 0);
}

static void tell(struct ender *e)
{
    struct shutting *s = (struct shutting *)(void *)e;
    bide__inbox_post(s->inbox, &s->post);
}

/* False if it has been told, and the post is on its way. */
static bool take_out(struct shutting *s)
{
    executor *x = s->executor;
    pthread_mutex_lock(&x->lock);
    struct ender **link = &x->enders;
    while (*link && *link != &s->ender)
        link = &(*link)->next;
    bool found = *link != NULL;
    if (found)
        *link = s->ender.next;
    pthread_mutex_unlock(&x->lock);
    return found;
}

static bool undo(struct wait *w)
{
    struct shutting *s = w->data;
    if (!take_out(s))
        return false;
    atomic_fetch_sub(&s->inbox->outside, 1);
    return true;
}
static const struct waitkind shutting_down = { .what = "an executor's jobs to end", .undo = undo };

/* True: something is left, and s will be told. */
static bool join_enders(struct shutting *s)
{
    executor *x = s->executor;
    pthread_mutex_lock(&x->lock);
    bool left = atomic_load(&x->unfinished) > 0;
    if (left) {
        s->ender.next = x->enders;
        x->enders = &s->ender;
    }
    pthread_mutex_unlock(&x->lock);
    return left;
}

BIDE_WAITS static int wait_for_all(executor *x)
{
    struct shutting s = { .ender.tell = tell, .post.run = all_done, .executor = x,
                          .inbox = bide__loop()->inbox };
    int rc = bide__enter();             /* the time may be up already */
    if (rc < 0 || !join_enders(&s))
        return rc;
    atomic_fetch_add(&s.inbox->outside, 1);
    s.wait.kind = &shutting_down;
    s.wait.data = &s;
    return bide__wait_alone(&s.wait);
}

/* "a, b and 3 more"; under the lock. */
static void name_running(executor *x, char *text, size_t size)
{
    size_t used = 0;
    unsigned told = 0, more = 0;
    struct worker *w = x->workers;
    text[0] = '\0';
    for (unsigned i = x->starting; i < x->threads; i++, w = w->next) {
        if (!w->job)
            continue;
        if (told < NAMES_TOLD && used < size - 40)
            used += (size_t)snprintf(text + used, size - used, "%s%.40s", told++ ? ", " : "",
                                     w->job->name);
        else
            more++;
    }
    if (more)
        snprintf(text + used, size - used, " and %u more", more);
}

/* What has not begun will not; who runs cannot be made to stop. */
static int give_up(executor *x, double seconds)
{
    char names[NAMES_TOLD * 44 + 40];
    pthread_mutex_lock(&x->lock);
    struct job *waiting = bide__executor_take_all(x);
    name_running(x, names, sizeof names);
    pthread_mutex_unlock(&x->lock);
    bide__executor_refuse(x, waiting);
    if (!names[0])
        return 0;
    return bide_fail(BIDE_ETIMEDOUT, "executor '%s': after %g s there still runs: %s", x->name,
                     seconds > 0 ? seconds : 0, names);
}

BIDE_WAITS static int shut_down(executor *x, double seconds)
{
    close_to_new(x);
    if (atomic_load(&x->unfinished) == 0)
        return 0;
    BIDE_TIMEOUT(t, seconds);
    int rc = bide_scope_result(t, wait_for_all(x));
    return rc == BIDE_ETIMEDOUT ? give_up(x, seconds) : rc;
}

int bide_executor_shutdown(bide_executor *x, double seconds)
{
    if (x)
        bide__executor_hold(x);         /* it may be freed while this yields */
    int rc = bide__enter();
    if (!x)
        return rc < 0 ? rc : bide_errcode();
    if (rc == 0)
        rc = shut_down(x, seconds);
    bide__executor_drop(x);
    return rc;
}

void bide_executor_free(bide_executor *x)
{
    if (!x)
        return;
    close_to_new(x);
    pthread_mutex_lock(&x->lock);
    x->leaving = true;
    struct job *waiting = bide__executor_take_all(x);
    bide__executor_dismiss(x);
    pthread_mutex_unlock(&x->lock);
    bide__executor_refuse(x, waiting);
    bide__executor_drop(x);
}
