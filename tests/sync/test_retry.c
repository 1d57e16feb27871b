/* tests/sync/test_retry.c -- once more, a little later; delays are exact on the jumping clock. */
#include "test.h"

#include <bide/group.h>
#include <bide/retry.h>
#include <bide/scope.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NOTES = 32 };
static double began[NOTES];     /* when each try began, from the first */
static int tries, works_at;     /* works_at: the try that succeeds; 0: none */
static char told[256];

static int tries_once(void *arg)
{
    (void)arg;
    static double start;
    if (tries == 0)
        start = bide_now();
    CHECK(tries < NOTES);
    began[tries++] = bide_now() - start;
    if (tries == works_at)
        return 7;
    return bide_fail(-ECONNREFUSED, "try %d: refused", tries);
}

TASK_TEST(what_works_at_once_is_not_tried_again)
{
    works_at = 1;
    CHECK_EQ(bide_retry(tries_once, NULL), 7);
    CHECK_EQ(tries, 1);
}

TASK_TEST(delays_double_and_are_exact_without_jitter)
{
    works_at = 5;
    CHECK_EQ(bide_retry(tries_once, NULL, .attempts = 5, .base = 1, .jitter = BIDE_NO_JITTER), 7);
    CHECK_EQ(tries, 5);
    static const double expected[] = { 0, 1, 3, 7, 15 };
    for (int i = 0; i < 5; i++)
        CHECK_NEAR(began[i], expected[i], 1e-6);
}

TASK_TEST(there_are_three_attempts_unless_told_otherwise_and_the_last_failure_is_the_result)
{
    double start = bide_now();
    CHECK_EQ(bide_retry(tries_once, NULL, .jitter = BIDE_NO_JITTER), -ECONNREFUSED);
    CHECK_EQ(tries, 3);
    CHECK_STR(bide_errmsg(), "after 3 attempts: try 3: refused");
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_NEAR(bide_now() - start, 0.3, 1e-6);  /* 0.1 + 0.2, and none after the last */
}

TASK_TEST(a_single_attempt_fails_with_its_own_sentence)
{
    CHECK_EQ(bide_retry(tries_once, NULL, .attempts = 1), -ECONNREFUSED);
    CHECK_STR(bide_errmsg(), "try 1: refused");
}

TASK_TEST(delays_grow_by_the_factor_up_to_the_cap)
{
    works_at = 5;
    CHECK_EQ(bide_retry(tries_once, NULL, .attempts = 5, .base = 1, .factor = 3, .cap = 4,
                        .jitter = BIDE_NO_JITTER), 7);
    static const double expected[] = { 0, 1, 4, 8, 12 };
    for (int i = 0; i < 5; i++)
        CHECK_NEAR(began[i], expected[i], 1e-6);
}

TASK_TEST(full_jitter_draws_from_nothing_up_to_the_whole_delay)
{
    double least = 1, most = 0;
    for (int i = 0; i < 200; i++) {
        double start = bide_now();
        tries = 0;
        works_at = 2;
        CHECK_EQ(bide_retry(tries_once, NULL, .base = 1), 7);
        double delay = bide_now() - start;
        least = fmin(least, delay);
        most = fmax(most, delay);
    }
    CHECK(least >= 0 && least < 0.1);
    CHECK(most <= 1.000001 && most > 0.9);
}

TASK_TEST(a_little_jitter_keeps_the_better_part_of_the_delay)
{
    for (int i = 0; i < 100; i++) {
        double start = bide_now();
        tries = 0;
        works_at = 2;
        CHECK_EQ(bide_retry(tries_once, NULL, .base = 1, .jitter = 0.25), 7);
        CHECK(bide_now() - start >= 0.75 && bide_now() - start <= 1.000001);
    }
}

static double drawn[2][8];

static int draws(void *arg)
{
    works_at = 9;
    int rc = bide_retry(tries_once, NULL, .attempts = 9, .base = 1);
    memcpy(arg, began + 1, sizeof drawn[0]);
    return rc < 0 ? rc : 0;
}

TEST(a_shuffled_loop_draws_the_same_again_from_the_same_seed)
{
    for (int i = 0; i < 2; i++) {
        tries = 0;
        CHECK_EQ(bide_run(draws, drawn[i], .jumping_clock = true, .shuffle_seed = 5), 0);
    }
    for (int i = 0; i < 8; i++)
        CHECK_NEAR(drawn[0][i], drawn[1][i], 1e-9);
}

static bool refused_twice(const struct bide_error *why, void *arg)
{
    CHECK_PTR(arg, told);
    CHECK_HAS(why->text, "refused");
    bide_fail(-EIO, "who is asked fails, to no avail");
    return tries < 2;
}

TASK_TEST(who_says_no_ends_it)
{
    CHECK_EQ(bide_retry(tries_once, told, .attempts = 9, .again = refused_twice), -ECONNREFUSED);
    CHECK_EQ(tries, 2);
    CHECK_STR(bide_errmsg(), "after 2 attempts: try 2: refused");
}

static void tells(const struct bide_error *why, size_t attempt, double delay, void *arg)
{
    size_t size = strlen(arg);
    snprintf((char *)arg + size, sizeof told - size, "%zu %s %g;", attempt, why->text, delay);
    bide_fail(-EIO, "the hook fails, to no avail");
}

TASK_TEST(the_hook_is_told_before_each_delay)
{
    double start = bide_now();
    CHECK_EQ(bide_retry(tries_once, told, .base = 1, .jitter = BIDE_NO_JITTER,
                        .retrying = tells), -ECONNREFUSED);
    CHECK_STR(told, "1 try 1: refused 1;2 try 2: refused 2;");
    CHECK_STR(bide_errmsg(), "after 3 attempts: try 3: refused");
    CHECK_NEAR(bide_now() - start, 3, 1e-6);
}

TASK_TEST(where_the_next_try_would_come_too_late_there_is_none)
{
    double start = bide_now();
    CHECK_EQ(bide_retry(tries_once, NULL, .attempts = 9, .base = 1, .total = 5,
                        .jitter = BIDE_NO_JITTER), -ECONNREFUSED);
    CHECK_EQ(tries, 3);                         /* at 0, 1 and 3; the next would be at 7 */
    CHECK_NEAR(bide_now() - start, 3, 1e-6);
    CHECK_STR(bide_errmsg(),
              "gave up after 3 attempts, the next would begin after 5 s: try 3: refused");
}

static int hangs_at_the_second(void *arg)
{
    int rc = tries_once(arg);
    if (tries < 2)
        return rc;
    return bide_sleep(1000);
}

TASK_TEST(the_total_ends_a_try_that_hangs)
{
    double start = bide_now();
    CHECK_EQ(bide_retry(hangs_at_the_second, NULL, .base = 1, .total = 5,
                        .jitter = BIDE_NO_JITTER), BIDE_ETIMEDOUT);
    CHECK_EQ(tries, 2);
    CHECK_NEAR(bide_now() - start, 5, 1e-6);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "timed out after 5 s in attempt 2; the one before: try 1: refused");
}

TASK_TEST(the_first_try_may_be_the_one_that_hangs)
{
    tries = 1;
    CHECK_EQ(bide_retry(hangs_at_the_second, NULL, .total = 2), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "timed out after 2 s in the first attempt");
}

static int sleeps_long(void *unused)
{
    (void)unused;
    tries++;
    return bide_sleep(1000);
}

TASK_TEST(cancelled_during_a_try_it_is_not_tried_again)
{
    BIDE_TIMEOUT(t, 3);
    int rc = bide_retry(sleeps_long, NULL, .total = 100);
    CHECK_EQ(rc, BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(t, rc), BIDE_ETIMEDOUT);
    CHECK_EQ(tries, 1);
}

static int fails_though_cancelled(void *unused)
{
    (void)unused;
    tries++;
    if (bide_sleep(1000) < 0)
        return bide_fail(-EIO, "wrapped");
    return 0;
}

TASK_TEST(cancelled_during_a_try_that_wraps_it_no_delay_begins)
{
    BIDE_TIMEOUT(t, 3);
    CHECK_EQ(bide_retry(fails_though_cancelled, told, .retrying = tells), BIDE_ECANCELED);
    CHECK_EQ(tries, 1);
    CHECK_STR(told, "");
}

TASK_TEST(cancelled_during_a_delay_it_ends_at_once)
{
    double start = bide_now();
    BIDE_TIMEOUT(t, 3);
    int rc = bide_retry(tries_once, NULL, .base = 100, .jitter = BIDE_NO_JITTER);
    CHECK_EQ(rc, BIDE_ECANCELED);
    CHECK_EQ(tries, 1);
    CHECK_NEAR(bide_now() - start, 3, 1e-6);
}

TASK_TEST(cancelled_before_nothing_is_tried)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_retry(tries_once, NULL), BIDE_ECANCELED);
    CHECK_EQ(tries, 0);
}

static int forgets_its_timeout(void *unused)
{
    (void)unused;
    tries++;
    BIDE_TIMEOUT(t, 1);
    return bide_sleep(10);
}

TASK_TEST(a_code_of_cancellation_is_never_retried_even_if_nobody_cancelled)
{
    CHECK_EQ(bide_retry(forgets_its_timeout, NULL), BIDE_ECANCELED);
    CHECK_EQ(tries, 1);
}

static int says_nothing(void *unused)
{
    (void)unused;
    tries++;
    return -ENOENT;
}

TASK_TEST(a_failure_without_a_sentence_gets_the_codes_words)
{
    bide_fail(-EIO, "something older");
    CHECK_EQ(bide_retry(says_nothing, NULL, .attempts = 2), -ENOENT);
    CHECK_STR(bide_errmsg(), "after 2 attempts: No such file or directory");
}

TASK_TEST(without_limit_it_goes_on_until_it_works)
{
    works_at = 30;
    CHECK_EQ(bide_retry(tries_once, NULL, .attempts = BIDE_UNLIMITED, .cap = 1), 7);
    CHECK_EQ(tries, 30);
}

TASK_TEST(numbers_below_zero_and_nan_are_refused)
{
    CHECK_EQ(bide_retry(tries_once, NULL, .base = -1), BIDE_EINVAL);
    CHECK_EQ(bide_retry(tries_once, NULL, .total = (double)NAN), BIDE_EINVAL);
    CHECK_EQ(bide_retry(tries_once, NULL, .factor = -2), BIDE_EINVAL);
    CHECK_EQ(bide_retry(tries_once, NULL, .jitter = (double)NAN), BIDE_EINVAL);
    CHECK_EQ(bide_retry(tries_once, NULL, .cap = -1), BIDE_EINVAL);
    CHECK_EQ(tries, 0);
}

TEST(outside_of_tasks_it_is_refused)
{
    CHECK_EQ(bide_retry(tries_once, NULL), BIDE_EPERM);
    CHECK_EQ(tries, 0);
}
