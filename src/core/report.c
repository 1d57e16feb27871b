/* A report of every task and what it waits for, and the deadlock that makes one necessary. */
#include "core/scope.h"
#include "core/turn.h"
#include <stdlib.h>

/* A million tasks would be a million lines; who did it is among the first, or one of many alike. */
enum { REPORTED_MAX = 100 };

struct report {
    int64_t now_ns;
    uint32_t waiting;           /* tasks so far */
};

static void report_group(struct report *r, const struct group *g);

static void report_wait(const struct report *r, const task *t)
{
    const struct wait *w = t->wait;
    bide_log(BIDE_LOG_ERROR, "  task '%s' (%u, spawned at %s) has waited for %.1f s for %s at %p",
             t->name, t->id, t->site ? t->site : "?", (double)(r->now_ns - w->since_ns) / 1e9,
             w->kind->what, w->on ? (void *)w->on : w->data);
}

static void report_task(struct report *r, task *t)
{
    if (t->wait && r->waiting++ < REPORTED_MAX)
        report_wait(r, t);
    for (struct scope *s = t->scope; s != &t->base; s = s->parent)
        if (s->timer.flags & SCOPE_GROUP)
            report_group(r, (struct group *)s);
}

static void report_group(struct report *r, const struct group *g)
{
    struct member *m = g->members;
    for (uint32_t i = g->count; i; i--, m = m->next) {
        if (m->kind == MEMBER_TASK)
            report_task(r, task_of(m));
        else
            report_group(r, &owned_of(m)->group);
    }
}

void bide__report_deadlock(struct loop *l)
{
    bide_log(BIDE_LOG_ERROR,
             "deadlock: every task waits, and nothing is left that could wake one:");
    struct report report = { .now_ns = l->looked_ns };
    report_group(&report, &l->root);
    if (report.waiting > REPORTED_MAX)
        bide_log(BIDE_LOG_ERROR, "  and %u more tasks", report.waiting - REPORTED_MAX);
    if (l->deadlocked || !l->root.count) {
        bide_log(BIDE_LOG_ERROR, "deadlock: cancelling did not help");
        abort();
    }
    l->deadlocked = true;
    bide__scope_cancel(&l->root.scope);
}
