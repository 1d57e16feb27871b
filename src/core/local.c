/* Task-locals: a chain of nodes through the stacks.
 *
 * A node lies in the block that set it, so the chain of a task is as lexical as its scopes.  A
 * group notes the chain at its declaration, and a task without nodes of its own begins there: to
 * inherit costs nothing.  Only where somebody has set a key that can be kept, which the loop
 * counts, does a spawn look closer: copies are nodes on the heap, between the task's own and its
 * group's. */
#include "core/local.h"
#include "base/memory.h"
#include "core/loop.h"

static __thread struct bide_local_ *outside;    /* what is set where no task runs */

/* The first one makes every spawn take the slow way, at no cost to the fast one, which looks into
 * the pool anyway. */
static void count(struct loop *l)
{
    static struct stack_class none;
    if (l->keepable++)
        return;
    l->kept_pool = l->task_pool;
    l->task_pool = &none;
}

static void count_off(struct loop *l)
{
    if (--l->keepable == 0)
        l->task_pool = l->kept_pool;
}

static struct bide_local_ *chain_of(const task *t)
{
    return t->locals ? t->locals : t->member.group->locals;
}

/* The running task; between the steps of a guest its host is outside of all tasks. */
static task *task_here(void)
{
    struct loop *l = bide__here;
    return l && l->current != &l->poller_task ? l->current : NULL;
}

struct bide_local_ *bide__local_chain(void)
{
    const task *me = task_here();
    return me ? chain_of(me) : outside;
}

struct bide_local_ *bide__local_adopt(struct bide_local_ *chain)
{
    struct bide_local_ *before = outside;
    outside = chain;
    return before;
}

struct bide_local_ bide_local_enter_(struct bide_local_ *place, const bide_local *key,
                                     void *value)
{
    task *me = task_here();
    struct bide_local_ **first = me ? &me->locals : &outside;
    struct bide_local_ local = { .outer = bide__local_chain(), .before_ = *first, .key = key,
                                 .value = value, .first_ = first, .loop_ = bide__here };
    *first = place;
    if (key->keep && bide__here)
        count(bide__here);
    return local;
}

/* A host may set it before its guest begins, and leave the block when it has ended; or the other
 * way round. */
void bide_local_leave_(struct bide_local_ (*local)[1])
{
    *(*local)->first_ = (*local)->before_;
    if ((*local)->key->keep && bide__here && bide__here == (*local)->loop_)
        count_off(bide__here);
}

static struct bide_local_ *find(struct bide_local_ *chain, const bide_local *key)
{
    while (chain && chain->key != key)
        chain = chain->outer;
    return chain;
}

void *bide_local_get(const bide_local *key)
{
    const struct bide_local_ *local = find(bide__local_chain(), key);
    return local ? local->value : NULL;
}

static bool has(const struct bide_local_ *chain, const struct bide_local_ *local)
{
    while (chain && chain != local)
        chain = chain->outer;
    return chain != NULL;
}

static struct bide_local_ *copy(const struct bide_local_ *local, struct bide_local_ *outer)
{
    struct bide_local_ *kept = bide__alloc(sizeof *kept);
    if (!kept)
        return NULL;
    *kept = (struct bide_local_){ .outer = outer, .key = local->key };
    if (local->value && !(kept->value = local->key->keep(local->value))) {
        bide__free(kept);
        return NULL;
    }
    return kept;
}

int bide__local_inherit(task *t, const struct group *g)
{
    struct bide_local_ *seen = bide__local_chain(), **end = &t->locals;
    for (struct bide_local_ *n = seen; n && !has(g->locals, n); n = n->outer) {
        if (!n->key->keep || find(seen, n->key) != n)
            continue;
        struct bide_local_ *kept = copy(n, g->locals);
        if (!kept) {
            bide__local_let_go(t);
            return bide_fail(BIDE_ENOMEM, "no memory to keep a task-local");
        }
        count(t->loop);
        *end = kept;
        end = &kept->outer;
    }
    return 0;
}

void bide__local_let_go(task *t)
{
    struct bide_error held = bide_error_held_();
    struct bide_local_ *last = t->member.group->locals;
    while (t->locals && t->locals != last) {
        struct bide_local_ *kept = t->locals;
        t->locals = kept->outer;
        count_off(t->loop);
        if (kept->value && kept->key->drop)
            kept->key->drop(kept->value);
        bide__free(kept);
    }
    t->locals = NULL;
    bide_error_restore_(&held);
}
