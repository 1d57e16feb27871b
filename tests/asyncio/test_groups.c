/* Twins of groups.py. */
#include "twin.h"
AREA(groups)

static void say_failures(bide_group *g)
{
    char line[80] = "failures:";
    bide_task *failed[4];
    size_t count = bide_group_failures(g, failed, 4);
    for (size_t i = 0; i < count; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %s",
                 bide_task_error(failed[i])->text);
    say("%s", line);
}

TWIN(block_waits)
{
    {
        BIDE_GROUP(g);
        bide_spawn_with(g, job, struct job, .name = "a", .seconds = 2);
        bide_spawn_with(g, job, struct job, .name = "b", .seconds = 1);
        say("body ends");
        CHECK_EQ(bide_group_wait(g), 0);        /* without it, leaving would cancel */
    }
    say("left at %s", now());
}

TWIN(results)
{
    bide_task *a, *b;
    struct job jobs[] = { { "a", 2, false }, { "b", 1, false } };
    BIDE_GROUP(g);
    bide_spawn(g, job, &jobs[0], .handle = &a);
    bide_spawn(g, job, &jobs[1], .handle = &b);
    CHECK_EQ(bide_group_wait(g), 0);
    say("%s %s", name_of(a), name_of(b));
}

TWIN(failure_cancels)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, job, struct job, .name = "a", .seconds = 10);
    bide_spawn_with(g, job, struct job, .name = "b", .seconds = 1, .fails = true);
    if (bide_group_wait(g) == FAILED)
        say_failures(g);
}

TWIN(failure_interrupts_body)
{
    {
        BIDE_GROUP(g);
        bide_spawn_with(g, job, struct job, .name = "a", .seconds = 1, .fails = true);
        if (bide_sleep(10) == BIDE_ECANCELED)
            say("body cancelled at %s", now());
        CHECK_EQ(bide_group_wait(g), FAILED);
    }
    say("left at %s", now());
}

static int failing_body(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn_with(g, job, struct job, .name = "a", .seconds = 10);
    int rc = bide_sleep(1);
    return rc < 0 ? rc : bide_fail(FAILED, "body");
}

TWIN(body_fails)
{
    if (failing_body(NULL) == FAILED)
        say("failures: %s", bide_errmsg());
}

static int fail_when_cancelled(void *unused)
{
    (void)unused;
    return bide_sleep(10) < 0 ? bide_fail(FAILED, "late") : 0;
}

TWIN(two_failures)
{
    BIDE_GROUP(g);
    bide_spawn(g, fail_when_cancelled, NULL);
    bide_spawn_with(g, job, struct job, .name = "early", .seconds = 1, .fails = true);
    CHECK_EQ(bide_group_wait(g), FAILED);
    say_failures(g);
}

TWIN(cancelled_member)
{
    {
        bide_task *a;
        struct job slow = { "a", 10, false };
        BIDE_GROUP(g);
        bide_spawn(g, job, &slow, .handle = &a);
        bide_spawn_with(g, job, struct job, .name = "b", .seconds = 2);
        CHECK_EQ(bide_sleep(1), 0);
        bide_cancel(a);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    say("left at %s", now());
}

static int parent(void *group)
{
    bide_spawn_with(group, job, struct job, .name = "child", .seconds = 1);
    say("parent ends");
    return 0;
}

TWIN(member_spawns)
{
    BIDE_GROUP(g);
    bide_spawn(g, parent, g);
    CHECK_EQ(bide_group_wait(g), 0);
    say("left at %s", now());
}

static int two_groups(void *unused)
{
    (void)unused;
    BIDE_GROUP(outer);
    bide_spawn_with(outer, job, struct job, .name = "outer", .seconds = 10);
    BIDE_GROUP(inner);
    bide_spawn_with(inner, job, struct job, .name = "inner", .seconds = 1, .fails = true);
    return bide_group_wait(inner);
}

TWIN(nested)
{
    if (two_groups(NULL) == FAILED)
        say("failed at %s", now());
}

static int hold_group(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn_with(g, job, struct job, .name = "a", .seconds = 10);
    return bide_group_wait(g);
}

TWIN(cancel_holder)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, hold_group, NULL, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    if (bide_task_result(t) == BIDE_ECANCELED)
        say("cancelled at %s", now());
}

static int latecomer(void *group)
{
    int rc = bide_sleep(10);
    if (bide_spawn_with(group, job, struct job, .name = "late") < 0)
        say("refused");
    return rc;
}

TWIN_DIFFERS(spawn_into_cancelled,
             "a task that can start always starts, so that what it was handed is taken care of",
             "b begins\nb fails at 1.000\nlate begins\nlate cancelled at 1.000\nleft\n")
{
    BIDE_GROUP(g);
    bide_spawn(g, latecomer, g);
    bide_spawn_with(g, job, struct job, .name = "b", .seconds = 1, .fails = true);
    if (bide_group_wait(g) == FAILED)
        say("left");
}

TWIN(empty)
{
    {
        BIDE_GROUP(g);
        say("body");
        CHECK_EQ(bide_group_wait(g), 0);
    }
    say("left at %s", now());
}
