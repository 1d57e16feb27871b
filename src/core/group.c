/* Groups that belong to a block: entering, waiting, failing, leaving.  Owned ones are in
 * owned.c. */
#include "core/group.h"
#include "base/inline.h"
#include "core/local.h"
#include "core/park.h"
#include "core/scope.h"
#include "core/spent.h"
#include <stdio.h>

_Static_assert(sizeof(struct group) <= sizeof(struct bide_group), "a public group has room");

/* The waiter alone may be cancelled by a scope within the group's block; when the group itself
 * is, its tasks are on their way out, and the wait ends with them. */
static bool undo_unless_cancelled(struct wait *w)
{
    struct group *g = w->data;
    if (scope_cancelled(&g->scope))
        return false;
    g->waiter = NULL;
    return true;
}
static const struct waitkind waiting = { .what = "its group's tasks",
                                         .undo = undo_unless_cancelled };
static const struct waitkind leaving = { .what = "its group's tasks, leaving", .undo = NULL };

struct bide_group bide_group_enter_(struct bide_group *place, int policy)
{
    union { struct bide_group space; struct group group; } built = { .group = { .rc = 0 } };
    built.group.scope = bide__scope_enter(&group_of(place)->scope, SCOPE_GROUP);
    built.group.policy = (uint8_t)policy;
    built.group.locals = bide__here ? bide__local_chain() : NULL;
    built.group.plain = policy == GROUP_COLLECT ? 0 : TASK_PLAIN;
    return built.space;
}

static void tell_unheard(const task *t, const struct bide_error *why)
{
    struct loop *l = bide__loop();
    if (l->on_failure) {
        l->on_failure(t, why);
        return;
    }
    if (t)
        bide_log(BIDE_LOG_WARNING, "task '%s' failed and nobody waits for it: %s", t->name,
                 why->text);
    else
        bide_log(BIDE_LOG_WARNING, "a task could not start and nobody waits for it: %s", why->text);
}

static void give_back_unread(task **list)
{
    task *stay = NULL;
    while (*list) {
        task *t = *list;
        *list = t->next;
        if (t->flags & TASK_HANDLE) {
            t->next = stay;
            stay = t;
        } else {
            bide__task_free(bide__loop(), t);
        }
    }
    *list = stay;
}

/* A failure after a report begins a new list. */
static void forget_reported(struct group *g)
{
    if (!g->reported)
        return;
    for (task *t = g->failed; t; t = t->next_failed)
        t->flags &= ~(uint32_t)TASK_FAILED;
    if (g->policy != GROUP_COLLECT)
        give_back_unread(&g->kept);
    else if (g->kept)
        give_back_unread(&g->kept->next);       /* not the one that was handed out last */
    g->reported = false;
    g->failures = 0;
    g->failed = NULL;
    g->refused = NULL;
}

static void link_failed(struct group *g, task *t)
{
    task **end = &g->failed;
    while (*end)
        end = &(*end)->next_failed;
    *end = t;
    t->next_failed = NULL;
    t->flags |= TASK_FAILED;
}

/* Counts a failure and cancels the siblings where that is the policy; t NULL: it could not
 * start. */
static void count_failure(struct group *g, task *t, int code)
{
    forget_reported(g);
    if (g->failures++ == 0)
        g->rc = code;
    if (t && g->failures <= GROUP_FAILURES_KEPT)
        link_failed(g, t);
    if (g->policy == GROUP_FAIL_FAST)
        bide__scope_cancel(&g->scope);
}

void bide__group_refused(struct group *g, const char *name)
{
    struct bide_error held = bide_error_held_();
    if (g->owned) {
        if (bide__loop()->main)         /* else it is the main task, and bide_run() reports it */
            tell_unheard(NULL, &held);
        return;
    }
    forget_reported(g);
    if (!g->failures)
        g->refused = name;
    count_failure(g, NULL, held.code);
}

static void tell_owned(const task *t)
{
    if (t != bide__loop()->main)
        tell_unheard(t, &t->error);
}

static void keep(struct group *g, task *t)
{
    t->next = g->kept;
    g->kept = t;
}

static void collect(struct group *g, task *t)
{
    t->next = NULL;
    if (g->ended)
        g->ended_last->next = t;
    else
        g->ended = t;
    g->ended_last = t;
}

/* BIDE_ECANCELED from a task that nobody cancelled is a failure: somebody's forgotten time-out. */
static bool has_failed(const task *t)
{
    if (t->result >= 0)
        return false;
    return t->result != BIDE_ECANCELED || !scope_cancelled(&t->base);
}

bool bide__group_ended(struct group *g, task *t)
{
    bool failed = has_failed(t);
    if (failed && g->owned)
        tell_owned(t);          /* while t is a member: the hook may close the group */
    if (t->locals)
        bide__local_let_go(t);  /* likewise */
    bide__group_remove(g, &t->member);
    if (failed && !g->owned)
        count_failure(g, t, t->error.code);
    bool collected = g->policy == GROUP_COLLECT;
    bool kept = !collected && t->flags & (TASK_HANDLE | TASK_FAILED);
    if (collected)
        collect(g, t);
    if (kept)
        keep(g, t);
    bide__group_tell(g);
    return !collected && !kept;
}

static int wait_for_tasks(struct group *g, const struct waitkind *kind)
{
    struct wait w;
    w.kind = kind;
    w.data = g;
    g->waiter = bide__self();
    return bide__wait_alone(&w);
}

int bide__group_emptied(bide_group *group)
{
    struct group *g = group_of(group);
    int rc = bide__enter();
    while (rc == 0 && g->count)
        rc = wait_for_tasks(g, &waiting);
    return rc;
}

/* The waiter may have been cancelled after the last task ended, and a new one spawned meanwhile. */
BIDE_WAITS static int wait_for_news(struct group *g)
{
    int rc = wait_for_tasks(g, &waiting);
    if (rc < 0 || !g->count || g->ended)
        return rc;
    if (scope_cancelled(bide__self()->scope) && !scope_cancelled(&g->scope))
        return bide_fail(BIDE_ECANCELED, "cancelled");
    return 0;
}

/* Hands the first failure's sentence to the waiter. */
static int hold_failure(const struct group *g)
{
    const task *t = g->failed;
    if (g->refused)
        return bide_fail(g->rc, "spawn %s: %s", g->refused, bide_strerror(g->rc));
    bide__self()->error = t->error;
    bide__self()->flags |= TASK_HELD;
    return t->flags & TASK_NAMED ? bide_within("%s", t->name) : t->error.code;
}

static COLD int report(struct group *g)
{
    bool fresh = g->failures && !g->reported;
    g->reported = true;
    if (g->scope.timer.flags & SCOPE_SELF)
        bide__scope_lift(&g->scope);
    if (fresh)
        return hold_failure(g);
    if (scope_cancelled(&g->scope))
        return bide_fail(BIDE_ECANCELED, "cancelled");
    return 0;
}

static int may_wait(const struct group *g)
{
    if (g->scope.owner != bide__self())
        return bide_fail(BIDE_EINVAL, "only the task that declared a group can wait for it");
    return 0;
}

/* A task whose group was cancelled waits for it all the same, where nothing else is cancelled. */
static int enter_to_wait(const struct group *g)
{
    int rc = bide__enter();
    if (rc < 0 && (!g || rc != BIDE_ECANCELED || !scope_cancelled(&g->scope)))
        return rc;
    return g ? may_wait(g) : bide_errcode();
}

int bide_group_wait(bide_group *group)
{
    struct group *g = group_of(group);
    int rc = enter_to_wait(g);
    if (rc < 0)
        return rc;
    while (g->count)
        if ((rc = wait_for_news(g)) < 0)
            return rc;
    if (!g->failures && !(g->scope.timer.flags & (SCOPE_SELF | SCOPE_CANCELLED)))
        return 0;
    return report(g);
}

/* It is the first of those that are kept. */
static void forget_handed_out(struct group *g)
{
    task *t = g->kept;
    if (!t || t->flags & (TASK_HANDLE | TASK_FAILED))
        return;
    g->kept = t->next;
    bide__task_free(bide__loop(), t);
}

/* What was handed out last is done with, unless somebody else may still read it. */
int bide_group_next(bide_group *group, bide_task **done)
{
    struct group *g = group_of(group);
    int rc = enter_to_wait(g);
    if (rc < 0)
        return rc;
    if (g->policy != GROUP_COLLECT)
        return bide_fail(BIDE_EINVAL, "bide_group_next() needs a group declared by BIDE_COLLECT");
    forget_handed_out(g);
    while (!g->ended && g->count)
        if ((rc = wait_for_news(g)) < 0)
            return rc;
    task *t = g->ended;
    if (!t)
        return scope_cancelled(g->scope.parent) ? bide_fail(BIDE_ECANCELED, "cancelled") : 0;
    g->ended = t->next;
    keep(g, t);
    t->flags |= TASK_HEARD;
    *done = t;
    return 1;
}

size_t bide_group_failures(bide_group *group, bide_task **list, size_t max)
{
    struct group *g = group_of(group);
    if (!g)
        return 0;
    size_t i = 0;
    for (task *t = g->failed; t && i < max; t = t->next_failed)
        list[i++] = t;
    return g->failures;
}

size_t bide_group_count(const bide_group *group)
{
    return group ? ((const struct group *)(const void *)group)->count : 0;
}

void bide_group_cancel(bide_group *group)
{
    if (group)
        bide__scope_cancel(&group_of(group)->scope);
}

void bide__group_let_go(struct group *g)
{
    bide__spent_put(bide__loop(), g->ended);
    bide__spent_put(bide__loop(), g->kept);
    g->ended = g->kept = NULL;
}

static void tell_refused(const struct group *g)
{
    struct bide_error why = { .code = g->rc };
    snprintf(why.text, sizeof why.text, "spawn %s: %s", g->refused, bide_strerror(g->rc));
    tell_unheard(NULL, &why);
}

static void tell_of_unheard(struct group *g)
{
    uint32_t told = g->refused != NULL;
    if (g->refused)
        tell_refused(g);
    for (task *t = g->failed; t; t = t->next_failed, told++)
        if (!(t->flags & TASK_HEARD))
            tell_unheard(t, &t->error);
    if (g->failures > told)
        bide_log(BIDE_LOG_WARNING, "%u more failures of the same group", g->failures - told);
}

/* Leaving early: cancels, joins, reports what nobody has heard of. */
static COLD void end(struct group *g)
{
    if (!bide__self())
        return;                 /* a child made by fork(2): its parent has the tasks */
    struct bide_error held = bide__self()->error;
    if (g->count)
        bide__scope_cancel(&g->scope);
    while (g->count)
        bide_ignore(wait_for_tasks(g, &leaving));
    if (g->failures && !g->reported)
        tell_of_unheard(g);
    bide__group_let_go(g);
    bide__self()->error = held;
}

void bide_group_leave_(struct bide_group (*group)[1])
{
    struct group *g = group_of(*group);
    if (g->count || g->kept || g->ended || g->failures)
        end(g);
    bide__scope_leave(&g->scope);
}
