/* bide_wait: for all of them, the first, or the first failure; nothing is cancelled. */
#include "test.h"
#include <bide.h>
#include <math.h>

static int sleep_for(void *arg) { return bide_sleep(*(double *)arg); }
static int fail_after(void *arg)
{
    int rc = bide_sleep(*(double *)arg);
    return rc < 0 ? rc : bide_fail(BIDE_EINVAL, "on purpose");
}

static double one = 1, two = 2, three = 3;

TASK_TEST(all_done_waits_for_the_last)
{
    bide_task *t[3];
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &three, .handle = &t[0]);
    bide_spawn(g, sleep_for, &one, .handle = &t[1]);
    bide_spawn(g, sleep_for, &two, .handle = &t[2]);
    double before = bide_now();
    CHECK_EQ(bide_wait(t, 3, BIDE_ALL_DONE, BIDE_FOREVER), 3);
    CHECK_NEAR(bide_now() - before, 3, 1e-6);
    CHECK_EQ(bide_wait(t, 3, BIDE_FIRST_FAILED, 0), 3);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(first_done_leaves_the_others_running)
{
    bide_task *t[3];
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &three, .handle = &t[0]);
    bide_spawn(g, sleep_for, &one, .handle = &t[1]);
    bide_spawn(g, sleep_for, &two, .handle = &t[2]);
    CHECK_EQ(bide_wait(t, 3, BIDE_FIRST_DONE, BIDE_FOREVER), 1);
    CHECK(bide_task_done(t[1]) && !bide_task_done(t[0]) && !bide_task_done(t[2]));
    CHECK_EQ(bide_wait(t, 3, BIDE_FIRST_DONE, BIDE_FOREVER), 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(first_failed_passes_over_successes)
{
    bide_task *t[3];
    BIDE_KEEP_GOING(g);
    bide_spawn(g, sleep_for, &one, .handle = &t[0]);
    bide_spawn(g, fail_after, &two, .handle = &t[1]);
    bide_spawn(g, sleep_for, &three, .handle = &t[2]);
    double before = bide_now();
    CHECK_EQ(bide_wait(t, 3, BIDE_FIRST_FAILED, BIDE_FOREVER), 2);
    CHECK_NEAR(bide_now() - before, 2, 1e-6);
    CHECK_EQ(bide_task_result(t[1]), BIDE_EINVAL);
    CHECK(!bide_task_done(t[2]));
    CHECK_EQ(bide_group_wait(g), BIDE_EINVAL);
}

TASK_TEST(time_running_out_is_no_error_and_cancels_nothing)
{
    bide_task *t[2];
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &one, .handle = &t[0]);
    bide_spawn(g, sleep_for, &three, .handle = &t[1]);
    CHECK_EQ(bide_wait(t, 2, BIDE_ALL_DONE, 0), 0);
    CHECK_EQ(bide_wait(t, 2, BIDE_ALL_DONE, 1.5), 1);
    CHECK(!bide_task_done(t[1]));
    CHECK_EQ(bide_wait(t, 2, BIDE_ALL_DONE, 10), 2);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(many_tasks_are_waited_for)
{
    enum { MANY = 1000 };
    static bide_task *t[MANY];
    static double delays[MANY];
    BIDE_GROUP(g);
    for (int i = 0; i < MANY; i++) {
        delays[i] = 1 + i % 10;
        bide_spawn(g, sleep_for, &delays[i], .handle = &t[i]);
    }
    CHECK_EQ(bide_wait(t, MANY, BIDE_FIRST_FAILED, 4.5), 400);
    CHECK_EQ(bide_wait(t, MANY, BIDE_ALL_DONE, BIDE_FOREVER), MANY);
    CHECK_EQ(bide_group_wait(g), 0);
}

struct waiter { bide_task **tasks; int rc; };
static int wait_for_two(void *arg)
{
    struct waiter *w = arg;
    return w->rc = bide_wait(w->tasks, 2, BIDE_ALL_DONE, BIDE_FOREVER);
}

TASK_TEST(cancelling_who_waits_touches_no_task)
{
    bide_task *t[2], *waiting;
    struct waiter w = { .tasks = t };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, sleep_for, &one, .handle = &t[0]);
    bide_spawn(g, sleep_for, &three, .handle = &t[1]);
    bide_spawn(g, wait_for_two, &w, .handle = &waiting);
    CHECK_EQ(bide_sleep(2), 0);
    bide_cancel(waiting);
    CHECK_EQ(bide_join(waiting), 0);
    CHECK_EQ(w.rc, BIDE_ECANCELED);
    CHECK(bide_task_done(t[0]) && !bide_task_done(t[1]));
    bide_ignore(bide_group_wait(g));
    CHECK_EQ(bide_task_result(t[1]), 0);
}

TASK_TEST(cancelled_before_it_does_not_look)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_wait(NULL, 0, BIDE_ALL_DONE, 1), BIDE_ECANCELED);
}

TASK_TEST(no_tasks_and_tasks_that_could_not_start_have_ended)
{
    bide_task *none[2] = { NULL, NULL };
    CHECK_EQ(bide_wait(NULL, 0, BIDE_FIRST_DONE, BIDE_FOREVER), 0);
    CHECK_EQ(bide_wait(none, 2, BIDE_ALL_DONE, BIDE_FOREVER), 2);
}

TASK_TEST(misuse_is_told)
{
    bide_task *t[2];
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &one, .handle = &t[0]);
    t[1] = bide_task_current();
    CHECK_EQ(bide_wait(t, 2, BIDE_ALL_DONE, BIDE_FOREVER), BIDE_EDEADLK);
    CHECK_HAS(bide_errmsg(), "waits for itself");
    CHECK_EQ(bide_wait(t, 1, BIDE_ALL_DONE, (double)NAN), BIDE_EINVAL);
    CHECK_EQ(bide_wait(t, 1, (enum bide_wait_for)9, 1), BIDE_EINVAL);
    CHECK_EQ(bide_group_wait(g), 0);
}


static int counts_steps(void *steps)
{
    while (bide_yield() == 0)
        ++*(int *)steps;
    return 0;
}

static int ends_at_once(void *unused) { (void)unused; return 0; }

/* Waits in one of three ways for a task whose group another task leaves. */
struct watcher { bide_task *task; int how; bool over; };

static int uses_up_its_budget_and_waits(void *arg)
{
    struct watcher *w = arg;
    bide_event set = { .set_ = 1 };
    for (int i = 0; i < 127; i++)
        CHECK_EQ(bide_event_wait(&set), 0);
    if (w->how == 0)
        CHECK_EQ(bide_join(w->task), 0);
    else if (w->how == 1)
        CHECK_EQ(bide_wait(&w->task, 1, BIDE_ALL_DONE, BIDE_FOREVER), 1);
    else
        CHECK_EQ(bide_select(BIDE_ON_TASK(w->task)), 0);
    w->over = true;
    return 0;
}

static void leave_a_group_while_one_waits(bide_group *outer, struct watcher *w)
{
    BIDE_GROUP(g);
    bide_spawn(outer, uses_up_its_budget_and_waits, w);
    bide_spawn(g, ends_at_once, NULL, .handle = &w->task);
    CHECK_EQ(bide_yield(), 0);
    CHECK(bide_task_done(w->task));
}

TASK_TEST(a_task_whose_group_is_left_while_its_waiter_yields_is_not_confused_with_the_next)
{
    for (int how = 0; how < 3; how++) {
        struct watcher w = { .how = how };
        double before = bide_now();
        BIDE_GROUP(outer);
        leave_a_group_while_one_waits(outer, &w);
        BIDE_GROUP(g);
        for (int i = 0; i < 3; i++)             /* on the same stack */
            bide_spawn(g, sleep_for, &three);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_yield(), 0);
        CHECK(w.over);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(bide_group_wait(outer), 0);
        CHECK_NEAR(bide_now() - before, 3, 1e-6);
    }
}

TASK_TEST(waits_that_need_not_wait_yield_now_and_then)
{
    int steps = 0;
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, sleep_for, &one, .handle = &t);
    CHECK_EQ(bide_join(t), 0);
    bide_spawn(g, counts_steps, &steps);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_wait(&t, 1, BIDE_ALL_DONE, BIDE_FOREVER), 1);
    CHECK(steps >= 5 && steps < 20);
    bide_group_cancel(g);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_wait(&t, 1, BIDE_ALL_DONE, BIDE_FOREVER), BIDE_ECANCELED);
}

TEST(waiting_outside_of_a_task_is_refused)
{
    CHECK_EQ(bide_wait(NULL, 0, BIDE_ALL_DONE, 0), BIDE_EPERM);
}
