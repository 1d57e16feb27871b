/* Twins of runner.py. */
#include "twin.h"
AREA(runner)

static int run(bide_fn *fn, void *arg)
{
    return bide_run(fn, arg, .jumping_clock = true);
}

/* Each of these begins at its loop's own zero. */
static int begin(int rc)
{
    begun = bide_now();
    return rc;
}

static int answer(void *unused) { (void)unused; return 42; }
TWIN_PLAIN(result) { say("%d", run(answer, NULL)); }

static int job_at_zero(void *arg) { return begin(0) < 0 ? -1 : job(arg); }

TWIN_PLAIN(failure)
{
    struct job failing = { "main", 1, true };
    if (run(job_at_zero, &failing) == FAILED)
        say("failed: %s", bide_errmsg());
}

static int leave_job(void *unused)
{
    (void)unused;
    static struct job left = { "left", 10, false };
    begin(0);
    bide_spawn(NULL, job, &left);
    int rc = bide_sleep(1);
    say("main ends");
    return rc;
}

TWIN_PLAIN(leftovers)
{
    CHECK_EQ(run(leave_job, NULL), 0);
    say("over");
}

static int careful(void *unused)
{
    (void)unused;
    int rc = bide_sleep(10);
    BIDE_SHIELD(s, 5);
    CHECK_EQ(bide_sleep(1), 0);
    say("cleaned up at %s", now());
    return rc;
}

static int leave_careful(void *unused)
{
    (void)unused;
    begin(0);
    bide_spawn(NULL, careful, NULL);
    return bide_sleep(1);
}

TWIN_PLAIN(leftovers_clean_up)
{
    CHECK_EQ(run(leave_careful, NULL), 0);
    say("over");
}

TWIN_DIFFERS(nested, "a run inside of a task is a scope on the same loop: library code that calls "
             "run() works anywhere", "inner begins\ninner ends at 0.000\n")
{
    struct job inner = { "inner", 0, false };
    CHECK_EQ(bide_run(job, &inner), 0);
}

TWIN_PLAIN(twice)
{
    struct job first = { "first", 1, false }, second = { "second", 1, false };
    CHECK_EQ(run(job_at_zero, &first), 0);
    CHECK_EQ(run(job_at_zero, &second), 0);
}

static int drop_handle(void *unused)
{
    (void)unused;
    static struct job dropped = { "dropped", 1, false };
    begin(0);
    bide_spawn(bide_group_root(), job, &dropped);
    return bide_sleep(2);
}

TWIN_PLAIN(dropped_handle) { CHECK_EQ(run(drop_handle, NULL), 0); }
