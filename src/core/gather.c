/* gather: several calls at once, each with its own result and sentence.
 *
 * Who begins a hundred thousand lets the others have their turns in between: the first have then
 * begun, or even ended, before the last are spawned. */
#include "core/group.h"
#include "core/park.h"

enum { SPAWNED_AT_ONCE = 64 };

static int run_call(void *arg)
{
    struct bide_call *call = arg;
    call->rc = call->fn(call->arg);
    bide__error_fit(bide__self(), call->rc);
    call->error = bide__self()->error;
    return call->rc;
}

/* What never ran, for want of memory, must not look like success.  Each runs, also if it is
 * cancelled by then: it has things to give back. */
/* waits: between portions */
static void begin(bide_group *g, struct bide_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i && i % SPAWNED_AT_ONCE == 0)
            bide_ignore(bide__give_way());
        calls[i].rc = 0;
        calls[i].error = (struct bide_error){ .code = 0 };
        if (bide_spawn(g, run_call, &calls[i]) < 0) {
            calls[i].rc = bide_errcode();
            calls[i].error = bide_error_held_();
        }
    }
}

static int never_began(struct bide_call *calls, size_t count, int rc)
{
    for (size_t i = 0; i < count; i++) {
        calls[i].rc = rc;
        calls[i].error = bide_error_held_();
    }
    return rc;
}

int bide_gather(struct bide_call *calls, size_t count)
{
    int rc = bide__enter();
    if (rc < 0)
        return never_began(calls, count, rc);
    BIDE_GROUP(g);
    begin(g, calls, count);
    return bide_group_wait(g);
}

int bide_gather_all(struct bide_call *calls, size_t count)
{
    int rc = bide__enter();
    if (rc < 0)
        return never_began(calls, count, rc);
    BIDE_KEEP_GOING(g);
    begin(g, calls, count);
    bide_ignore(bide_group_wait(g));
    return bide_cancelled() ? bide_fail(BIDE_ECANCELED, "cancelled") : 0;
}
