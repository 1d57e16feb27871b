/* A report of every task and what it waits for, and the deadlock that makes one necessary. */
#include "core/scope.h"
#include "core/turn.h"
#include <stdlib.h>

static void report_group(struct loop *l, struct group *g);

static void report_task(struct loop *l, task *t)
{
    const struct wait *w = t->wait;
    if (w)
        bide_log(BIDE_LOG_ERROR,
                 "  task '%s' (%u, spawned at %s) has waited for %.1f s for %s at %p", t->name,
                 t->id, t->site ? t->site : "?", (double)(l->looked_ns - w->since_ns) / 1e9,
                 w->kind->what, w->on ? (void *)w->on : w->data);
    for (struct scope *s = t->scope; s != &t->base; s = s->parent)
        if (s->timer.flags & SCOPE_GROUP)
            report_group(l, (struct group *)s);
}

static void report_group(struct loop *l, struct group *g)
{
    struct member *m = g->members;
    for (uint32_t i = g->count; i; i--, m = m->next) {
        if (m->kind == MEMBER_TASK)
            report_task(l, task_of(m));
        else
            report_group(l, &owned_of(m)->group);
    }
}

void bide__report_deadlock(struct loop *l)
{
    bide_log(BIDE_LOG_ERROR,
             "deadlock: every task waits, and nothing is left that could wake one:");
    report_group(l, &l->root);
    if (l->deadlocked || !l->root.count) {
        bide_log(BIDE_LOG_ERROR, "deadlock: cancelling did not help");
        abort();
    }
    l->deadlocked = true;
    bide__scope_cancel(&l->root.scope);
}
