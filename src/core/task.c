/* A task's life: spawned, ended, joined, read. */
#include "base/inline.h"
#include "base/memory.h"
#include "core/group.h"
#include "core/local.h"
#include "core/release.h"
#include "core/scope.h"
#include "core/spent.h"
#include <string.h>

enum { COPY_MAX = 1024 };

static const struct waitkind joining = { .what = "a task to end", .undo = bide__undo_unreleased };

/* One declared outside of all loops is nowhere: no loop would wait for its tasks. */
static bool is_elsewhere(const struct group *g, const struct loop *l)
{
    if (g->scope.owner)
        return g->scope.owner->loop != l;
    return g != &l->root && g->scope.parent != &l->root.scope;
}

static int check_place(const struct group *g, const struct bide_spawn_opts *o)
{
    const struct loop *l = bide__loop();
    if (!l)
        return bide_fail(BIDE_EPERM, "spawn %s: works only inside bide_run()", o->fn_name_);
    if (is_elsewhere(g, l))
        return bide_fail(BIDE_EPERM, "spawn %s: the group belongs to another loop", o->fn_name_);
    if (o->copy > COPY_MAX)
        return bide_fail(BIDE_EINVAL, "spawn %s: an argument of %zu bytes; at most %d are copied",
                         o->fn_name_, o->copy, COPY_MAX);
    return 0;
}

static COLD int refuse(struct group *g, const struct bide_spawn_opts *o)
{
    BIDE_KEEP_ERROR(why);       /* whatever hook and drop do */
    int code = bide_errcode();
    if (g && bide__loop() && code != BIDE_EPERM)
        bide__group_refused(g, o->name ? o->name : o->fn_name_);
    if (o->handle)
        *o->handle = NULL;
    if (o->drop)
        o->drop(o->arg);
    return code;
}

static int take_copy(task *t, const struct bide_spawn_opts *o)
{
    void *at = t->copy;
    if (o->copy > TASK_COPY_INLINE && !(at = t->copied = bide__alloc(o->copy)))
        return bide_fail(BIDE_ENOMEM, "no memory for a copy of %zu bytes", o->copy);
    t->arg = memcpy(at, o->arg, o->copy);
    t->flags &= ~(uint32_t)TASK_PLAIN;
    return 0;
}

/* What most spawns need.  A pooled control block is as new (bide__task_renew), so what is
 * always the same is not written again. */
INLINE void fill(struct loop *l, struct group *g, task *t, bide_fn *fn,
                 const struct bide_spawn_opts *o)
{
    uint8_t cancelled = g->scope.timer.flags & SCOPE_CANCELLED;
    t->fn = fn;
    t->arg = o->arg;
    t->name = o->fn_name_;
    t->site = o->site_;
    t->id = ++l->last_id;
    t->flags = g->plain;
    t->base.parent = &g->scope;
    t->base.timer.flags = cancelled;
    t->credit = cancelled ? 0 : CREDIT;
}

static inline void enlist(struct loop *l, struct group *g, task *t)
{
    bide__group_add(g, &t->member, MEMBER_TASK);
    bide__fifo_put(&l->ready, t);
}

/* With options beyond the argument. */
static __attribute__((noinline)) int spawn_specially(struct loop *l, struct group *g, bide_fn *fn,
                                                     const struct bide_spawn_opts *o)
{
    if (check_place(g, o) < 0)
        return refuse(g, o);
    if (l->spent)
        bide__spent_give_some(l);
    task *t = bide__stack_take(&l->stacks, o->stack_size ? o->stack_size : l->task_stack_size);
    if (!t)
        return refuse(g, o);
    fill(l, g, t, fn, o);
    t->member.group = g;
    if ((o->copy && take_copy(t, o) < 0) || (l->keepable && bide__local_inherit(t, g) < 0)) {
        bide__task_free(l, t);
        return refuse(g, o);
    }
    if (o->name) {
        t->name = o->name;
        t->flags |= TASK_NAMED;
    }
    t->drop = o->drop;
    if (o->drop || t->locals || t->pool != l->plain_pool)
        t->flags &= ~(uint32_t)TASK_PLAIN;
    if (o->handle) {
        t->flags = (t->flags & ~(uint32_t)TASK_PLAIN) | TASK_HANDLE;
        *o->handle = t;
    }
    enlist(l, g, t);
    return 0;
}

static bool is_special(const struct bide_spawn_opts *o)
{
    return (o->copy | o->stack_size | (uintptr_t)o->name | (uintptr_t)o->handle |
            (uintptr_t)o->drop) != 0;
}

int bide_spawn_opts(bide_group *group, bide_fn *fn, const struct bide_spawn_opts *o)
{
    struct loop *l = bide__loop();
    struct group *g = group ? group_of(group) : l ? &l->root : NULL;
    bool usual = l && l->task_pool->first && !is_special(o) && g->scope.owner &&
                 g->scope.owner->loop == l;
    if (__builtin_expect(!usual, 0))
        return spawn_specially(l, g, fn, o);
    task *t = l->task_pool->first;
    l->task_pool->first = t->next;
    fill(l, g, t, fn, o);
    enlist(l, g, t);
    return 0;
}

static inline void clear_error(task *t)
{
    t->error.code = 0;
    t->error.text[0] = '\0';
}

void bide__task_renew(struct loop *l, task *t)
{
    t->loop = l;
    t->wait = NULL;
    t->joiners.head = NULL;
    t->scope = &t->base;
    t->base.owner = t;
    t->base.timer.place = 0;
    t->base.timer.kind = TIMER_SCOPE;
    t->member.kind = MEMBER_TASK;
    t->drop = NULL;
    t->copied = NULL;
    t->locals = NULL;
    t->refused = 0;
    t->result = BIDE_EAGAIN;
    clear_error(t);
}

void bide__error_fit(task *t, int rc)
{
    if (rc >= 0) {
        clear_error(t);
    } else if (t->error.code != rc && !(rc == BIDE_ECANCELED && t->error.code == BIDE_ETIMEDOUT)) {
        bide__hold(t, rc, bide_strerror(rc));
    }
}

/* What goes wrong in there is not why the task has failed. */
static void drop_argument(task *t)
{
    bool failed = t->result < 0;
    struct bide_error why;
    if (failed)
        why = t->error;
    t->drop(t->arg);
    if (failed)
        t->error = why;
}

/* The task may be another's when the last of many joiners hears of it. */
static void tell_result(struct wait *w, const struct terms *terms)
{
    w->data = (void *)(intptr_t)terms->rc;
    bide__settle_wait(w, 0);
}

static void tell_joiners(task *t)
{
    if (t->joiners.head)
        bide__release_on(&t->joiners, &(struct terms){ .rc = t->result, .settle = tell_result });
}

static __attribute__((noinline)) void end_watched(task *t, int rc)
{
    struct loop *l = t->loop;
    bide__error_fit(t, rc);
    t->result = rc;
    if (t->drop)
        drop_argument(t);
    t->flags |= TASK_ENDED;
    tell_joiners(t);
    struct group *g = t->member.group;
    bool is_main = t == l->main;
    bool is_free = bide__group_ended(g, t);
    if (is_main)
        bide__group_end_root(l);
    if (g->owned && g != &l->root)
        bide__group_settle_owned(g);
    if (is_free)
        bide__task_free(l, t);
}

/* Most tasks end well, with nobody looking: out of the group, and if it was the last, its
 * waiter goes on. */
void bide__task_end(task *t, int rc)
{
    struct group *g = t->member.group;
    if (__builtin_expect(rc < 0 || !(t->flags & TASK_PLAIN), 0)) {
        end_watched(t, rc);
        return;
    }
    bide__group_remove(g, &t->member);
    if (!g->members && g->waiter)
        bide__group_tell(g);
    if (__builtin_expect(t->flags & TASK_HELD, 0))
        clear_error(t);
    t->flags = TASK_ENDED | TASK_DIRTY;
    struct stack_class *pool = t->loop->plain_pool;     /* t->pool, but in the cache */
    t->next = pool->first;
    pool->first = t;
}

void bide__task_free(struct loop *l, task *t)
{
    bide__free(t->copied);
    bide__task_renew(l, t);
    bide__stack_give(t);
}

/* One that had ended is not looked at again: its group may be left while this call yields.  One
 * that has not is waited for anyhow. */
int bide_join(bide_task *t)
{
    bool ended = bide_task_done(t);
    int rc = ended ? bide__enter() : bide__enter_unyielding();
    if (rc < 0)
        return rc;
    if (ended)
        return t ? 0 : bide_errcode();
    if (t->loop != bide__loop())
        return bide_fail(BIDE_EPERM, "join: the task belongs to another loop");
    if (t == bide__self())
        return bide_fail(BIDE_EDEADLK, "join: task '%s' waits for itself", t->name);
    t->flags &= ~(uint32_t)TASK_PLAIN;
    struct wait w = { .kind = &joining };
    return bide__wait_to_be_released(&t->joiners, &w);
}

void bide_cancel(bide_task *t)
{
    if (t && !(t->flags & TASK_ENDED))
        bide__scope_cancel(&t->base);
}

bool bide_task_done(const bide_task *t)
{
    return !t || t->flags & TASK_ENDED;
}

int bide_task_result(const bide_task *t)
{
    return t ? t->result : bide_errcode();
}

void *bide_task_arg(const bide_task *t)
{
    return t ? t->arg : NULL;
}

const struct bide_error *bide_task_error(const bide_task *t)
{
    static const struct bide_error none;
    return t && t->result < 0 && t->flags & TASK_ENDED ? &t->error : &none;
}

const char *bide_task_name(const bide_task *t)
{
    return t && t->name ? t->name : "?";
}

bide_task *bide_task_current(void)
{
    return bide__self();
}

int bide_no_wait_enter_(void)
{
    task *me = bide__self();
    if (!me)
        return 0;
    int outer = me->flags & TASK_NO_WAIT ? 1 : 0;
    me->flags |= TASK_NO_WAIT;
    me->credit = 0;
    return outer;
}

void bide_no_wait_leave_(int *outer)
{
    task *me = bide__self();
    if (me && !*outer)
        me->flags &= ~(uint32_t)TASK_NO_WAIT;
}
