/* How a cancellation reaches what is inside: inwards, and where it meets a group, to its members.
 *
 * The owner's chain between its innermost scope and the cancelled one is marked at once, up to
 * the outermost shield.  Each member of a group is a cold stack, and a hundred thousand of them
 * would keep everybody else waiting for a tenth of a second; so the first of them are told by
 * who cancels, and the rest in portions, one a look of the poller.  Until all know, their group is
 * in the loop's list, the newest first: what is inside of a member is told before the next one,
 * so that all are told in the order of spawning; a list and no recursion, which would overflow a
 * small stack.
 *
 * Nobody runs who should know and does not: as long as the list is not empty, the poller runs one
 * task at a time, and tells it first.  What differs for who has not yet been told is only that it
 * may still be given what it waits for, as if that had come just before. */
#include "core/group.h"
#include "core/loop.h"
#include "core/scope.h"

enum { TOLD_AT_ONCE = 64 };

/* Has the scope's mark not caught up with that of what is around it?  Within a task it always has:
 * there only a shield differs. */
static bool is_behind(const struct scope *s)
{
    bool begins = !s->owner || s == &s->owner->base;
    return begins && s->parent && scope_cancelled(s->parent) && !scope_cancelled(s) &&
           !(s->timer.flags & SCOPE_SHIELD);
}

static void tell_members_later(struct loop *l, struct group *g)
{
    if (!g->members)
        return;
    g->untold = g->members;
    g->older = l->untold;
    g->newer = NULL;
    if (l->untold)
        l->untold->newer = g;
    l->untold = g;
    l->put_off++;
}

static void strike_out(struct loop *l, struct group *g)
{
    if (g->newer)
        g->newer->older = g->older;
    else
        l->untold = g->older;
    if (g->older)
        g->older->newer = g->newer;
    l->put_off--;
}

void bide__group_step_over(struct group *g)
{
    struct member *next = g->untold->next;
    g->untold = next == g->members ? NULL : next;
    if (!g->untold)
        strike_out(bide__here, g);
}

/* Marks what lies between the task's innermost scope and `from`, itself included. */
static void reach(task *t, struct scope *from)
{
    struct scope *start = t->scope;
    bool shielded = false;
    for (struct scope *s = t->scope; s != from; s = s->parent)
        if (s->timer.flags & SCOPE_SHIELD) {
            start = s->parent;
            shielded = true;
        }
    for (struct scope *s = start;; s = s->parent) {
        bool fresh = !scope_cancelled(s);
        s->timer.flags |= SCOPE_CANCELLED;
        if (fresh && s->timer.flags & SCOPE_GROUP)
            tell_members_later(t->loop, (struct group *)s);
        if (s == from)
            break;
    }
    if (!shielded)
        bide__interrupt(t);
}

static void reach_owned(struct group *g)
{
    g->scope.timer.flags |= SCOPE_CANCELLED;
    tell_members_later(bide__here, g);
}

/* Who is marked already was cancelled by itself, or has come since. */
static void tell_next(struct group *g)
{
    struct member *m = g->untold;
    bide__group_step_over(g);
    if (m->kind == MEMBER_GROUP) {
        if (!scope_cancelled(&owned_of(m)->group.scope))
            reach_owned(&owned_of(m)->group);
    } else if (!scope_cancelled(&task_of(m)->base)) {
        reach(task_of(m), &task_of(m)->base);
    }
}

/* A portion; of the groups that came later than `before`. */
static int tell_some(struct loop *l, const struct group *before)
{
    int told = 0;
    for (; told < TOLD_AT_ONCE && l->untold != before; told++)
        tell_next(l->untold);
    return told;
}

int bide__tell_more(struct loop *l)
{
    return tell_some(l, NULL);
}

/* Outermost first, so that each is reached as it would have been in its turn. */
static struct scope *outermost_behind(task *t)
{
    struct scope *found = NULL;
    for (struct scope *s = t->scope; s; s = s->parent)
        if (is_behind(s))
            found = s;
    return found;
}

static void catch_up(task *t)
{
    struct scope *s;
    while ((s = outermost_behind(t)))
        if (s->owner)
            reach(s->owner, s);
        else
            reach_owned((struct group *)s);
}

void bide__tell_late(task *t)
{
    if (t->loop->untold)
        catch_up(t);
}

/* Who has cancelled its own group is to know it too; and the next to run. */
void bide__scope_cancel(struct scope *s)
{
    struct loop *l = bide__here;
    const struct group *before = l ? l->untold : NULL;
    s->timer.flags |= SCOPE_SELF;
    if (scope_cancelled(s))
        return;
    if (s->owner)
        reach(s->owner, s);
    else
        reach_owned((struct group *)s);
    if (!l)
        return;
    int told = tell_some(l, before);
    l->told += told;
    if (l->untold) {
        l->owed += told;
        l->ticks = 1;
        catch_up(l->current);
    }
}

void bide__scope_expire(struct scope *s)
{
    if (!(s->timer.flags & SCOPE_SELF))
        s->timer.flags |= SCOPE_EXPIRED;
    bide__scope_cancel(s);
}
