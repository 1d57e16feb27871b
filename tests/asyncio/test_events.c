/* Twins of events.py. */
#include "twin.h"
AREA(events)

static bide_event event;

static int waiter(void *name)
{
    int rc = bide_event_wait(&event);
    if (rc == 0)
        say("%s goes on at %s", (char *)name, now());
    return rc;
}

TWIN(set_wakes_all)
{
    BIDE_GROUP(g);
    bide_spawn(g, waiter, NAME("a"));
    bide_spawn(g, waiter, NAME("b"));
    bide_spawn(g, waiter, NAME("c"));
    CHECK_EQ(bide_sleep(1), 0);
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(is_set)
{
    bide_event_set(&event);
    CHECK_EQ(bide_event_wait(&event), 0);
    say("at %s %s", now(), bide_event_is_set(&event) ? "True" : "False");
}

static int tell_set(void *unused)
{
    (void)unused;
    int rc = bide_event_wait(&event);
    say("goes on, set %s", bide_event_is_set(&event) ? "True" : "False");
    return rc;
}

TWIN(cleared)
{
    BIDE_GROUP(g);
    bide_spawn(g, tell_set, NULL);
    CHECK_EQ(bide_yield(), 0);
    bide_event_set(&event);
    bide_event_clear(&event);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int wait_twice(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        int rc = bide_event_wait(&event);
        if (rc < 0)
            return rc;
        say("at %s", now());
        bide_event_clear(&event);
    }
    return 0;
}

TWIN(again)
{
    BIDE_GROUP(g);
    bide_spawn(g, wait_twice, NULL);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_sleep(1), 0);
        bide_event_set(&event);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

static int wait_quietly(void *name)
{
    int rc = bide_event_wait(&event);
    if (rc == 0)
        say("%s goes on", (char *)name);
    return rc;
}

TWIN(cancelled)
{
    bide_task *a;
    BIDE_GROUP(g);
    bide_spawn(g, wait_quietly, NAME("a"), .handle = &a);
    bide_spawn(g, wait_quietly, NAME("b"));
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(a);
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(g), 0);
    say("a cancelled %s", bide_task_result(a) == BIDE_ECANCELED ? "True" : "False");
}
