/* A loop, held and posted to from other threads.
 *
 * A bide_loop is the loop's inbox, which outlives the loop.  Holders are counted twice: once for
 * its memory, once because they may post, so that a loop in which everybody waits is not yet
 * deadlocked. */
#include "base/memory.h"
#include "core/loop.h"
#include "core/outside.h"

bide_loop *bide_loop_hold(void)
{
    struct loop *l = bide__loop();
    if (!l) {
        bide_fail(BIDE_EPERM, "loop: none runs in this thread");
        return NULL;
    }
    bide__inbox_hold(l->inbox);
    atomic_fetch_add(&l->inbox->callers, 1);
    return (bide_loop *)(void *)l->inbox;
}

/* With the last one gone it may be a deadlock after all, so the loop is to look. */
void bide_loop_drop(bide_loop *loop)
{
    struct inbox *in = bide__inbox_of(loop);
    if (!in)
        return;
    if (atomic_fetch_sub(&in->callers, 1) == 1)
        bide__inbox_wake(in);
    bide__inbox_drop(in);
}

struct posting {
    struct post post;           /* first */
    bide_fn *fn;
    struct bide_spawn_opts spawn;
};

static void discard(struct posting *p)
{
    BIDE_KEEP_ERROR(why);
    if (p->spawn.drop)
        p->spawn.drop(p->spawn.arg);
}

/* In the poller; or where the loop is being taken down.  One that is ending takes nothing more,
 * or it might never end. */
static void begin(struct post *post)
{
    struct posting *p = (struct posting *)(void *)post;
    if (bide__here && !bide__here->ending)
        bide_spawn_opts(NULL, p->fn, &p->spawn);
    else
        discard(p);
    bide__free(p);
}

static int refuse(const struct bide_loop_post_opts *o)
{
    BIDE_KEEP_ERROR(why);
    if (o->drop)
        o->drop(o->arg);
    return why.code;
}

int bide_loop_post_opts(bide_loop *loop, bide_fn *fn, const struct bide_loop_post_opts *o)
{
    if (!loop)
        return refuse(o);
    struct posting *p = bide__alloc(sizeof *p);
    if (!p) {
        bide_fail(BIDE_ENOMEM, "post %s: out of memory", o->fn_name_);
        return refuse(o);
    }
    *p = (struct posting){
        .post.run = begin, .fn = fn,
        .spawn = { .abi_ = sizeof p->spawn, .fn_name_ = o->fn_name_, .site_ = o->site_,
                   .arg = o->arg, .drop = o->drop },
    };
    if (bide__inbox_post(bide__inbox_of(loop), &p->post))
        return 0;
    bide__free(p);
    bide_fail(BIDE_ECLOSED, "post %s: the loop has ended", o->fn_name_);
    return refuse(o);
}
