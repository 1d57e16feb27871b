/* Scopes: cancellation as a state of a tree.
 *
 * Each scope holds its effective mark, so "am I cancelled" is one load.  Within a task the
 * scopes are a stack, linked outwards; the tree branches only at groups.  How a cancellation
 * reaches what is inside stands in reach.c. */
#include "core/scope.h"
#include "core/park.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(struct scope) <= sizeof(struct bide_scope), "a public scope has room");

/* The contents of a scope that is entered now, without deadline, at `place`. */
INLINE struct scope entered(struct scope *place, uint8_t flags)
{
    struct loop *l = bide__here;
    struct scope s = { .timer = { .kind = TIMER_SCOPE, .flags = flags } };
    if (!l)
        return s;
    task *me = l->current;
    s.owner = me;
    s.parent = me->scope;
    if (!(flags & SCOPE_SHIELD))
        s.timer.flags |= me->scope->timer.flags & SCOPE_CANCELLED;
    me->scope = place;
    return s;
}

struct scope bide__scope_enter(struct scope *place, uint8_t flags)
{
    return entered(place, flags);
}

static void set_deadline(struct scope *s, double seconds)
{
    struct loop *l = bide__here;
    s->seconds = (float)seconds;
    s->timer.due_ns = bide__deadline_ns(l, seconds);
    if (seconds > 0 && bide__heap_put(&l->timers, &s->timer))
        return;
    l->current->credit = 0;
    s->timer.flags |= SCOPE_EXPIRED | SCOPE_SELF | SCOPE_CANCELLED;
}

INLINE struct bide_scope spaced(struct scope s)
{
    struct bide_scope space = { .space_ = { NULL } };
    memcpy(&space, &s, sizeof s);
    return space;
}

struct bide_scope bide_scope_enter_(struct bide_scope *place, double seconds, bool shield)
{
    struct scope s = entered(scope_of(place), shield ? SCOPE_SHIELD : 0);
    if (!bide__here || (isinf(seconds) && seconds > 0))
        return spaced(s);
    *scope_of(place) = s;
    set_deadline(scope_of(place), seconds);
    return spaced(*scope_of(place));
}

static bool cancelled_outside(const struct scope *s)
{
    return s->parent && scope_cancelled(s->parent);
}

static void say_timed_out(const struct scope *s)
{
    bide_fail(BIDE_ETIMEDOUT, "timed out after %g s", (double)s->seconds);
}

void bide__scope_leave(struct scope *s)
{
    task *me = bide__self();
    if (!me)
        return;
    if (s->timer.place)
        bide__heap_remove(&me->loop->timers, &s->timer);
    me->scope = s->parent;
    if (cancelled_outside(s))
        me->credit = 0;
    else if (s->timer.flags & SCOPE_EXPIRED && me->error.code == BIDE_ECANCELED)
        say_timed_out(s);
}

void bide_scope_leave_(struct bide_scope (*scope)[1])
{
    bide__scope_leave(scope_of(*scope));
}

/* Is s cancelled by one of the scopes up to `last`, or from outside of that? */
static bool effective(const struct scope *s, const struct scope *last)
{
    for (;; s = s->parent) {
        if (s->timer.flags & SCOPE_SELF)
            return true;
        if (s->timer.flags & SCOPE_SHIELD)
            return false;
        if (s == last)
            return cancelled_outside(s);
    }
}

void bide__scope_lift(struct scope *s)
{
    s->timer.flags &= (uint8_t)~SCOPE_SELF;
    for (struct scope *inner = s->owner->scope;; inner = inner->parent) {
        inner->timer.flags &= (uint8_t)~SCOPE_CANCELLED;
        inner->timer.flags |= effective(inner, s) ? SCOPE_CANCELLED : 0;
        if (inner == s)
            break;
    }
}

void bide_scope_cancel(bide_scope *s)
{
    if (s && scope_of(s)->owner)
        bide__scope_cancel(scope_of(s));
}

bool bide_scope_cancelled(const bide_scope *space)
{
    const struct scope *s = (const struct scope *)(const void *)space;
    if (s && s->owner)
        bide__tell_late(s->owner);      /* it may be another task's */
    return s && scope_cancelled(s);
}

bool bide_scope_expired(const bide_scope *s)
{
    return s && ((const struct scope *)(const void *)s)->timer.flags & SCOPE_EXPIRED;
}

void bide_scope_extend(bide_scope *space, double seconds)
{
    struct scope *s = scope_of(space);
    if (!s || !s->owner || s->timer.flags & SCOPE_SELF || isnan(seconds))
        return;
    struct loop *l = s->owner->loop;
    bide__heap_remove(&l->timers, &s->timer);
    s->seconds = (float)seconds;
    if (isinf(seconds) && seconds > 0)
        return;
    s->timer.due_ns = bide__deadline_ns(l, seconds);
    if (!(seconds > 0) || !bide__heap_put(&l->timers, &s->timer))
        bide__scope_expire(s);
}

int bide_scope_result(bide_scope *space, int rc)
{
    const struct scope *s = scope_of(space);
    if (rc != BIDE_ECANCELED || !(s->timer.flags & SCOPE_EXPIRED) || cancelled_outside(s))
        return rc;
    say_timed_out(s);
    return BIDE_ETIMEDOUT;
}

bool bide_cancelled(void)
{
    return bide__self() && scope_cancelled(bide__self()->scope);
}

double bide_time_left(void)
{
    int64_t due = INT64_MAX;
    if (!bide__self())
        return BIDE_FOREVER;
    for (const struct scope *s = bide__self()->scope; s; s = s->parent) {
        if (s->timer.place && s->timer.due_ns < due)
            due = s->timer.due_ns;
        if (scope_cancelled(s))
            return 0;
        if (s->timer.flags & SCOPE_SHIELD)
            break;
    }
    if (due == INT64_MAX)
        return BIDE_FOREVER;
    int64_t left = due - bide__clock_ns(bide__self()->loop);
    return left > 0 ? (double)left / 1e9 : 0;
}

/* waits: fn may */
int bide_timeout(double seconds, bide_fn *fn, void *arg)
{
    BIDE_TIMEOUT(t, seconds);
    int rc = fn(arg);
    return bide_scope_result(t, rc);
}
