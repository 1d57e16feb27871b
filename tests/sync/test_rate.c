/* tests/sync/test_rate.c -- so much per second, exactly, and in line. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/rate.h>
#include <bide/scope.h>
#include <string.h>

static bide_rate ten = BIDE_RATE(10, 3);
static char order[64];

static void takes_at(bide_rate *r, double tokens, double start, double seconds)
{
    CHECK_EQ(bide_rate_take(r, tokens), 0);
    CHECK_NEAR(bide_now() - start, seconds, 1.5e-9);
}

TASK_TEST(a_burst_is_let_through_and_then_it_goes_at_the_rate)
{
    double start = bide_now();
    for (int i = 0; i < 3; i++)
        takes_at(&ten, 1, start, 0);
    for (int i = 1; i < 50; i++)
        takes_at(&ten, 1, start, i * 0.1);
}

TASK_TEST(tokens_come_back_up_to_the_burst)
{
    double start = bide_now();
    CHECK_NEAR(bide_rate_free(&ten), 3, 1e-9);
    takes_at(&ten, 3, start, 0);
    CHECK_NEAR(bide_rate_free(&ten), 0, 1e-9);
    CHECK_EQ(bide_sleep(0.15), 0);
    CHECK_NEAR(bide_rate_free(&ten), 1.5, 1e-9);
    takes_at(&ten, 1, start, 0.15);
    CHECK_NEAR(bide_rate_free(&ten), 0.5, 1e-9);
    takes_at(&ten, 1.5, start, 0.25);
    CHECK_EQ(bide_sleep(100), 0);
    CHECK_NEAR(bide_rate_free(&ten), 3, 1e-9);
    start = bide_now();
    takes_at(&ten, 3, start, 0);
    takes_at(&ten, 1, start, 0.1);
}

TASK_TEST(a_third_of_a_second_adds_up_to_seconds)
{
    bide_rate three = BIDE_RATE(3, 1);
    double start = bide_now();
    for (int i = 0; i <= 3000; i++)
        takes_at(&three, 1, start, i / 3.0);
    bide_rate many = BIDE_RATE(7e6, 1);
    start = bide_now();
    for (int i = 0; i <= 7000; i++)
        takes_at(&many, 1, start, i / 7e6);
}

TASK_TEST(without_a_limit_nobody_waits)
{
    bide_rate all = BIDE_RATE(BIDE_FOREVER, BIDE_FOREVER), fast = BIDE_RATE(BIDE_FOREVER, 10);
    double start = bide_now();
    for (int i = 0; i < 1000; i++) {
        takes_at(&all, 1e9, start, 0);
        takes_at(&fast, 10, start, 0);
    }
}

TASK_TEST(what_hardly_flows_takes_as_long_as_it_takes)
{
    bide_rate slow = BIDE_RATE(1e-15, 1);
    CHECK_EQ(bide_rate_take(&slow, 1), 0);
    BIDE_TIMEOUT(t, 1e6);
    CHECK_EQ(bide_rate_take(&slow, 1), BIDE_ECANCELED);
    CHECK_EQ(bide_rate_take_nowait(&slow, 1), BIDE_EAGAIN);
}

/* In line. */

struct taker { const char *name; double tokens, at; int rc; };

static int takes(void *arg)
{
    struct taker *t = arg;
    t->rc = bide_rate_take(&ten, t->tokens);
    strcat(order, t->rc == 0 ? t->name : "-");
    t->at = bide_now();
    return t->rc;
}

static struct taker a = { "a", 3, 0, 1 }, b = { "b", 0.1, 0, 1 }, c = { "c", 1, 0, 1 };

static void spawn_takers(bide_group *g, bide_task *tasks[3])
{
    CHECK_EQ(bide_rate_take(&ten, 3), 0);
    bide_spawn(g, takes, &a, .handle = &tasks[0]);
    bide_spawn(g, takes, &b, .handle = &tasks[1]);
    bide_spawn(g, takes, &c, .handle = &tasks[2]);
    CHECK_EQ(bide_yield(), 0);
}

TASK_TEST(who_wants_little_does_not_overtake_who_wants_much)
{
    bide_task *tasks[3];
    double start = bide_now();
    BIDE_GROUP(g);
    spawn_takers(g, tasks);
    CHECK_EQ(bide_sleep(0.2), 0);
    CHECK_EQ(bide_rate_take_nowait(&ten, 1), BIDE_EAGAIN);      /* two are there, but not for us */
    CHECK_HAS(bide_errmsg(), "other tasks wait");
    struct taker late = { "d", 1, 0, 1 };
    bide_spawn(g, takes, &late);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abcd");
    CHECK_NEAR(a.at - start, 0.3, 1.5e-9);
    CHECK_NEAR(b.at - start, 0.31, 1.5e-9);
    CHECK_NEAR(c.at - start, 0.41, 1.5e-9);
}

TASK_TEST(without_waiting_it_says_when)
{
    CHECK_EQ(bide_rate_take_nowait(&ten, 3), 0);
    CHECK_EQ(bide_rate_take_nowait(&ten, 1), BIDE_EAGAIN);
    CHECK_STR(bide_errmsg(), "rate: 1 tokens will be there in 0.1 s");
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_EQ(bide_rate_take_nowait(&ten, 1), 0);
    CHECK_EQ(bide_rate_take_nowait(&ten, 0), 0);
}

static int hundred(void *unused)
{
    (void)unused;
    struct taker takers[100];
    static bide_rate r;
    r = (bide_rate)BIDE_RATE(10, 3);
    ten = r;
    double start = bide_now();
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++) {
        takers[i] = (struct taker){ "", 1, 0, 1 };
        bide_spawn(g, takes, &takers[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_NEAR(bide_now() - start, 9.7, 1e-7);
    return 0;
}

TEST(a_hundred_tasks_take_as_long_as_the_rate_says_however_shuffled)
{
    struct bide_run_opts opts = { .abi_ = sizeof opts, .jumping_clock = true };
    for (opts.shuffle_seed = 0; opts.shuffle_seed < 5; opts.shuffle_seed++)
        CHECK_EQ(bide_run_opts(hundred, &opts), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_taken)
{
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_rate_take(&ten, 1), BIDE_ECANCELED);
    }
    CHECK_NEAR(bide_rate_free(&ten), 3, 1e-9);
}

TASK_TEST(cancelled_while_first_its_place_goes_to_the_next)
{
    bide_task *tasks[3];
    double start = bide_now();
    BIDE_GROUP(g);
    spawn_takers(g, tasks);
    CHECK_EQ(bide_sleep(0.05), 0);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-bc");
    CHECK_NEAR(b.at - start, 0.05, 1.5e-9);     /* its tenth of a token is long there */
    CHECK_NEAR(c.at - start, 0.11, 1.5e-9);
    CHECK_PTR(ten.first_, NULL);
}

TASK_TEST(cancelled_in_line_one_leaves_it)
{
    bide_task *tasks[3];
    double start = bide_now();
    BIDE_GROUP(g);
    spawn_takers(g, tasks);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "-ac");
    CHECK_NEAR(c.at - start, 0.4, 1.5e-9);
}

TASK_TEST(made_the_first_and_then_cancelled_it_passes_that_on)
{
    bide_task *tasks[3];
    b.tokens = 1;
    double start = bide_now();
    BIDE_GROUP(g);
    spawn_takers(g, tasks);
    bide_cancel(tasks[0]);
    while (b.rc == 1 && ten.first_ != tasks[1])
        CHECK_EQ(bide_yield(), 0);
    bide_cancel(tasks[1]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "--c");
    CHECK_NEAR(c.at - start, 0.1, 1.5e-9);
    b.tokens = 0.1;
}

TASK_TEST(a_whole_line_may_be_cancelled)
{
    bide_task *tasks[3];
    {
        BIDE_GROUP(g);
        spawn_takers(g, tasks);
    }
    CHECK_STR(order, "---");
    CHECK_PTR(ten.first_, NULL);
    CHECK_PTR(ten.waiters_, NULL);
    CHECK_EQ(bide_rate_take(&ten, 3), 0);
}

/* Misuse. */

TASK_TEST(more_than_the_burst_never_comes)
{
    CHECK_EQ(bide_rate_take(&ten, 3.5), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "rate: there are never 3.5 tokens at once, at most 3");
    CHECK_EQ(bide_rate_take_nowait(&ten, 4), BIDE_EINVAL);
    CHECK_EQ(bide_rate_take(&ten, -1), BIDE_EINVAL);
    CHECK_EQ(bide_rate_take(&ten, __builtin_nan("")), BIDE_EINVAL);
}

TASK_TEST(impossible_rates_are_refused)
{
    bide_rate bad[] = { { .part_ = 0 }, BIDE_RATE(0, 1), BIDE_RATE(-1, 1), BIDE_RATE(1, 0),
                        BIDE_RATE(__builtin_nan(""), 1), BIDE_RATE(1, __builtin_nan("")) };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(bide_rate_take(&bad[i], 0), BIDE_EINVAL);
        CHECK_EQ(bide_rate_take_nowait(&bad[i], 0), BIDE_EINVAL);
    }
}

static void waits_there(void)
{
    bide_task *tasks[3];
    BIDE_GROUP(g);
    spawn_takers(g, tasks);
    elsewhere_hold();
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
}

TASK_TEST(where_a_task_of_another_loop_waits_one_does_not)
{
    void (*body)(void) = waits_there;
    elsewhere_begin(&body);
    CHECK_EQ(bide_rate_take(&ten, 1), BIDE_EPERM);
    elsewhere_end();
}

static int takes_a_hundred(void *unused)
{
    (void)unused;
    double start = bide_now();
    for (int i = 0; i < 100; i++)
        CHECK_EQ(bide_rate_take(&ten, 1), 0);
    CHECK_NEAR(bide_now() - start, 9.7, 0.31);
    return 0;
}

/* A jumping clock begins at 0 each time. */
TEST(the_clock_of_a_loop_before_is_forgotten)
{
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_run(takes_a_hundred, NULL, .jumping_clock = true), 0);
}
