/* Twins of timeouts.py. */
#include "twin.h"
AREA(timeouts)

static struct job quick = { "a", 1, false };

TWIN(in_time)
{
    {
        BIDE_TIMEOUT(t, 2);
        CHECK_EQ(bide_scope_result(t, job(&quick)), 0);
    }
    say("left at %s", now());
}

TWIN(too_slow)
{
    struct job slow = { "a", 5, false };
    BIDE_TIMEOUT(t, 1);
    if (bide_scope_result(t, job(&slow)) == BIDE_ETIMEDOUT)
        say("timed out at %s", now());
}

static int sleep_at_most(double limit, double seconds)
{
    BIDE_TIMEOUT(t, limit);
    int rc = bide_scope_result(t, bide_sleep(seconds));
    if (rc == BIDE_ETIMEDOUT)
        say("inner timed out at %s", now());
    return rc;
}

TWIN(inner_shorter)
{
    BIDE_TIMEOUT(outer, 5);
    int rc = sleep_at_most(1, 10);
    if (rc == BIDE_ETIMEDOUT && (rc = bide_sleep(1)) == 0)
        say("went on");
    if (bide_scope_result(outer, rc) == BIDE_ETIMEDOUT)
        say("outer timed out");
}

TWIN(outer_shorter)
{
    BIDE_TIMEOUT(outer, 1);
    if (bide_scope_result(outer, sleep_at_most(5, 10)) == BIDE_ETIMEDOUT)
        say("outer timed out at %s", now());
}

TWIN(moved)
{
    BIDE_TIMEOUT(t, 1);
    bide_scope_extend(t, 3);
    if (bide_scope_result(t, bide_sleep(10)) == BIDE_ETIMEDOUT)
        say("timed out at %s %s", now(), bide_scope_expired(t) ? "True" : "False");
}

TWIN(already_passed)
{
    BIDE_TIMEOUT(t, 0);
    say("body");
    int rc = bide_sleep(1);
    if (rc == 0)
        say("slept");
    if (bide_scope_result(t, rc) == BIDE_ETIMEDOUT)
        say("timed out at %s", now());
}

TWIN(nothing_to_interrupt)
{
    BIDE_TIMEOUT(t, 0);
    say("body");
    if (bide_scope_result(t, 0) == 0)
        say("left");
}

TWIN(no_limit)
{
    {
        BIDE_TIMEOUT(t, BIDE_FOREVER);
        CHECK_EQ(bide_scope_result(t, bide_sleep(1000)), 0);
    }
    say("left at %s", now());
}

TWIN(swallowed)
{
    BIDE_TIMEOUT(t, 1);
    if (bide_sleep(10) == BIDE_ECANCELED)
        say("swallowed");
    if (bide_scope_result(t, 0) == 0)
        say("left");
}

TWIN(wait_for_result)
{
    CHECK_EQ(bide_timeout(5, job, &quick), 0);
    say("%s", quick.name);
}

static int careful(void *unused)
{
    (void)unused;
    int rc = bide_sleep(10);
    BIDE_SHIELD(s, 5);
    CHECK_EQ(bide_sleep(2), 0);
    say("cleaned up at %s", now());
    return rc;
}

TWIN(wait_for_cleanup)
{
    if (bide_timeout(1, careful, NULL) == BIDE_ETIMEDOUT)
        say("timed out at %s", now());
}

TWIN(failure_inside)
{
    struct job failing = { "a", 1, true };
    BIDE_TIMEOUT(t, 5);
    if (bide_scope_result(t, job(&failing)) == FAILED)
        say("failed: %s", bide_errmsg());
}

static int shielded_work(void *unused)
{
    (void)unused;
    struct job work = { "work", 3, false };
    BIDE_SHIELD(s, 60);
    return job(&work);
}

TWIN_DIFFERS(shielded, "a shield is a block, with a limit: the work is finished before the task "
             "goes on, so nothing is left running", "work begins\nwork ends at 3.000\n"
             "cancelled at 3.000\n")
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, shielded_work, NULL, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    say("cancelled at %s", now());
}
