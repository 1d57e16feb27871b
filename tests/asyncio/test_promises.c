/* Twins of promises.py. */
#include "twin.h"
AREA(promises)

static bide_promise *promise;

static int await_promise(void *name)
{
    int value, rc = bide_promise_wait(promise, &value);
    if (rc == 0)
        say("%s has %d at %s", (char *)name, value, now());
    return rc;
}

TWIN(settled)
{
    bide_auto(promise) p = promise = bide_promise_new(int);
    int value;
    BIDE_GROUP(g);
    bide_spawn(g, await_promise, NAME("a"));
    bide_spawn(g, await_promise, NAME("b"));
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_promise_set(p, &(int){ 42 }), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_promise_wait(p, &value), 0);
    say("again %d", value);
}

TWIN(twice)
{
    bide_auto(promise) p = bide_promise_new(int);
    int value;
    CHECK_EQ(bide_promise_set(p, &(int){ 1 }), 0);
    if (bide_promise_set(p, &(int){ 2 }) == BIDE_EINVAL)
        say("refused");
    CHECK_EQ(bide_promise_wait(p, &value), 0);
    say("%d", value);
}

TWIN(fails)
{
    bide_auto(promise) p = bide_promise_new(int);
    int value;
    CHECK_EQ(bide_promise_fail(p, FAILED, "no luck"), 0);
    if (bide_promise_wait(p, &value) == FAILED)
        say("failed: %s", bide_errmsg());
}

TWIN_DIFFERS(cancel_waiter, "waiting for a promise is not owning it: others may wait as well",
             "set\n")
{
    bide_auto(promise) p = promise = bide_promise_new(int);
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, await_promise, NAME("a"), .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    if (bide_promise_set(p, &(int){ 1 }) == 0)
        say("set");
}
