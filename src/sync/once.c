/* Once: the first to come does it, the others wait for how it ends.  A failed attempt hands the
 * turn to the longest waiter, so that one cancelled task does not spoil it for all. */
#include "core/group.h"
#include "core/release.h"
#include <bide/sync.h>

_Static_assert(offsetof(bide_once, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_once) == 5 * sizeof(void *) + 2 * sizeof(int),
               "its size is fixed for ever");

static const struct waitkind waiting = { .what = "something to be done once",
                                         .undo = bide__undo_unreleased };

static struct waitlist *line_of(bide_once *o)
{
    return (struct waitlist *)(void *)o;
}

/* The waiter's data is whether it has to try itself. */
static void pass_turn(bide_once *o)
{
    struct wait *w = o->waiters_;
    o->runner_ = w ? w->task : NULL;
    if (!w)
        return;
    *(bool *)w->data = true;
    bide__settle_first(line_of(o), 0);
}

static int finish(bide_once *o, int rc)
{
    if (rc < 0) {
        pass_turn(o);
        return rc;
    }
    o->runner_ = NULL;
    o->done_ = 1;
    o->result_ = rc;
    bide__release_all(line_of(o), rc);
    return rc;
}

/* Sets *mine if the turn has come to this task; else the result of who did it. */
BIDE_WAITS static int await_turn(bide_once *o, bool *mine)
{
    const task *runner = o->runner_;
    if (runner == bide__self())
        return bide_fail(BIDE_EDEADLK, "once: its function waits for itself");
    if (runner->loop != bide__here)
        return bide_fail(BIDE_EPERM, "once: a task of another loop is at it");
    struct wait w = { .kind = &waiting, .data = mine };
    return bide__wait_to_be_released(line_of(o), &w);
}

/* waits: fn may */
int bide_once_run(bide_once *o, bide_fn *fn, void *arg)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (o->done_)
        return o->result_;
    if (o->runner_) {
        bool mine = false;
        rc = await_turn(o, &mine);
        if (!mine)
            return rc;
        if ((rc = bide__enter()) < 0)           /* cancelled since: the next one's turn */
            return finish(o, rc);
    }
    o->runner_ = bide__self();
    rc = fn(arg);
    bide__error_fit(bide__self(), rc);
    return finish(o, rc);
}
