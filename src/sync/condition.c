/* Condition: a line of tasks that have given up a lock, and have it again when they go on.
 *
 * A notified waiter is not woken to go and ask for the lock: it is moved, as it sleeps, from the
 * condition's line to the end of the lock's, or given the lock if that is free.  So it wakes
 * once, with the lock, in fair order, and a thousand notified at once make no stampede.  A
 * cancelled waiter is moved the same way: from then on it can no longer be interrupted, for it
 * has to come back with the lock; what it returns was decided by what came first. */
#include "sync/lock.h"
#include "core/release.h"

_Static_assert(offsetof(bide_condition, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_condition) == 6 * sizeof(void *), "its size is fixed for ever");

struct sleeping {
    struct wait wait;           /* first */
    bide_lock *lock;
    int rc;                     /* BIDE_ECANCELED if it was not notified */
};

static struct waitlist *line_of(bide_condition *c)
{
    return (struct waitlist *)(void *)c;
}

static const struct waitkind returning = { .what = "a lock, after a condition", .undo = NULL };

/* Out of the condition's line, and to the lock. */
static void send_back(struct wait *w, int rc)
{
    struct sleeping *s = (struct sleeping *)(void *)w;
    s->rc = rc;
    w->kind = &returning;
    if (s->lock->owner_)
        bide__line_up(bide__lock_line(s->lock), w);
    else
        bide__lock_hand_over(s->lock, w);
}

/* One that was notified is sent back soon. */
static bool undo(struct wait *w)
{
    if (bide__is_released(w))
        return false;
    bide__unlink(w);
    send_back(w, BIDE_ECANCELED);
    return false;
}
static const struct waitkind waiting = { .what = "a condition", .undo = undo };

/* Does the running task hold what it says, and may it wait here with it? */
static int check(bide_condition *c, bide_permit *held)
{
    if (!held)
        return bide_errcode();
    if (bide__permit_kind(held) != PERMIT_LOCK)
        return bide_fail(BIDE_EINVAL, "condition wait: what is held must be a lock");
    const bide_lock *l = bide__permit_from(held);
    if (!l->owner_)
        return bide_fail(BIDE_EINVAL, "condition wait: the lock is not held");
    if (l->owner_ != bide__self())
        return bide_fail(BIDE_EPERM, "condition wait: another task holds the lock");
    if (c->waiters_ && c->lock_ != l)
        return bide_fail(BIDE_EINVAL, "condition wait: other tasks wait here with another lock");
    return bide__same_loop(line_of(c));
}

BIDE_WAITS static int sleep_on(bide_condition *c, bide_lock *l)
{
    struct sleeping s = { .wait.kind = &waiting, .lock = l };
    c->lock_ = l;
    bide__lock_release(l);
    bide_ignore(bide__wait_to_be_released(line_of(c), &s.wait));
    return s.rc < 0 ? bide_fail(s.rc, "cancelled") : 0;
}

int bide_condition_wait(bide_condition *c, bide_permit *held)
{
    int rc = bide__enter();
    if (rc < 0 || (rc = check(c, held)) < 0)
        return rc;
    return sleep_on(c, bide__permit_from(held));
}

int bide_condition_wait_for(bide_condition *c, bide_permit *held, bool (*holds)(void *arg),
                            void *arg)
{
    int rc = bide__enter();
    if (rc < 0 || (rc = check(c, held)) < 0)
        return rc;
    while (rc == 0 && !holds(arg))
        rc = bide_condition_wait(c, held);
    return rc;
}

void bide_condition_notify(bide_condition *c, size_t count)
{
    for (; count > 0 && c->waiters_; count--) {
        struct wait *w = c->waiters_;
        bide__unlink(w);
        send_back(w, 0);
    }
}

static void send_notified_back(struct wait *w, const struct terms *terms)
{
    send_back(w, terms->rc);
}

void bide_condition_notify_all(bide_condition *c)
{
    bide__release_on(line_of(c), &(struct terms){ .settle = send_notified_back });
}
