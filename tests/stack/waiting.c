/* tests/stack/waiting.c -- a program for gdb: tasks that wait in different places, and one that
 * runs and calls stop_here(), which aborts if the program was given an argument. */
#include <bide.h>

#include <stdlib.h>

static bide_event never;
static volatile int kept;

__attribute__((noinline)) static int waits_inside(void *event)
{
    int rc = bide_event_wait(event);
    kept = rc;
    return rc;
}

static int waits(void *event)
{
    int rc = waits_inside(event);
    kept = rc;
    return rc;
}

static int sleeps(void *unused)
{
    (void)unused;
    int rc = bide_sleep(1000);
    kept = rc;
    return rc;
}

static int sleeps_with_child(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, sleeps, NULL, .name = "child");
    return bide_group_wait(g);
}

void stop_here(int abort_too);
__attribute__((noinline)) void stop_here(int abort_too)
{
    kept++;
    if (abort_too)
        abort();
}

static int waits_on(void *abort_too)
{
    BIDE_GROUP(g);
    bide_spawn(g, waits, &never, .name = "waiter");
    bide_spawn(g, sleeps_with_child, NULL, .name = "parent");
    int rc = bide_sleep(0.01);
    stop_here(*(int *)abort_too);
    kept = rc;
    return rc < 0 ? rc : 7;
}

int main(int argc, char **argv)
{
    (void)argv;
    return bide_run(waits_on, &(int){ argc > 1 });
}
