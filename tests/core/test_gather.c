/* tests/core/test_gather.c -- several calls at once, each with its own result and sentence. */
#include "core/modest.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <string.h>

static int started, ended;

static int sleeps(void *ms)
{
    started++;
    int rc = bide_sleep((double)(intptr_t)ms / 1000);
    ended++;
    return rc < 0 ? rc : (int)(intptr_t)ms;
}

static int fails(void *ms)
{
    int rc = sleeps(ms);
    return rc < 0 ? rc : bide_fail(-rc, "failed after %d", rc);
}

static int stubborn(void *ms)
{
    BIDE_SHIELD(s, 10);
    return sleeps(ms);
}

#define MS(n) ((void *)(intptr_t)(n))

TASK_TEST(gather_runs_all_at_once_and_keeps_their_results)
{
    double start = bide_now();
    struct bide_call calls[] = { { .fn = sleeps, .arg = MS(30) }, { .fn = sleeps, .arg = MS(10) },
                                 { .fn = sleeps, .arg = MS(20) } };
    CHECK_EQ(bide_gather(calls, 3), 0);
    CHECK_NEAR(bide_now() - start, 0.030, 1e-9);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(calls[i].rc, (intptr_t)calls[i].arg);
        CHECK_EQ(calls[i].error.code, 0);
        CHECK_STR(calls[i].error.text, "");
    }
}

TASK_TEST(gathering_nothing_succeeds)
{
    CHECK_EQ(bide_gather(NULL, 0), 0);
    CHECK_EQ(bide_gather_all(NULL, 0), 0);
}

TASK_TEST(the_first_failure_ends_the_rest)
{
    double start = bide_now();
    struct bide_call calls[] = { { .fn = sleeps, .arg = MS(30) }, { .fn = fails, .arg = MS(10) },
                                 { .fn = sleeps, .arg = MS(5) }, { .fn = fails, .arg = MS(20) } };
    CHECK_EQ(bide_gather(calls, 4), -10);
    CHECK_STR(bide_errmsg(), "failed after 10");
    CHECK_NEAR(bide_now() - start, 0.010, 1e-9);
    CHECK_EQ(calls[0].rc, BIDE_ECANCELED);
    CHECK_EQ(calls[1].rc, -10);
    CHECK_STR(calls[1].error.text, "failed after 10");
    CHECK_EQ(calls[2].rc, 5);
    CHECK_EQ(calls[3].rc, BIDE_ECANCELED);
    CHECK_EQ(bide_sleep(0.001), 0);             /* and the caller is not cancelled */
}

TASK_TEST(gather_waits_for_those_it_cancelled)
{
    double start = bide_now();
    struct bide_call calls[] = { { .fn = stubborn, .arg = MS(30) },
                                 { .fn = fails, .arg = MS(10) } };
    CHECK_EQ(bide_gather(calls, 2), -10);
    CHECK_NEAR(bide_now() - start, 0.030, 1e-9);
    CHECK_EQ(calls[0].rc, 30);
}

TASK_TEST(gather_all_runs_every_call_to_its_end)
{
    double start = bide_now();
    struct bide_call calls[] = { { .fn = sleeps, .arg = MS(30) }, { .fn = fails, .arg = MS(10) },
                                 { .fn = fails, .arg = MS(20) } };
    CHECK_EQ(bide_gather_all(calls, 3), 0);
    CHECK_NEAR(bide_now() - start, 0.030, 1e-9);
    CHECK_EQ(calls[0].rc, 30);
    CHECK_EQ(calls[1].rc, -10);
    CHECK_EQ(calls[2].rc, -20);
    CHECK_STR(calls[2].error.text, "failed after 20");
}

static int gathers(void *all)
{
    struct bide_call calls[] = { { .fn = sleeps, .arg = MS(100) }, { .fn = sleeps, .arg = MS(5) } };
    int rc = all ? bide_gather_all(calls, 2) : bide_gather(calls, 2);
    CHECK_EQ(ended, started);
    CHECK_EQ(calls[0].rc, BIDE_ECANCELED);
    CHECK_EQ(calls[1].rc, started ? 5 : BIDE_ECANCELED);
    return rc;
}

TASK_TEST(cancelling_the_caller_cancels_the_calls)
{
    CHECK_EQ(bide_timeout(0.010, gathers, NULL), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_timeout(0.010, gathers, MS(1)), BIDE_ETIMEDOUT);
    CHECK_EQ(started, 4);
}

static int gathers_a_failure(void *unused)
{
    (void)unused;
    struct bide_call calls[] = { { .fn = fails, .arg = MS(5) }, { .fn = sleeps, .arg = MS(100) } };
    int rc = bide_gather_all(calls, 2);
    CHECK_EQ(calls[0].rc, -5);
    CHECK_EQ(calls[1].rc, BIDE_ECANCELED);
    return rc;
}

TASK_TEST(a_cancelled_gather_all_says_so_though_a_call_failed)
{
    CHECK_EQ(bide_timeout(0.010, gathers_a_failure, NULL), BIDE_ETIMEDOUT);
}

TASK_TEST(a_cancelled_caller_finds_every_call_cancelled)
{
    CHECK_EQ(bide_timeout(0, gathers, NULL), BIDE_ETIMEDOUT);
    CHECK_EQ(started, 0);
    CHECK_EQ(bide_timeout(0, gathers, MS(1)), BIDE_ETIMEDOUT);
}

static int returns_bare_code(void *unused)
{
    (void)unused;
    bide_fail(-8, "an older failure");
    return -ENOENT;
}

TASK_TEST(a_calls_sentence_is_about_its_own_code)
{
    struct bide_call call = { .fn = returns_bare_code };
    CHECK_EQ(bide_gather_all(&call, 1), 0);
    CHECK_EQ(call.rc, -ENOENT);
    CHECK_EQ(call.error.code, -ENOENT);
    CHECK_STR(call.error.text, "No such file or directory");
}

static int forgets(void *unused)
{
    BIDE_TIMEOUT(t, 0.005);
    return sleeps(unused ? unused : MS(100));
}

TASK_TEST(a_forgotten_timeout_fails_the_gather)
{
    struct bide_call calls[] = { { .fn = forgets }, { .fn = sleeps, .arg = MS(30) } };
    CHECK(bide_gather(calls, 2) < 0);
    CHECK_HAS(bide_errmsg(), "timed out");
    CHECK_EQ(calls[1].rc, BIDE_ECANCELED);
}

TASK_TEST(gathers_nest)
{
    struct bide_call calls[10];
    for (int i = 0; i < 10; i++)
        calls[i] = (struct bide_call){ .fn = i < 9 ? gathers : fails, .arg = MS(6) };
    CHECK_EQ(bide_gather(calls, 10), -6);
    CHECK_EQ(ended, 19);
}

/* ---- many ---- */

enum { MANY = 1000, PORTION = 64 };

static bool beside_modest;             /* who never sleeps, so that no time passes */

static int begins(void *rc)
{
    count_between();
    started++;
    int asleep = beside_modest ? bide_yield() : bide_sleep(0.01);
    return asleep < 0 ? asleep : (int)(intptr_t)rc;
}

static int fails_at_once(void *unused)
{
    (void)unused;
    return bide_fail(-110, "failed at once");
}

static void make_many(struct bide_call *calls, bide_fn *first)
{
    for (int i = 0; i < MANY; i++)
        calls[i] = (struct bide_call){ .fn = i ? begins : first, .arg = MS(i) };
}

TASK_TEST(a_modest_task_has_turns_while_many_calls_begin)
{
    static struct bide_call calls[MANY];
    BIDE_GROUP(others);
    beside_modest = true;
    bide_spawn(others, modest, NULL);
    make_many(calls, begins);
    CHECK_EQ(bide_gather(calls, MANY), 0);
    CHECK_EQ(started, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(calls[i].rc, i);
    CHECK(since_turn_max <= 2 * PORTION);
    CHECK(turns >= MANY / PORTION);
    bide_group_cancel(others);
}

TASK_TEST(who_begins_after_a_failure_is_cancelled)
{
    static struct bide_call calls[MANY];
    make_many(calls, fails_at_once);
    CHECK_EQ(bide_gather(calls, MANY), -110);
    CHECK_STR(bide_errmsg(), "failed at once");
    CHECK_EQ(started, MANY - 1);
    for (int i = 1; i < MANY; i++) {
        CHECK_EQ(calls[i].rc, BIDE_ECANCELED);
        CHECK_EQ(calls[i].error.code, BIDE_ECANCELED);
    }
}

static int gathers_many(void *unused)
{
    static struct bide_call calls[MANY];
    (void)unused;
    make_many(calls, begins);
    int rc = bide_gather_all(calls, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(calls[i].rc, BIDE_ECANCELED);
    return rc;
}

TASK_TEST(who_is_cancelled_while_its_calls_begin_cancels_all_of_them)
{
    BIDE_GROUP(g);
    bide_spawn(g, gathers_many, NULL);
    while (!started)
        CHECK_EQ(bide_yield(), 0);
    CHECK(started < MANY);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(started, MANY);
}
