/* Promise: a value or a failure, a count of who holds it, and a line of tasks of one loop.
 *
 * It is settled under a lock, from wherever; the line belongs to the loop.  So who settles it
 * elsewhere posts one post to the loop's inbox, "look at the promise", and the loop hands the
 * value to all who wait.  The memory stays for whoever holds it, for the post on its way, and
 * for the tasks inside of bide_promise_wait(): these are `keepers`, the public holds among
 * them `holders`. */
#include "base/memory.h"
#include "core/release.h"
#include "sync/select.h"
#include <bide/select.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 65536 };
enum state { OPEN, SET, FAILED };

struct bide_promise {
    struct waitlist waiters;    /* the loop's; data: where the value goes */
    struct inbox *inbox;        /* the loop's, held */
    struct post post;
    pthread_mutex_t lock;       /* over the rest */
    enum state state;
    bool shared;                /* was held more than once */
    bool posted;                /* the post is on its way */
    unsigned holders, keepers;
    size_t size;
    struct bide_error error;
    char value[] __attribute__((aligned(16)));
};

static void look(struct post *post);

bide_promise *bide_promise_new_(size_t size)
{
    if (size == 0 || size > VALUE_MAX) {
        bide_fail(BIDE_EINVAL, "promise: a value of %zu bytes; 1 to %d", size, VALUE_MAX);
        return NULL;
    }
    if (!bide__here) {
        bide_fail(BIDE_EPERM, "promise: works only inside bide_run()");
        return NULL;
    }
    bide_promise *p = bide__zalloc(sizeof *p + size);
    if (!p) {
        bide_fail(BIDE_ENOMEM, "no memory for a promise");
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    p->inbox = bide__here->inbox;
    bide__inbox_hold(p->inbox);
    p->post.run = look;
    p->holders = p->keepers = 1;
    p->size = size;
    return p;
}

/* Gives the lock back, and one keeper's place. */
static void unlock_and_let_go(bide_promise *p)
{
    bool last = --p->keepers == 0;
    pthread_mutex_unlock(&p->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&p->lock);
    bide__inbox_drop(p->inbox);
    bide__free(p);
}

static void keep(bide_promise *p)
{
    pthread_mutex_lock(&p->lock);
    p->keepers++;
    pthread_mutex_unlock(&p->lock);
}

static void let_go(bide_promise *p)
{
    pthread_mutex_lock(&p->lock);
    unlock_and_let_go(p);
}

static void hand_value(struct wait *w, const struct terms *terms)
{
    const bide_promise *p = terms->owner;
    if (p->state == SET)
        memcpy(w->data, p->value, p->size);
    else
        bide__hold(w->task, p->error.code, p->error.text);
    atomic_fetch_sub(&p->inbox->awaited, 1);
    bide__settle_wait(w, p->state == SET ? 0 : p->error.code);
}

static void end_release(void *promise)
{
    let_go(promise);
}

/* On the loop's thread, and settled, so nothing changes any more. */
static void settle_waiters(bide_promise *p)
{
    if (!p->waiters.head)
        return;
    keep(p);
    bide__release_on(&p->waiters, &(struct terms){ .settle = hand_value, .owner = p,
                                                   .end = end_release, .closed = true });
}

/* Under the lock: of those who were given a hold none is left, and nobody else can settle it. */
static void see_whether_abandoned(bide_promise *p)
{
    if (p->state != OPEN || p->holders > (p->shared ? 1 : 0))
        return;
    p->state = FAILED;
    p->error = (struct bide_error){ BIDE_ECLOSED, "the promise was dropped, and never settled" };
}

static bool is_home(const bide_promise *p)
{
    return bide__here && bide__here->inbox == p->inbox;
}

/* On the loop's thread. */
static void look(struct post *post)
{
    bide_promise *p = (bide_promise *)(void *)((char *)post - offsetof(bide_promise, post));
    pthread_mutex_lock(&p->lock);
    p->posted = false;
    if (p->waiters.head)
        see_whether_abandoned(p);
    bool settled = p->state != OPEN;
    pthread_mutex_unlock(&p->lock);
    if (settled)
        settle_waiters(p);
    let_go(p);
}

/* With the lock, which is given back: the loop is to look.  If it has ended, nobody waits. */
static void tell(bide_promise *p)
{
    bool news = !p->posted;
    if (news) {
        p->posted = true;
        p->keepers++;
    }
    pthread_mutex_unlock(&p->lock);
    if (!news)
        return;
    struct inbox *inbox = p->inbox;     /* p may be gone as soon as it is posted */
    bide__inbox_hold(inbox);
    if (is_home(p) || !bide__inbox_post(inbox, &p->post))
        look(&p->post);
    bide__inbox_drop(inbox);
}

/* With the lock, if it is open: it becomes settled. */
static int settle(bide_promise *p, enum state state)
{
    if (p->state != OPEN) {
        pthread_mutex_unlock(&p->lock);
        return bide_fail(BIDE_EINVAL, "the promise was settled before");
    }
    p->state = state;
    tell(p);
    return 0;
}

static int check(const bide_promise *p, size_t size, const char *call)
{
    if (!p)
        return bide_errcode();
    if (size == p->size)
        return 0;
    return bide_fail(BIDE_EINVAL, "promise %s: a pointer to %zu bytes; the value has %zu", call,
                     size, p->size);
}

int bide_promise_set_(bide_promise *p, const void *value, size_t size)
{
    int rc = check(p, size, "set");
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&p->lock);
    if (p->state == OPEN)
        memcpy(p->value, value, size);
    return settle(p, SET);
}

int bide_promise_fail(bide_promise *p, int code, const char *fmt, ...)
{
    struct bide_error error = { .code = code < 0 ? code : BIDE_EUNKNOWN };
    va_list args;
    if (!p)
        return bide_errcode();
    va_start(args, fmt);
    vsnprintf(error.text, sizeof error.text, fmt, args);
    va_end(args);
    pthread_mutex_lock(&p->lock);
    if (p->state == OPEN)
        p->error = error;
    return settle(p, FAILED);
}

/* Waiting. */

static bool undo(struct wait *w)
{
    struct inbox *inbox = w->task->loop->inbox;
    bool undone = bide__undo_unreleased(w);
    if (undone)
        atomic_fetch_sub(&inbox->awaited, 1);
    return undone;
}

static const struct waitkind waiting = { .what = "a promise", .undo = undo };

/* Settled: *rc is 0 and *value its value, or *rc how it failed. */
static bool try_value(bide_promise *p, void *value, int *rc)
{
    pthread_mutex_lock(&p->lock);
    if (p->shared || !p->holders)
        see_whether_abandoned(p);
    enum state state = p->state;
    pthread_mutex_unlock(&p->lock);
    if (state == SET)
        memcpy(value, p->value, p->size);
    *rc = state == FAILED ? bide_fail(p->error.code, "%s", p->error.text) : 0;
    return state != OPEN;
}

static int check_place(const bide_promise *p)
{
    return is_home(p) ? 0 : bide_fail(BIDE_EPERM, "the promise was made by another loop");
}

BIDE_WAITS static int wait_for(bide_promise *p, void *value)
{
    int rc = check_place(p);
    if (rc < 0 || try_value(p, value, &rc))
        return rc;
    struct wait w = { .kind = &waiting, .data = value };
    atomic_fetch_add(&p->inbox->awaited, 1);
    return bide__wait(&p->waiters, &w);
}

int bide_promise_wait_(bide_promise *p, void *value, size_t size)
{
    int rc = check(p, size, "wait");
    if (p)
        keep(p);
    int entered = bide__enter();
    if (entered < 0)
        rc = entered;
    else if (rc == 0)
        rc = wait_for(p, value);
    if (p)
        let_go(p);
    return rc;
}

bool bide_promise_done(const bide_promise *p)
{
    bide_promise *mine = (bide_promise *)(uintptr_t)p;
    if (!p)
        return true;
    pthread_mutex_lock(&mine->lock);
    bool done = p->state != OPEN;
    pthread_mutex_unlock(&mine->lock);
    return done;
}

bide_promise *bide_promise_hold(bide_promise *p)
{
    if (!p)
        return NULL;
    pthread_mutex_lock(&p->lock);
    p->holders++;
    p->keepers++;
    p->shared = true;
    pthread_mutex_unlock(&p->lock);
    return p;
}

void bide_promise_drop(bide_promise *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->holders--;
    if (p->state == OPEN && p->holders <= 1) {
        tell(p);
        pthread_mutex_lock(&p->lock);
    }
    unlock_and_let_go(p);
}

/* select's view. */

static void hold(struct bide_case *c)
{
    if (c->on_)
        keep(c->on_);
}

static void stop_holding(struct bide_case *c)
{
    if (c->on_)
        let_go(c->on_);
}

static int attempt(struct bide_case *c)
{
    bide_promise *p = c->on_;
    int rc = check(p, c->size_, "wait");
    if (rc < 0 || (rc = check_place(p)) < 0)
        return rc;
    if (!try_value(p, c->item_, &rc))
        return 0;
    if (c->rc_)
        *c->rc_ = rc;
    return 1;
}

static int join(struct bide_case *c, struct wait *w)
{
    bide_promise *p = c->on_;
    w->kind = &waiting;
    w->data = c->item_;
    atomic_fetch_add(&p->inbox->awaited, 1);
    bide__line_up(&p->waiters, w);
    return 0;
}

const struct selectable bide__select_promise = { .attempt = attempt, .join = join,
                                                 .hold = hold, .let_go = stop_holding };
