/* A function that is run in another loop, while a thread or a task waits for it here.
 *
 * A visit lies on the waiter's stack.  It goes there as a post, runs as a task of the root group,
 * and comes back: to a thread by a futex, to a task by a post.  Cancelling sends a second post
 * after it; then that one brings the visit back, for both have to be out of the other loop's
 * hands before the waiter may go on. */
#include "core/outside.h"
#include "core/park.h"
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum visit_state { UNDER_WAY, STOPPING, ENDED };

struct visit {
    struct post go, stop, back;
    struct inbox *there;        /* held by the caller */
    struct inbox *here;         /* the waiter's loop's; NULL: a thread waits */
    bide_fn *fn;
    void *arg;
    const char *name, *site;
    task *task;                 /* there; NULL: not begun, or ended */
    bool stopped;               /* there: before it has begun */
    struct wait wait;
    atomic_uint state;          /* enum visit_state */
    atomic_uint home;           /* a futex: it is back */
    int rc;
    struct bide_error error;
};

static struct visit *visit_of(struct post *p, size_t offset)
{
    return (struct visit *)(void *)((char *)p - offset);
}

/* The visit may be gone as soon as this is done. */
static void go_home(struct visit *v)
{
    if (v->here) {
        bide__inbox_post(v->here, &v->back);
        return;
    }
    atomic_store(&v->home, 1);
    syscall(SYS_futex, &v->home, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void end(struct visit *v, int rc)
{
    v->rc = rc;
    if (rc < 0) {
        v->error = bide_error_held_();
        if (v->error.code != rc) {
            v->error.code = rc;
            strcpy(v->error.text, bide_strerror(rc));
        }
    }
    if (atomic_exchange(&v->state, ENDED) == UNDER_WAY)
        go_home(v);
}

/* The task over there.  Its failure is told to who waits, so it is none of that loop's. */
static int stay(void *arg)
{
    struct visit *v = arg;
    v->task = bide__self();
    if (v->stopped)
        bide_cancel(v->task);
    int rc = v->fn(v->arg);
    v->task = NULL;
    bide__here->visitors--;
    end(v, rc);
    return 0;
}

/* In the other loop's poller, or where that loop is being taken down. */
static void arrive(struct post *post)
{
    struct visit *v = visit_of(post, offsetof(struct visit, go));
    struct bide_spawn_opts o = { .abi_ = sizeof o, .fn_name_ = v->name, .site_ = v->site,
                                 .arg = v };
    if (atomic_load(&v->state) == STOPPING)
        end(v, bide_fail(BIDE_ECANCELED, "cancelled"));
    else if (!bide__here || bide__here->ending)
        end(v, bide_fail(BIDE_ECLOSED, "%s: the loop has ended", v->name));
    else if (bide_spawn_opts(NULL, stay, &o) < 0)
        end(v, bide_errcode());
    else
        bide__here->visitors++;
}

static void stop(struct post *post)
{
    struct visit *v = visit_of(post, offsetof(struct visit, stop));
    if (atomic_load(&v->state) == ENDED) {
        go_home(v);
        return;
    }
    v->stopped = true;
    bide_cancel(v->task);
    atomic_store(&v->state, UNDER_WAY);         /* this post is out of the way */
}

/* On the waiter's loop. */
static void come_back(struct post *post)
{
    struct visit *v = visit_of(post, offsetof(struct visit, back));
    atomic_fetch_sub(&v->here->outside, 1);
    bide__settle_wait(&v->wait, 0);
}

static bool change(struct visit *v, unsigned from, unsigned to)
{
    return atomic_compare_exchange_strong(&v->state, &from, to);
}

/* It is waited for all the same.  A loop that takes no posts any more has ended the visit, or is
 * about to. */
static bool send_after(struct wait *w)
{
    struct visit *v = w->data;
    if (change(v, UNDER_WAY, STOPPING) && !bide__inbox_post(v->there, &v->stop) &&
        !change(v, STOPPING, UNDER_WAY))
        go_home(v);
    return false;
}
static const struct waitkind visiting = { .what = "a function in another loop",
                                          .undo = send_after };

static void prepare(struct visit *v, bide_loop *loop, bide_fn *fn, void *arg)
{
    *v = (struct visit){ .go.run = arrive, .stop.run = stop, .back.run = come_back,
                         .there = bide__inbox_of(loop), .fn = fn, .arg = arg };
}

static int set_out(struct visit *v)
{
    if (bide__inbox_post(v->there, &v->go))
        return 0;
    return bide_fail(BIDE_ECLOSED, "%s: the loop has ended", v->name);
}

static int result(struct visit *v)
{
    if (v->rc < 0)
        bide_error_restore_(&v->error);
    return v->rc;
}

int bide_loop_call_(bide_loop *loop, bide_fn *fn, void *arg, const char *name, const char *site)
{
    struct visit v;
    if (bide__here)
        return bide_fail(BIDE_EPERM, "call %s: would block a loop; bide_loop_run() waits", name);
    if (!loop)
        return bide_errcode();
    prepare(&v, loop, fn, arg);
    v.name = name;
    v.site = site;
    int rc = set_out(&v);
    if (rc < 0)
        return rc;
    while (!atomic_load(&v.home))
        syscall(SYS_futex, &v.home, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return result(&v);
}

int bide_loop_run_(bide_loop *loop, bide_fn *fn, void *arg, const char *name, const char *site)
{
    struct visit v;
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (!loop)
        return bide_errcode();
    prepare(&v, loop, fn, arg);
    v.name = name;
    v.site = site;
    v.here = bide__loop()->inbox;
    if ((rc = set_out(&v)) < 0)
        return rc;
    atomic_fetch_add(&v.here->outside, 1);
    v.wait.kind = &visiting;
    v.wait.data = &v;
    rc = bide__wait_alone(&v.wait);
    return rc < 0 ? rc : result(&v);
}
