/* tests/core/test_task.c -- tasks: spawning, order, budget, arguments, handles, joining. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <stdio.h>
#include <string.h>

#define TEXT(literal) __extension__({ static char text_[] = literal; text_; })

static char order[4096];
static int ended, drops;

static void note(const char *word)
{
    strncat(strncat(order, word, 20), " ", 2);
}

static int says(void *word)
{
    note(word);
    return 0;
}

static void count_drop(void *arg)
{
    (void)arg;
    drops++;
}

TASK_TEST(spawning_never_switches_and_tasks_start_in_order)
{
    BIDE_GROUP(g);
    bide_spawn(g, says, TEXT("a"));
    bide_spawn(g, says, TEXT("b"));
    note("main");
    bide_spawn(g, says, TEXT("c"));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "main a b c ");
}

static int says_later(void *word)
{
    int rc = bide_sleep(0.010);
    note(word);
    return rc;
}

static int says_when_timed_out(void *word)
{
    BIDE_TIMEOUT(t, 0.010);
    bide_ignore(bide_sleep(1));
    note(word);
    return 0;
}

TASK_TEST(sleepers_that_are_due_go_before_ready_tasks)
{
    BIDE_GROUP(g);
    bide_spawn(g, says_when_timed_out, TEXT("timed-out"));
    bide_spawn(g, says_later, TEXT("slept"));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "slept timed-out ");
}

/* The budget. */

static bide_event always = { .set_ = 1 };
static int turns;

static int waits_without_end(void *unused)
{
    (void)unused;
    while (!ended) {
        int rc = bide_event_wait(&always);
        if (rc < 0)
            return rc;
        turns++;
    }
    return 0;
}

static int ends_it(void *unused)
{
    (void)unused;
    ended = 1;
    return 0;
}

TASK_TEST(instant_successes_yield_now_and_then)
{
    BIDE_GROUP(g);
    bide_spawn(g, waits_without_end, NULL);
    bide_spawn(g, ends_it, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(turns >= 100 && turns <= 128);
}

static int two_rounds(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_event_wait(&always), 0);
    return 0;
}

static int counts_turns(void *unused)
{
    (void)unused;
    while (!ended) {
        turns++;
        CHECK_EQ(bide_yield(), 0);
    }
    return 0;
}

TASK_TEST(the_budget_is_renewed_after_each_yield)
{
    BIDE_GROUP(g);
    bide_task *task;
    bide_spawn(g, two_rounds, NULL, .handle = &task);
    bide_spawn(g, counts_turns, NULL);
    CHECK_EQ(bide_join(task), 0);
    ended = 1;
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(turns >= 7 && turns <= 10);   /* one for each 128, not for each */
}

/* Arguments. */

struct job { int id; char text[300]; };

static int reads_copy(void *arg)
{
    struct job *job = arg;
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(strlen(job->text), 299);
    turns += job->id;
    memset(job, 0, sizeof *job);        /* it is the task's own */
    return 0;
}

TASK_TEST(each_task_has_its_own_copy_of_its_argument)
{
    BIDE_GROUP(g);
    for (int i = 1; i <= 4; i++) {
        struct job job = { .id = i };
        memset(job.text, 'x', sizeof job.text - 1);
        bide_spawn(g, reads_copy, &job, .copy = sizeof job, .drop = count_drop);
        memset(&job, 0, sizeof job);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(turns, 10);
    CHECK_EQ(drops, 4);
}

struct small { int a, b; };

static int adds(void *arg)
{
    const struct small *small = arg;
    return small->a + small->b;
}

TASK_TEST(spawn_with_names_the_fields_of_the_argument)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, adds, struct small, .a = 1, .b = 2);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_task *task;
    bide_spawn(g, adds, (&(struct small){ 3, 4 }), .copy = sizeof(struct small),
               .handle = &task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 7);
    CHECK_EQ(((struct small *)bide_task_arg(task))->b, 4);
}

TASK_TEST(a_copy_has_a_limit)
{
    static char big[1025];
    BIDE_KEEP_GOING(g);
    CHECK_EQ(bide_spawn(g, says, big, .copy = 1024), 0);
    bide_task *task = bide_task_current();
    CHECK_EQ(bide_spawn(g, says, big, .copy = 1025, .drop = count_drop, .handle = &task),
             BIDE_EINVAL);
    CHECK_PTR(task, NULL);
    CHECK_EQ(drops, 1);
    CHECK_EQ(bide_join(task), BIDE_EINVAL);
    CHECK_EQ(bide_group_wait(g), BIDE_EINVAL);
}

static int drop_comes_after(void *unused)
{
    (void)unused;
    CHECK_EQ(drops, 0);
    return 0;
}

TASK_TEST(the_argument_is_dropped_when_the_task_has_ended)
{
    BIDE_GROUP(g);
    bide_spawn(g, drop_comes_after, &drops, .drop = count_drop);
    CHECK_EQ(drops, 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(drops, 1);
}

static void fail_to_drop(void *unused)
{
    (void)unused;
    bide_fail(-7, "in drop");
}

static int fails_before(void *unused)
{
    (void)unused;
    return bide_fail(-5, "the reason");
}

TASK_TEST(what_goes_wrong_in_dropping_is_not_the_reason)
{
    BIDE_GROUP(g);
    bide_spawn(g, fails_before, NULL, .drop = fail_to_drop);
    CHECK_EQ(bide_group_wait(g), -5);
    CHECK_STR(bide_errmsg(), "the reason");
    char large[1025];
    CHECK_EQ(bide_spawn(g, fails_before, large, .copy = sizeof large, .drop = fail_to_drop),
             BIDE_EINVAL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "1025 bytes");
    CHECK_EQ(bide_group_wait(g), BIDE_EINVAL);
}

TASK_TEST(the_argument_of_a_cancelled_task_is_dropped_too)
{
    {
        BIDE_GROUP(g);
        bide_spawn(g, says_later, TEXT("never"), .drop = count_drop);
        bide_group_cancel(g);
        bide_spawn(g, says_later, TEXT("never"), .drop = count_drop);
    }
    CHECK_EQ(drops, 2);
}

/* Handles. */

static int fails(void *code)
{
    return bide_fail(*(int *)code, "failed with %d", *(int *)code);
}

TASK_TEST(a_handle_stays_readable_until_the_group_is_left)
{
    int code = -5;
    bide_task *good, *bad, *runs;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, adds, (&(struct small){ 1, 1 }), .copy = sizeof(struct small), .handle = &good);
    bide_spawn(g, fails, &code, .handle = &bad, .name = "bad one");
    bide_spawn(g, says_later, TEXT("x"), .handle = &runs);
    CHECK_EQ(bide_task_result(good), BIDE_EAGAIN);
    CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 0; i < 50; i++)                /* their stacks are not given away */
        bide_spawn(g, says, TEXT(""));
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(bide_task_done(good) && bide_task_done(bad) && !bide_task_done(runs));
    CHECK_EQ(bide_task_result(good), 2);
    CHECK_EQ(bide_task_error(good)->code, 0);
    CHECK_STR(bide_task_error(good)->text, "");
    CHECK_EQ(bide_task_result(bad), -5);
    CHECK_EQ(bide_task_error(bad)->code, -5);
    CHECK_STR(bide_task_error(bad)->text, "failed with -5");
    CHECK_STR(bide_task_name(bad), "bad one");
    CHECK_STR(bide_task_name(good), "adds");
    CHECK_EQ(bide_task_result(runs), BIDE_EAGAIN);
    CHECK_EQ(bide_group_wait(g), -5);
    CHECK_EQ(bide_task_result(runs), 0);
}

static int returns_without_a_sentence(void *unused)
{
    (void)unused;
    bide_fail(-8, "an older failure");
    return -ENOENT;
}

TASK_TEST(a_code_without_its_sentence_gets_the_codes_own)
{
    BIDE_GROUP(g);
    bide_task *task;
    bide_spawn(g, returns_without_a_sentence, NULL, .handle = &task);
    CHECK_EQ(bide_group_wait(g), -ENOENT);
    CHECK_STR(bide_task_error(task)->text, "No such file or directory");
}

static int knows_itself(void *place)
{
    *(bide_task **)place = bide_task_current();
    return bide_yield();
}

TASK_TEST(the_running_task_can_be_asked_for)
{
    bide_task *seen = NULL, *handle;
    CHECK(bide_task_current());
    BIDE_GROUP(g);
    bide_spawn(g, knows_itself, &seen, .handle = &handle);
    CHECK_EQ(bide_yield(), 0);
    CHECK_PTR(seen, handle);
    CHECK(seen != bide_task_current());
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Joining. */

TASK_TEST(joining_waits_for_the_end)
{
    double start = bide_now();
    BIDE_GROUP(g);
    bide_task *task;
    bide_spawn(g, says_later, TEXT("x"), .handle = &task);
    CHECK_EQ(bide_join(task), 0);
    CHECK(bide_task_done(task));
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK_EQ(bide_join(task), 0);               /* again: at once */
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
}

static int joins(void *task)
{
    int rc = bide_join(task);
    ended++;
    return rc;
}

static int tells_who_it_is(void *place)
{
    *(bide_task **)place = bide_task_current();
    return bide_sleep(0.005);
}

TASK_TEST(a_task_without_a_handle_can_be_joined_while_it_runs)
{
    bide_task *task = NULL;
    BIDE_GROUP(g);
    bide_spawn(g, tells_who_it_is, &task);
    CHECK_EQ(bide_yield(), 0);
    BIDE_GROUP(joiners);
    for (int i = 0; i < 3; i++)
        bide_spawn(joiners, joins, task);
    CHECK_EQ(bide_group_wait(joiners), 0);
    CHECK_EQ(ended, 3);
    CHECK_EQ(bide_group_count(g), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(many_may_join_one)
{
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, says_later, TEXT("x"), .handle = &task);
    for (int i = 0; i < 10; i++)
        bide_spawn(g, joins, task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(ended, 10);
}

TASK_TEST(joining_a_failed_task_succeeds)
{
    int code = -5;
    bide_task *task;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, fails, &code, .handle = &task);
    CHECK_EQ(bide_join(task), 0);
    CHECK_EQ(bide_task_result(task), -5);
    CHECK_EQ(bide_group_wait(g), -5);
}

TASK_TEST(a_joiner_can_be_cancelled_and_the_task_goes_on)
{
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, says_later, TEXT("x"), .handle = &task);
    CHECK_EQ(bide_timeout(0.005, joins, task), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_timeout(0, joins, task), BIDE_ETIMEDOUT);
    CHECK(!bide_task_done(task));
    CHECK_EQ(bide_join(task), 0);
}

TASK_TEST(joining_nobody_gives_the_held_error)
{
    bide_fail(BIDE_ENOMEM, "could not start");
    CHECK_EQ(bide_join(NULL), BIDE_ENOMEM);
    CHECK(bide_task_done(NULL));
    bide_cancel(NULL);
}

TASK_TEST(joining_oneself_is_refused)
{
    CHECK_EQ(bide_join(bide_task_current()), BIDE_EDEADLK);
}

/* Cancelling. */

TASK_TEST(cancelling_ends_one_task_alone)
{
    bide_task *victim, *other;
    BIDE_GROUP(g);
    bide_spawn(g, says_later, TEXT("victim"), .handle = &victim);
    bide_spawn(g, says_later, TEXT("other"), .handle = &other);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(victim);
    CHECK(!bide_task_done(victim));             /* it is told, it has not run yet */
    CHECK_EQ(bide_group_wait(g), 0);            /* being cancelled is not failing */
    CHECK_EQ(bide_task_result(victim), BIDE_ECANCELED);
    CHECK_EQ(bide_task_result(other), 0);
    bide_cancel(victim);                        /* ended: nothing */
}

TASK_TEST(a_task_cancelled_before_it_ran_starts_and_finds_out)
{
    bide_task *victim;
    BIDE_GROUP(g);
    bide_spawn(g, says_later, TEXT("victim"), .handle = &victim);
    bide_cancel(victim);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "victim ");
    CHECK_EQ(bide_task_result(victim), BIDE_ECANCELED);
}

static int swallows(void *unused)
{
    (void)unused;
    for (int i = 0; i < 300; i++)
        CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    return 6;
}

TASK_TEST(a_cancelled_task_may_still_succeed)
{
    bide_task *task;
    BIDE_GROUP(g);
    bide_spawn(g, swallows, NULL, .handle = &task);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(task), 6);
}

TASK_TEST(a_task_may_cancel_itself)
{
    bide_cancel(bide_task_current());
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    BIDE_SHIELD(s, 1);
    CHECK_EQ(bide_sleep(0.001), 0);
}

/* Many. */

TASK_TEST(thousands_of_tasks_run_at_once)
{
    enum { MANY = 20000 };
    int count = test_is_slow() ? 2000 : MANY;
    BIDE_GROUP(g);
    for (int i = 0; i < count; i++)
        bide_spawn(g, joins, bide_task_current(), .drop = count_drop);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_group_count(g), count);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(ended, count);
    CHECK_EQ(drops, count);
}

TASK_TEST(tasks_one_after_another_cost_no_more_than_one)
{
    bide_task *first = NULL;
    for (int i = 0; i < 5000; i++) {
        BIDE_GROUP(g);
        bide_task *seen, *handle;
        if (i % 2)
            bide_spawn(g, knows_itself, &seen);
        else
            bide_spawn(g, knows_itself, &seen, .handle = &handle);
        CHECK_EQ(bide_group_wait(g), 0);
        first = first ? first : seen;
        CHECK_PTR(seen, first);         /* the same stack each time */
    }
}
