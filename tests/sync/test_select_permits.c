/* tests/sync/test_select_permits.c -- semaphore, lock and event as cases of a select: what is
 * handed over is held, and what is not chosen is not taken. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/select.h>
#include <string.h>

static bide_semaphore gate = BIDE_SEMAPHORE(1);
static bide_lock lock;
static bide_event event;
static char order[64];

TASK_TEST(what_is_free_is_taken_at_once)
{
    bide_permit *permit = NULL, *held = NULL;
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&event), BIDE_ON_PERMIT(&gate, &permit),
                         BIDE_ON_LOCK(&lock, &held)), 1);
    CHECK(permit && !held);
    CHECK(!bide_lock_is_held(&lock));
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&event), BIDE_ON_PERMIT(&gate, &held),
                         BIDE_ON_LOCK(&lock, &held)), 2);
    CHECK(bide_lock_is_held(&lock));
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_permit_release(permit), 0);
    bide_event_set(&event);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&event), BIDE_ON_PERMIT(&gate, &permit)), 0);
    CHECK_EQ(bide_semaphore_free(&gate), 1);
}

struct chooser { int chosen; bide_permit *permit, *held; };

/* Notes what it was given: p(ermit), l(ock), e(vent); '-' if cancelled. */
static int chooses(void *arg)
{
    struct chooser *c = arg;
    c->chosen = bide_select(BIDE_ON_PERMIT(&gate, &c->permit), BIDE_ON_LOCK(&lock, &c->held),
                            BIDE_ON_EVENT(&event));
    strcat(order, c->chosen == 0 ? "p" : c->chosen == 1 ? "l" : c->chosen == 2 ? "e" : "-");
    return c->chosen;
}

static struct chooser a, b;
static bide_permit *taken, *owned;

/* Both wait for all three. */
static void spawn_choosers(bide_group *g, bide_task *tasks[2])
{
    taken = bide_semaphore_acquire(&gate);
    owned = bide_lock_acquire(&lock);
    bide_spawn(g, chooses, &a, .handle = &tasks[0]);
    bide_spawn(g, chooses, &b, .handle = &tasks[1]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_STR(order, "");
}

TASK_TEST(what_is_released_goes_to_who_selects_in_line)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_choosers(g, tasks);
    CHECK_EQ(bide_permit_release(owned), 0);
    CHECK(bide_lock_is_held(&lock));            /* a has it, though it has not run yet */
    CHECK_EQ(bide_permit_release(taken), 0);
    CHECK_EQ(bide_semaphore_free(&gate), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "lp");
    CHECK(a.held && !a.permit && b.permit && !b.held);
    CHECK_EQ(bide_permit_release(b.permit), 0);
    CHECK_EQ(bide_semaphore_free(&gate), 1);
    CHECK_EQ(bide_permit_release(a.held), BIDE_EPERM);  /* its owner is a task that has ended */
    CHECK_PTR(gate.waiters_, NULL);
    CHECK_PTR(lock.waiters_, NULL);
    CHECK_PTR(event.waiters_, NULL);
}

TASK_TEST(an_event_lets_all_who_select_go_and_nothing_else_is_taken)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_choosers(g, tasks);
    bide_event_set(&event);
    CHECK_EQ(bide_permit_release(owned), 0);
    CHECK_EQ(bide_permit_release(taken), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "ee");
    CHECK(!a.permit && !a.held && !b.permit && !b.held);
    CHECK_EQ(bide_semaphore_free(&gate), 1);
    CHECK(!bide_lock_is_held(&lock));
}

TASK_TEST(cancelled_it_leaves_every_line)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_choosers(g, tasks);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_permit_release(taken), 0);
    bide_cancel(tasks[1]);                      /* which has the permit */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-p");
    CHECK_EQ(bide_permit_release(b.permit), 0);
    CHECK_EQ(bide_permit_release(owned), 0);
    CHECK_EQ(bide_semaphore_free(&gate), 1);
}

TASK_TEST(a_lock_that_one_holds_is_no_case)
{
    bide_permit *again, *held = bide_lock_acquire(&lock);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&event), BIDE_ON_LOCK(&lock, &again)), BIDE_EDEADLK);
    CHECK_HAS(bide_errmsg(), "select: case 1: ");
    CHECK_EQ(bide_permit_release(held), 0);
}

static void waits_there(void)
{
    bide_task *tasks[2];
    BIDE_GROUP(g);
    spawn_choosers(g, tasks);
    elsewhere_hold();
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
    CHECK_EQ(bide_permit_release(owned), 0);
    CHECK_EQ(bide_permit_release(taken), 0);
}

TASK_TEST(where_tasks_of_another_loop_wait_one_does_not)
{
    bide_permit *permit;
    void (*body)(void) = waits_there;
    elsewhere_begin(&body);
    CHECK_EQ(bide_select(BIDE_ON_EVENT(&event)), BIDE_EPERM);
    CHECK_EQ(bide_select(BIDE_ON_PERMIT(&gate, &permit)), BIDE_EPERM);
    CHECK_EQ(bide_select(BIDE_ON_LOCK(&lock, &permit)), BIDE_EPERM);
    elsewhere_end();
}
