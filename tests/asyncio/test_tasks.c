/* Twins of tasks.py. */
#include "twin.h"
AREA(tasks)

static struct job a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
static struct job long_a = { .name = "a", .seconds = 10 };

TWIN(task_runs_later)
{
    BIDE_GROUP(g);
    bide_spawn(g, job, &a);
    say("created");
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(begin_in_order)
{
    BIDE_GROUP(g);
    bide_spawn(g, job, &a);
    bide_spawn(g, job, &b);
    bide_spawn(g, job, &c);
    CHECK_EQ(bide_yield(), 0);
    say("main");
    CHECK_EQ(bide_group_wait(g), 0);
}

static int twice(void *name)
{
    say("%s 1", (char *)name);
    int rc = bide_sleep(0);
    say("%s 2", (char *)name);
    return rc;
}

TWIN(sleep_zero)
{
    BIDE_GROUP(g);
    bide_spawn(g, twice, NAME("a"));
    bide_spawn(g, twice, NAME("b"));
    CHECK_EQ(bide_sleep(0), 0);
    say("main 1");
    CHECK_EQ(bide_sleep(0), 0);
    say("main 2");
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(sleep_negative)
{
    BIDE_GROUP(g);
    bide_spawn(g, job, &a);
    CHECK_EQ(bide_sleep(-5), 0);
    say("main at %s", now());
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(deadlines_in_order)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, job, struct job, .name = "a", .seconds = 3);
    bide_spawn_with(g, job, struct job, .name = "b", .seconds = 1);
    bide_spawn_with(g, job, struct job, .name = "c", .seconds = 2);
    bide_spawn_with(g, job, struct job, .name = "d", .seconds = 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* A result goes through the argument. */
TWIN(result)
{
    bide_task *t;
    struct job slow = { .name = "a", .seconds = 1 };
    BIDE_GROUP(g);
    bide_spawn(g, job, &slow, .handle = &t);
    CHECK_EQ(bide_join(t), 0);
    say("result %s", name_of(t));
}

TWIN(await_ended)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, job, &a, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    say("done %s", bide_task_done(t) ? "True" : "False");
    CHECK_EQ(bide_join(t), 0);
    say("awaited at %s", now());
}

TWIN(failure)
{
    bide_task *t;
    struct job failing = { .name = "a", .seconds = 1, .fails = true };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, job, &failing, .handle = &t);
    CHECK_EQ(bide_join(t), 0);
    if (bide_task_result(t) == FAILED)
        say("failed: %s", bide_task_error(t)->text);
    CHECK_EQ(bide_group_wait(g), FAILED);
}

struct follower { const char *name; bide_task *task; };
static int follow(void *arg)
{
    struct follower *f = arg;
    int rc = bide_join(f->task);
    if (rc == 0)
        say("%s goes on at %s", f->name, now());
    return rc;
}

TWIN(two_await_one)
{
    bide_task *t;
    struct job slow = { .name = "a", .seconds = 1 };
    BIDE_GROUP(g);
    bide_spawn(g, job, &slow, .handle = &t);
    bide_spawn_with(g, follow, struct follower, .name = "x", .task = t);
    bide_spawn_with(g, follow, struct follower, .name = "y", .task = t);
    bide_spawn_with(g, follow, struct follower, .name = "z", .task = t);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(cancel_sleeping)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, job, &long_a, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(t);
    join_and_tell(t, "a is cancelled");
}

TWIN_DIFFERS(cancel_before_begin,
             "a task that can start always starts, so that what it was handed is taken care of",
             "a begins\na cancelled at 0.000\na is cancelled\n")
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, job, &long_a, .handle = &t);
    bide_cancel(t);
    join_and_tell(t, "a is cancelled");
}

TWIN(cancel_ended)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, job, &a, .handle = &t);
    CHECK_EQ(bide_join(t), 0);
    bide_cancel(t);
    CHECK_EQ(bide_yield(), 0);
    say("cancelled %s", bide_task_result(t) == BIDE_ECANCELED ? "True" : "False");
}

TWIN(cancel_twice)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, job, &long_a, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(t);
    bide_cancel(t);
    join_and_tell(t, "a is cancelled");
}

static int stubborn(void *unused)
{
    (void)unused;
    if (bide_sleep(10) == BIDE_ECANCELED)
        say("swallowed");
    if (bide_sleep(1) == 0)
        say("slept on");
    else
        say("and again");
    return 0;
}

TWIN_DIFFERS(swallow, "cancellation is a state: every wait fails until the scope is left",
             "swallowed\nand again\ncancelled False\n")
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, stubborn, NULL, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    say("cancelled %s", bide_task_result(t) == BIDE_ECANCELED ? "True" : "False");
}

static int careful(void *unused)
{
    (void)unused;
    int rc = bide_sleep(10);
    BIDE_SHIELD(s, 5);                  /* clean-up that waits names its limit */
    CHECK_EQ(bide_sleep(2), 0);
    say("cleaned up at %s", now());
    return rc;
}

TWIN(cleanup_waits)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, careful, NULL, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    if (bide_task_result(t) == BIDE_ECANCELED)
        say("cancelled at %s", now());
}

TWIN_DIFFERS(cancel_awaiter, "waiting for a task is not owning it: only its group's end cancels it",
             "inner begins\nouter is cancelled at 1.000\ninner ends at 5.000\n"
             "inner cancelled False\n")
{
    bide_task *inner, *outer;
    struct job slow = { .name = "inner", .seconds = 5 };
    BIDE_GROUP(g);
    bide_spawn(g, job, &slow, .handle = &inner);
    struct follower who = { .name = "outer", .task = inner };
    bide_spawn(g, follow, &who, .handle = &outer);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(outer);
    CHECK_EQ(bide_join(outer), 0);
    say("outer is cancelled at %s", now());
    CHECK_EQ(bide_join(inner), 0);
    say("inner cancelled %s", bide_task_result(inner) == BIDE_ECANCELED ? "True" : "False");
}

static bide_event event;
static int wait_and_sleep(void *unused)
{
    (void)unused;
    int rc = bide_event_wait(&event);
    if (rc < 0)
        return rc;
    say("the event is set");
    rc = bide_sleep(1);
    if (rc < 0)
        say("cancelled in the next wait");
    return rc;
}

TWIN_DIFFERS(cancel_too_late, "what has taken effect is reported: no item, permit or event is lost",
             "the event is set\ncancelled in the next wait\ncancelled\n")
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, wait_and_sleep, NULL, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_event_set(&event);
    bide_cancel(t);
    join_and_tell(t, "cancelled");
}

static int tell_name(void *unused)
{
    (void)unused;
    say("I am %s", bide_task_name(bide_task_current()));
    return 0;
}

TWIN(names)
{
    BIDE_GROUP(g);
    bide_spawn(g, tell_name, NULL, .name = "worker-7");
    CHECK_EQ(bide_group_wait(g), 0);
}
