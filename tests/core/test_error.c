/* tests/core/test_error.c -- a code and a sentence: per task, gaining context, fixed in size. */
#include "test.h"

#include <bide/error.h>
#include <bide/group.h>
#include <pthread.h>
#include <string.h>

TEST(before_any_failure_the_code_is_unknown)
{
    CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);
    CHECK_STR(bide_errmsg(), "");
}

TEST(failing_outside_a_task_is_held_by_the_thread)
{
    CHECK_EQ(bide_fail(-ENOENT, "open %s: %d", "x", 3), -ENOENT);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_STR(bide_errmsg(), "open x: 3");
}

static void *fails_elsewhere(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);
    bide_fail(-5, "another thread's");
    return NULL;
}

TEST(each_thread_holds_its_own)
{
    pthread_t thread;
    bide_fail(-4, "mine");
    CHECK_EQ(pthread_create(&thread, NULL, fails_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    CHECK_EQ(bide_errcode(), -4);
    CHECK_STR(bide_errmsg(), "mine");
}

TEST(a_code_that_is_no_failure_counts_as_unknown)
{
    CHECK_EQ(bide_fail(0, "zero"), BIDE_EUNKNOWN);
    CHECK_EQ(bide_fail(17, "positive"), BIDE_EUNKNOWN);
    CHECK_STR(bide_errmsg(), "positive");
}

TEST(context_is_put_before_the_sentence)
{
    bide_fail(-ECONNREFUSED, "connect: refused");
    CHECK_EQ(bide_within("get %s", "http://x/"), -ECONNREFUSED);
    CHECK_EQ(bide_within("job %d", 7), -ECONNREFUSED);
    CHECK_STR(bide_errmsg(), "job 7: get http://x/: connect: refused");
}

TEST(a_sentence_may_quote_the_one_before)
{
    bide_fail(-1, "first");
    bide_fail(-2, "second after %s", bide_errmsg());
    CHECK_STR(bide_errmsg(), "second after first");
    bide_within("around %s", bide_errmsg());
    CHECK_STR(bide_errmsg(), "around second after first: second after first");
}

TEST(a_long_sentence_is_cut)
{
    char text[600];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    bide_fail(-1, "%s", text);
    CHECK_EQ(strlen(bide_errmsg()), 251);
    bide_fail(-1, "the end");
    bide_within("%s", text);
    CHECK_EQ(strlen(bide_errmsg()), 251);
    bide_fail(-1, "the end");
    bide_within("%.250s", text);
    CHECK(strlen(bide_errmsg()) >= 250);
    bide_fail(-1, "the end");
    bide_within("%.200s", text);
    CHECK_STR(bide_errmsg() + 200, ": the end");
}

TEST(every_code_has_a_text)
{
#define HAS_TEXT_(name, number, text) CHECK_STR(bide_strerror(name), text);
    BIDE_ERRORS_(HAS_TEXT_)
    CHECK_STR(bide_strerror(-ENOENT), "No such file or directory");
    CHECK(bide_strerror(0) && *bide_strerror(0));
    CHECK(bide_strerror(5) && *bide_strerror(5));
    CHECK(bide_strerror(-123456) && *bide_strerror(-123456));
}

static int cleans_up(void)
{
    bide_fail(-7, "the reason");
    BIDE_KEEP_ERROR(held);
    return bide_fail(-8, "clean-up failed as well");
}

TEST(a_kept_error_survives_its_clean_up)
{
    CHECK_EQ(cleans_up(), -8);
    CHECK_EQ(bide_errcode(), -7);
    CHECK_STR(bide_errmsg(), "the reason");
}

TEST(keeping_no_error_keeps_none)
{
    {
        BIDE_KEEP_ERROR(held);
        bide_fail(-8, "clean-up");
    }
    CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);
    CHECK_STR(bide_errmsg(), "");
}

static int fails_in_turn(void *number)
{
    int code = -*(int *)number;
    CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);    /* not that of the stack's last task */
    bide_fail(code, "task %d", -code);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_errcode(), code);
    return code;
}

TASK_TEST(each_task_holds_its_own)
{
    int numbers[] = { 1, 2, 3 };
    bide_fail(-9, "main's");
    for (int round = 0; round < 2; round++) {
        BIDE_KEEP_GOING(g);
        for (int i = 0; i < 3; i++)
            bide_spawn(g, fails_in_turn, &numbers[i]);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_yield(), 0);
        CHECK_STR(bide_errmsg(), round ? "task 1" : "main's");
        CHECK_EQ(bide_group_wait(g), -1);
    }
}

TASK_TEST(success_does_not_clear_an_error)
{
    bide_fail(-9, "older");
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_errcode(), -9);
}
