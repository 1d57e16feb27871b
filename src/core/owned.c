/* Groups that hang from the root: the root itself, and those that objects own. */
#include "base/memory.h"
#include "core/group.h"
#include "core/loop.h"
#include "core/scope.h"

void bide__group_root_init(struct group *root)
{
    *root = (struct group){ .scope.timer = { .kind = TIMER_SCOPE, .flags = SCOPE_GROUP },
                            .policy = GROUP_KEEP_GOING, .owned = true };
}

bide_group *bide_group_root(void)
{
    struct loop *l = bide__loop();
    return l ? (bide_group *)(void *)&l->root : NULL;
}

bide_group *bide_group_open(const char *name, bide_drop_fn *drop, void *owner)
{
    struct loop *l = bide__loop();
    if (!l || l->ending) {
        bide_fail(l ? BIDE_ECLOSED : BIDE_EPERM, "group %s: %s", name,
                  l ? "the loop is ending" : "works only inside bide_run()");
        return NULL;
    }
    struct owned_group *o = bide__zalloc(sizeof *o);
    if (!o) {
        bide_fail(BIDE_ENOMEM, "group %s: out of memory", name);
        return NULL;
    }
    bide__group_root_init(&o->group);
    o->group.scope.parent = &l->root.scope;
    o->group.locals = l->root.locals;
    o->group.scope.timer.flags |= l->root.scope.timer.flags & SCOPE_CANCELLED;
    o->name = name;
    o->drop = drop;
    o->owner = owner;
    bide__group_add(&l->root, &o->member, MEMBER_GROUP);
    return (bide_group *)(void *)&o->group;
}

void bide__group_settle_owned(struct group *g)
{
    struct owned_group *o = (struct owned_group *)(void *)g;
    if (!o->closed || g->count)
        return;
    bide__group_remove(o->member.group, &o->member);
    if (o->drop)
        o->drop(o->owner);
    bide__group_let_go(g);      /* after drop, which may spawn: we may run on one of these stacks */
    bide__free(o);
}

void bide__group_shelter(bide_group *group)
{
    group_of(group)->scope.timer.flags |= SCOPE_SHIELD;
    group_of(group)->scope.timer.flags &= (uint8_t)~SCOPE_CANCELLED;
}

void bide_group_close(bide_group *group)
{
    if (!group)
        return;
    struct owned_group *o = (struct owned_group *)(void *)group;
    o->closed = true;
    bide__scope_cancel(&o->group.scope);
    bide__group_settle_owned(&o->group);
}

static void close_member(struct member *m)
{
    struct owned_group *o = owned_of(m);
    bide_log(BIDE_LOG_WARNING, "group '%s' was still open when the main task ended: closed",
             o->name);
    bide_group_close((bide_group *)(void *)&o->group);
}

static void report_member(struct loop *l, struct member *m)
{
    const task *t = task_of(m);
    if (m->kind == MEMBER_TASK && t != l->main)
        bide_log(BIDE_LOG_WARNING, "task '%s', spawned at %s, was still running when the main task "
                 "ended: cancelled", t->name, t->site ? t->site : "?");
}

void bide__group_end_root(struct loop *l)
{
    struct member *m = l->root.members;
    l->ending = true;
    for (uint32_t i = l->root.count; i && m; i--, m = m->next)
        report_member(l, m);
    bide__scope_cancel(&l->root.scope);
}

static struct member *first_open(const struct loop *l)
{
    struct member *m = l->root.members;
    for (uint32_t i = l->root.count; i; i--, m = m->next)
        if (m->kind == MEMBER_GROUP && !owned_of(m)->closed)
            return m;
    return NULL;
}

/* Closing may free the member, and drop functions may close others: so from the first each time. */
bool bide__group_close_left(struct loop *l)
{
    struct member *m = l->ending ? first_open(l) : NULL;
    bool any = m != NULL;
    for (; m; m = first_open(l))
        close_member(m);
    return any;
}
