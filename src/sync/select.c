/* select: attempt every case, else line up for all, and park once; the rules stand in select.h. */
#include "sync/select.h"
#include "core/release.h"
#include "sync/permit.h"
#include <bide/select.h>
#include <math.h>

enum { CASES_MAX = 64 };

/* What lies in a case's space while its node is in a line. */
struct node {
    struct sleeper sleeper;     /* .wait is the node; .timer is for BIDE_AFTER alone */
    uint32_t id;                /* where held: of the task; 0: it had ended */
    bool held;
    bool joined;
};
_Static_assert(sizeof(struct node) <= sizeof((struct bide_case *)NULL)->space_, "a node fits");

struct several {
    struct wait whole;
    struct bide_case *cases;
    size_t count, chosen;
};

static struct node *node_of(struct bide_case *c)
{
    return (struct node *)(void *)c->space_;
}

/* ---- The kinds that have no file of their own ---- */

/* Its group may be left while this task yields, and then the control block is another's. */
static void note_task(struct bide_case *c)
{
    const task *t = c->on_;
    node_of(c)->id = bide_task_done(t) ? 0 : t->id;
    node_of(c)->held = true;
}

static void forget_task(struct bide_case *c)
{
    node_of(c)->held = false;
}

static int attempt_task(struct bide_case *c)
{
    const task *t = c->on_;
    const struct node *n = node_of(c);
    if ((n->held && (!n->id || t->id != n->id)) || bide_task_done(t))
        return 1;
    if (t->loop != bide__loop())
        return bide_fail(BIDE_EPERM, "the task belongs to another loop");
    if (t == bide__self())
        return bide_fail(BIDE_EDEADLK, "task '%s' waits for itself", t->name);
    return 0;
}

static const struct waitkind ending = { .what = "a task to end", .undo = bide__undo_unreleased };

static int join_task(struct bide_case *c, struct wait *w)
{
    task *t = c->on_;
    t->flags &= ~(uint32_t)TASK_PLAIN;
    w->kind = &ending;
    bide__take_ticket(w);
    bide__line_up(&t->joiners, w);
    return 0;
}

/* The deadline is kept in the timer from the first attempt on. */
static int attempt_after(struct bide_case *c)
{
    struct timer *timer = &node_of(c)->sleeper.timer;
    if (isnan(c->seconds_))
        return bide_fail(BIDE_EINVAL, "not a number of seconds");
    if (!timer->due_ns)
        timer->due_ns = bide__deadline_ns(bide__loop(), c->seconds_);
    return c->seconds_ <= 0 || timer->due_ns <= bide__clock_ns(bide__loop());
}

static int join_after(struct bide_case *c, struct wait *w)
{
    (void)w;
    struct sleeper *s = &node_of(c)->sleeper;
    return bide__sleep_begin(s, s->timer.due_ns);
}

static int attempt_ready(struct bide_case *c)
{
    (void)c;
    return 1;
}

static int attempt_fd(struct bide_case *c)
{
    int rc = bide__fd_look((int)(intptr_t)c->on_, (int)c->size_);
    if (rc > 0 && c->rc_)
        *c->rc_ = rc;
    return rc > 0 ? 1 : rc;
}

static int join_fd(struct bide_case *c, struct wait *w)
{
    return bide__fd_join((int)(intptr_t)c->on_, (int)c->size_, w);
}

static const struct waitkind event_set = { .what = "an event", .undo = bide__undo_unreleased };
static const struct waitkind permit_free = { .what = "a semaphore", .undo = bide__undo };
static const struct waitkind lock_free = { .what = "a lock", .undo = bide__undo };

/* The public primitives begin with their line. */
static int join_line(struct bide_case *c, struct wait *w, const struct waitkind *kind)
{
    struct waitlist *line = c->on_;
    w->kind = kind;
    int rc = bide__same_loop(line);
    if (rc == 0)
        bide__line_up(line, w);
    return rc;
}

static int attempt_event(struct bide_case *c)
{
    return bide_event_is_set(c->on_);
}

static int join_event(struct bide_case *c, struct wait *w)
{
    bide__take_ticket(w);
    return join_line(c, w, &event_set);
}

static int hand_out(struct bide_case *c, bide_permit *permit)
{
    if (!permit)
        return bide_errcode();
    *(bide_permit **)c->item_ = permit;
    return 1;
}

static int attempt_permit(struct bide_case *c)
{
    return bide_semaphore_free(c->on_) ? hand_out(c, bide_semaphore_acquire_nowait(c->on_)) : 0;
}

static int join_permit(struct bide_case *c, struct wait *w)
{
    return join_line(c, w, &permit_free);
}

static void take_permit(struct bide_case *c)
{
    *(bide_permit **)c->item_ = bide__permit_of(c->on_, PERMIT_SEMAPHORE);
}

/* Misuse is told by acquiring; a lock that another task holds is waited for. */
static int attempt_lock(struct bide_case *c)
{
    const bide_lock *l = c->on_;
    if (l->owner_ && l->owner_ != bide__self() && l->loop_ == bide__loop())
        return 0;
    return hand_out(c, bide_lock_acquire_nowait(c->on_));
}

static int join_lock(struct bide_case *c, struct wait *w)
{
    return join_line(c, w, &lock_free);
}

static void take_lock(struct bide_case *c)
{
    *(bide_permit **)c->item_ = bide__permit_of(c->on_, PERMIT_LOCK);
}

static const struct selectable events = { .attempt = attempt_event, .join = join_event };
static const struct selectable permits = { .attempt = attempt_permit, .join = join_permit,
                                           .took = take_permit };
static const struct selectable locks = { .attempt = attempt_lock, .join = join_lock,
                                         .took = take_lock };
static const struct selectable tasks = { .attempt = attempt_task, .join = join_task,
                                         .hold = note_task, .let_go = forget_task };
static const struct selectable after = { .attempt = attempt_after, .join = join_after };
static const struct selectable ready = { .attempt = attempt_ready };
static const struct selectable fds = { .attempt = attempt_fd, .join = join_fd, .again = true };

static const struct selectable *const kinds[] = {
    [BIDE_CASE_GET_] = &bide__select_get,       [BIDE_CASE_PUT_] = &bide__select_put,
    [BIDE_CASE_EVENT_] = &events,   [BIDE_CASE_TASK_] = &tasks,
    [BIDE_CASE_AFTER_] = &after,                [BIDE_CASE_READY_] = &ready,
    [BIDE_CASE_FD_] = &fds,                     [BIDE_CASE_PERMIT_] = &permits,
    [BIDE_CASE_LOCK_] = &locks,     [BIDE_CASE_SUBSCRIBER_] = &bide__select_subscriber,
    [BIDE_CASE_WATCH_] = &bide__select_watch,   [BIDE_CASE_PROMISE_] = &bide__select_promise,
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- All of them ---- */

static int check(struct bide_case *cases, size_t count)
{
    if (count == 0 || count > CASES_MAX)
        return bide_fail(BIDE_EINVAL, "select: %zu cases; 1 to %d", count, CASES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (cases[i].kind_ < 0 || cases[i].kind_ >= KINDS)
            return bide_fail(BIDE_EINVAL, "select: case %zu: not made by BIDE_ON_...", i);
        *node_of(&cases[i]) = (struct node){ .joined = false };
    }
    return 0;
}

/* The index of the first that took place; BIDE_EAGAIN, without a sentence: none. */
static int attempt_all(struct bide_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int rc = kinds[cases[i].kind_]->attempt(&cases[i]);
        if (rc < 0)
            return bide_within("select: case %zu", i);
        if (rc > 0)
            return (int)i;
    }
    return BIDE_EAGAIN;
}

static void leave(struct bide_case *c)
{
    struct node *n = node_of(c);
    if (n->joined)
        n->sleeper.wait.kind->undo(&n->sleeper.wait);
    n->joined = false;
}

static void leave_all(struct several *s)
{
    for (size_t i = 0; i < s->count; i++)
        leave(&s->cases[i]);
}

static bool undo(struct wait *w)
{
    leave_all(w->data);
    return true;
}

/* Whoever settles `one` has taken it out of its line. */
static bool chosen(struct wait *whole, struct wait *one)
{
    struct several *s = whole->data;
    for (size_t i = 0; i < s->count; i++)
        if (&node_of(&s->cases[i])->sleeper.wait == one) {
            node_of(&s->cases[i])->joined = false;
            s->chosen = i;
        }
    leave_all(s);
    return true;
}
static const struct waitkind waiting = { .what = "one of several things", .undo = undo,
                                         .chosen = chosen };

static int join_all(struct several *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct node *n = node_of(&s->cases[i]);
        n->sleeper.wait = (struct wait){ .task = bide__self(),
                                         .since_ns = bide__loop()->looked_ns };
        if (kinds[s->cases[i].kind_]->join(&s->cases[i], &n->sleeper.wait) < 0) {
            leave_all(s);
            return bide_within("select: case %zu", i);
        }
        n->joined = true;
    }
    return 0;
}

/* The index of the case that was settled, its result in *rc_; BIDE_EAGAIN: look again. */
BIDE_WAITS static int wait_for_one(struct bide_case *cases, size_t count)
{
    struct several s = { .cases = cases, .count = count, .chosen = count,
                         .whole = { .kind = &waiting, .data = &s } };
    int rc = join_all(&s);
    if (rc < 0)
        return rc;
    rc = bide__wait_alone(&s.whole);
    if (s.chosen == count)
        return rc;
    const struct selectable *kind = kinds[cases[s.chosen].kind_];
    if (kind->again || rc == BIDE_EAGAIN)
        return BIDE_EAGAIN;
    if (cases[s.chosen].rc_)
        *cases[s.chosen].rc_ = rc;
    if (rc >= 0 && kind->took)
        kind->took(&cases[s.chosen]);
    return (int)s.chosen;
}

/* Who comes in may have to yield first, and what the cases are about be freed meanwhile. */
BIDE_WAITS static int enter_slowly(struct bide_case *cases, size_t count)
{
    if (!bide__here)
        return bide__enter_slowly();
    for (size_t i = 0; i < count; i++)
        if (kinds[cases[i].kind_]->hold)
            kinds[cases[i].kind_]->hold(&cases[i]);
    int rc = bide__enter_slowly();
    if (rc == 0)
        rc = attempt_all(cases, count);
    for (size_t i = 0; i < count; i++)
        if (kinds[cases[i].kind_]->let_go)
            kinds[cases[i].kind_]->let_go(&cases[i]);
    return rc;
}

/* As bide__enter(), and then as attempt_all(). */
BIDE_WAITS static int enter(struct bide_case *cases, size_t count)
{
    struct loop *l = bide__here;
    return l && --l->current->credit > 0 ? attempt_all(cases, count) : enter_slowly(cases, count);
}

int bide_select_cases(struct bide_case *cases, size_t count)
{
    int rc = check(cases, count);
    if (rc < 0)
        return rc;
    do
        rc = enter(cases, count);
    while (rc == BIDE_EAGAIN && (rc = wait_for_one(cases, count)) == BIDE_EAGAIN);
    return rc;
}
