/* The tree of tasks, read.  A task of the root group outlives the test's function if nobody ends
 * it; so does a group that some object owns, if the object was not closed.  Groups of a block end
 * with it.  What is closed or cancelled and on its way out is not left behind, nor what the
 * library itself does in the background (a look-up that is finished for the next who asks). */
#include "testing/tasks.h"

static void tell_task(const task *t, struct findings *f)
{
    const struct wait *w = t->wait;
    bide__test_found(f, "task '%s' (spawned at %s) %s%s", t->name, t->site ? t->site : "?",
                     w ? "waits for " : "is ready", w ? w->kind->what : "");
}

void bide__test_tasks_left(struct loop *l, struct findings *f)
{
    struct member *m = l->root.members;
    for (uint32_t i = l->root.count; i; i--, m = m->next) {
        if (m->kind == MEMBER_GROUP) {
            const struct owned_group *o = owned_of(m);
            if (!o->closed && !o->background)
                bide__test_found(f, "group '%s', open, with %u task%s", o->name, o->group.count,
                                 o->group.count == 1 ? "" : "s");
        } else if (task_of(m) != l->main && !scope_cancelled(&task_of(m)->base)) {
            tell_task(task_of(m), f);
        }
    }
}

/* A timer lies in the frame of the task that waits, or in a scope: with the main task alone left
 * there can be none but a scope that was not left. */
void bide__test_timers_left(struct loop *l, struct findings *f)
{
    uint32_t count = l->timers.count - (l->timers.hole ? 1 : 0);
    if (l->root.count == 1 && count)
        bide__test_found(f, "%u timer%s", count, count == 1 ? "" : "s");
}

static void tell_group(const struct group *g, struct findings *f);

static void tell_member(struct member *m, struct findings *f)
{
    if (m->kind == MEMBER_GROUP) {
        tell_group(&owned_of(m)->group, f);
        return;
    }
    const task *t = task_of(m);
    tell_task(t, f);
    for (const struct scope *s = t->scope; s != &t->base; s = s->parent)
        if (s->timer.flags & SCOPE_GROUP)
            tell_group((const struct group *)(const void *)s, f);
}

static void tell_group(const struct group *g, struct findings *f)
{
    struct member *m = g->members;
    for (uint32_t i = g->count; i; i--, m = m->next)
        tell_member(m, f);
}

void bide__test_tasks_all(struct loop *l, struct findings *f)
{
    tell_group(&l->root, f);
}
