/* tests/sync/test_promise.c -- a result that comes once, from wherever. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/promise.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/task.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static bide_promise *promise;

struct answer { int value, rc; char text[100]; };

static int waits(void *arg)
{
    struct answer *a = arg;
    a->rc = bide_promise_wait(promise, &a->value);
    if (a->rc < 0)
        strcpy(a->text, bide_errmsg());
    return 0;
}

TASK_TEST(all_who_wait_get_a_copy_of_the_value)
{
    struct answer answers[5] = { 0 };
    int value = 42;
    bide_auto(promise) p = promise = bide_promise_new(int);
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++)
        bide_spawn(g, waits, &answers[i]);
    CHECK_EQ(bide_yield(), 0);
    CHECK(!bide_promise_done(p));
    CHECK_EQ(bide_promise_set(p, &value), 0);
    CHECK(bide_promise_done(p));
    value = 0;
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(answers[i].rc, 0);
        CHECK_EQ(answers[i].value, 42);
    }
}

TASK_TEST(a_settled_promise_answers_at_once_and_again)
{
    int value = 42;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_promise_set(p, &value), 0);
    for (int i = 0; i < 3; i++) {
        value = 0;
        CHECK_EQ(bide_promise_wait(p, &value), 0);
        CHECK_EQ(value, 42);
    }
}

TASK_TEST(a_failure_comes_with_its_sentence)
{
    struct answer early = { 0 }, late = { 0 };
    bide_auto(promise) p = promise = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &early);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_promise_fail(p, -ENOENT, "no answer to question %d", 7), 0);
    CHECK(bide_promise_done(p));
    bide_spawn(g, waits, &late);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(early.rc, -ENOENT);
    CHECK_STR(early.text, "no answer to question 7");
    CHECK_EQ(late.rc, -ENOENT);
    CHECK_STR(late.text, "no answer to question 7");
}

TASK_TEST(whatever_code_a_failure_has_it_is_a_failure)
{
    int value = 0;
    bide_auto(promise) again = bide_promise_new(int);
    CHECK_EQ(bide_promise_fail(again, BIDE_EAGAIN, "later"), 0);
    CHECK_EQ(bide_promise_wait(again, &value), BIDE_EAGAIN);
    bide_auto(promise) positive = bide_promise_new(int);
    CHECK_EQ(bide_promise_fail(positive, 3, "odd"), 0);
    CHECK_EQ(bide_promise_wait(positive, &value), BIDE_EUNKNOWN);
    CHECK_STR(bide_errmsg(), "odd");
}

TASK_TEST(settling_twice_is_refused_and_changes_nothing)
{
    int value = 1;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_promise_set(p, &value), 0);
    value = 2;
    CHECK_EQ(bide_promise_set(p, &value), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "the promise was settled before");
    CHECK_EQ(bide_promise_fail(p, BIDE_ELIMIT, "too late"), BIDE_EINVAL);
    CHECK_EQ(bide_promise_wait(p, &value), 0);
    CHECK_EQ(value, 1);
}

/* Cancelling. */

TASK_TEST(cancelled_before_even_a_settled_promise_is_not_read)
{
    int value = 1;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_promise_set(p, &value), 0);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    value = 0;
    CHECK_EQ(bide_promise_wait(p, &value), BIDE_ECANCELED);
    CHECK_EQ(value, 0);
}

TASK_TEST(a_cancelled_wait_leaves_the_line)
{
    struct answer first = { 0 }, second = { 0 };
    int value = 3;
    bide_task *task;
    bide_auto(promise) p = promise = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &first, .handle = &task);
    bide_spawn(g, waits, &second);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(task);
    CHECK_EQ(bide_promise_set(p, &value), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, BIDE_ECANCELED);
    CHECK_EQ(first.value, 0);
    CHECK_EQ(second.value, 3);
}

TASK_TEST(settled_and_then_cancelled_the_value_is_got)
{
    struct answer a = { 0 };
    int value = 3;
    bide_task *task;
    bide_auto(promise) p = promise = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &a, .handle = &task);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_promise_set(p, &value), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.rc, 0);
    CHECK_EQ(a.value, 3);
}

TASK_TEST(a_time_limit_ends_the_wait_for_what_never_comes)
{
    int value;
    bide_auto(promise) p = bide_promise_new(int);
    BIDE_TIMEOUT(t, 5);
    CHECK_EQ(bide_scope_result(t, bide_promise_wait(p, &value)), BIDE_ETIMEDOUT);
}

static int waits_for_nothing(void *unused)
{
    static bide_event never;
    struct answer first = { 0 }, second = { 0 };
    int value = 3;
    bide_task *task;
    (void)unused;
    bide_auto(promise) p = promise = bide_promise_new(int);
    {
        BIDE_GROUP(g);
        bide_spawn(g, waits, &first);
        bide_spawn(g, waits, &second, .handle = &task);
        CHECK_EQ(bide_yield(), 0);
        bide_cancel(task);
        CHECK_EQ(bide_promise_set(p, &value), 0);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(first.value, 3);
    return bide_event_wait(&never);
}

static void hear_nothing(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

TEST(when_no_task_waits_for_it_any_more_a_deadlock_is_found)
{
    bide_log_to(hear_nothing, NULL, BIDE_LOG_ERROR);
    CHECK_EQ(bide_run(waits_for_nothing, NULL), BIDE_EDEADLK);
}

/* Holds. */

TASK_TEST(dropped_while_waited_on_the_promise_fails)
{
    struct answer a = { 0 };
    promise = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &a);
    CHECK_EQ(bide_yield(), 0);
    bide_promise_drop(promise);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.rc, BIDE_ECLOSED);
    CHECK_HAS(a.text, "dropped");
    bide_promise_drop(NULL);
}

TASK_TEST(dropped_by_whoever_was_to_settle_it_the_promise_fails)
{
    struct answer a = { 0 };
    int value = 1;
    bide_auto(promise) p = promise = bide_promise_new(int);
    bide_promise *given = bide_promise_hold(p), *other = bide_promise_hold(p);
    CHECK_PTR(given, p);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &a);
    CHECK_EQ(bide_yield(), 0);
    bide_promise_drop(given);
    CHECK_EQ(bide_yield(), 0);
    CHECK(!bide_promise_done(p));
    bide_promise_drop(other);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.rc, BIDE_ECLOSED);
    CHECK_EQ(bide_promise_set(p, &value), BIDE_EINVAL);
}

TASK_TEST(dropped_before_the_wait_it_fails_too)
{
    int value;
    bide_auto(promise) p = bide_promise_new(int);
    bide_promise_drop(bide_promise_hold(p));
    CHECK_EQ(bide_promise_wait(p, &value), BIDE_ECLOSED);
}

TASK_TEST(nobody_waiting_who_made_it_may_go_first)
{
    int value = 1;
    bide_promise *p = bide_promise_new(int);
    bide_promise *given = bide_promise_hold(p);
    bide_promise_drop(p);
    CHECK_EQ(bide_promise_set(given, &value), 0);
    bide_promise_drop(given);
}

TASK_TEST(set_and_dropped_at_once_the_value_is_still_got)
{
    struct answer a = { 0 };
    int value = 9;
    promise = bide_promise_new(int);
    BIDE_GROUP(g);
    bide_spawn(g, waits, &a);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_promise_set(promise, &value), 0);
    bide_promise_drop(promise);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.value, 9);
}

/* Threads. */

static void *sets(void *p)
{
    int value = 11;
    CHECK_EQ(bide_promise_set((bide_promise *)p, &value), 0);
    CHECK(bide_promise_done(p));
    bide_promise_drop(p);
    return NULL;
}

static void *fails(void *p)
{
    CHECK_EQ(bide_promise_fail(p, -EIO, "the disk is gone"), 0);
    bide_promise_drop(p);
    return NULL;
}

static void *forgets(void *p)
{
    bide_promise_drop(p);
    return NULL;
}

TASK_TEST(another_thread_settles_it)
{
    static void *(*const does[])(void *) = { sets, fails, forgets };
    static const int codes[] = { 0, -EIO, BIDE_ECLOSED };
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        struct answer answers[3] = { 0 };
        bide_auto(promise) p = promise = bide_promise_new(int);
        BIDE_GROUP(g);
        bide_promise *given = bide_promise_hold(p);
        for (int n = 0; n < 3; n++)
            bide_spawn(g, waits, &answers[n]);
        CHECK_EQ(bide_yield(), 0);              /* they wait */
        CHECK_EQ(pthread_create(&thread, NULL, does[i], given), 0);
        CHECK_EQ(bide_group_wait(g), 0);
        for (int n = 0; n < 3; n++) {
            CHECK_EQ(answers[n].rc, codes[i]);
            CHECK_EQ(answers[n].value, codes[i] ? 0 : 11);
        }
        CHECK_STR(answers[0].text, i == 1 ? "the disk is gone" : answers[1].text);
        pthread_join(thread, NULL);
    }
}

/* One that settles after the loop has ended, or while it ends. */
static int leaves_it(void *unused)
{
    (void)unused;
    promise = bide_promise_new(int);
    bide_promise_hold(promise);
    bide_promise_drop(promise);
    return 0;
}

TEST(settled_after_its_loop_has_ended_nobody_is_told)
{
    int value = 1;
    CHECK_EQ(bide_run(leaves_it, NULL), 0);
    CHECK_EQ(bide_promise_set(promise, &value), 0);
    bide_promise_drop(promise);
}

static void *sets_soon(void *p)
{
    int value = 1;
    CHECK_EQ(bide_promise_set((bide_promise *)p, &value), 0);
    bide_promise_drop(p);
    return NULL;
}

static int starts_and_goes(void *thread)
{
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(pthread_create((pthread_t *)thread, NULL, sets_soon, bide_promise_hold(p)), 0);
    return bide_yield();
}

TEST(settled_while_its_loop_ends_nothing_is_lost_or_leaked)
{
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        CHECK_EQ(bide_run(starts_and_goes, &thread), 0);
        pthread_join(thread, NULL);
    }
}

struct race { bide_promise *p; int value, won; };

static void *races(void *arg)
{
    struct race *r = arg;
    r->won = bide_promise_set(r->p, &r->value) == 0;
    bide_promise_drop(r->p);
    return NULL;
}

TASK_TEST(of_several_threads_one_settles_it)
{
    for (int round = 0; round < 50; round++) {
        pthread_t threads[3];
        struct race races_[3];
        struct answer a = { 0 };
        bide_auto(promise) p = promise = bide_promise_new(int);
        BIDE_GROUP(g);
        for (int i = 0; i < 3; i++) {
            races_[i] = (struct race){ .p = bide_promise_hold(p), .value = i + 1 };
            CHECK_EQ(pthread_create(&threads[i], NULL, races, &races_[i]), 0);
        }
        bide_spawn(g, waits, &a);
        CHECK_EQ(bide_group_wait(g), 0);
        int winners = 0;
        for (int i = 0; i < 3; i++) {
            pthread_join(threads[i], NULL);
            winners += races_[i].won;
            CHECK(!races_[i].won || a.value == i + 1);
        }
        CHECK_EQ(a.rc, 0);
        CHECK_EQ(winners, 1);
    }
}

/* A cancellation and an answer at the same moment. */
static int waits_or_not(void *arg)
{
    struct answer *a = arg;
    a->rc = bide_promise_wait(promise, &a->value);
    return 0;
}

TASK_TEST(cancelled_at_the_moment_of_settling_it_is_one_or_the_other)
{
    for (int round = 0; round < 100; round++) {
        pthread_t thread;
        struct answer a = { 0 };
        bide_task *task;
        bide_auto(promise) p = promise = bide_promise_new(int);
        BIDE_GROUP(g);
        bide_spawn(g, waits_or_not, &a, .handle = &task);
        CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(pthread_create(&thread, NULL, sets_soon, bide_promise_hold(p)), 0);
        for (int i = round; i; i--)
            CHECK_EQ(bide_yield(), 0);
        bide_cancel(task);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK((a.rc == 0 && a.value == 1) || (a.rc == BIDE_ECANCELED && a.value == 0));
        pthread_join(thread, NULL);
    }
}

/* Misuse. */

static void *waits_elsewhere(void *p)
{
    int value;
    promise = p;
    CHECK_EQ(bide_promise_wait((bide_promise *)p, &value), BIDE_EPERM);
    return NULL;
}

static int waits_in_a_loop(void *p)
{
    int value;
    CHECK_EQ(bide_promise_wait((bide_promise *)p, &value), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "another loop");
    return 0;
}

static void *waits_in_another_loop(void *p)
{
    CHECK_EQ(bide_run(waits_in_a_loop, p), 0);
    return NULL;
}

TASK_TEST(only_tasks_of_its_loop_may_wait)
{
    pthread_t thread;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(pthread_create(&thread, NULL, waits_elsewhere, p), 0);
    pthread_join(thread, NULL);
    CHECK_EQ(pthread_create(&thread, NULL, waits_in_another_loop, p), 0);
    pthread_join(thread, NULL);
}

TEST(outside_of_a_loop_no_promise_is_made)
{
    CHECK_PTR(bide_promise_new(int), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

TASK_TEST(values_of_another_size_are_refused)
{
    char byte = 1;
    bide_auto(promise) p = bide_promise_new(int);
    CHECK_EQ(bide_promise_set(p, &byte), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "1 bytes; the value has 4");
    CHECK_EQ(bide_promise_wait(p, &byte), BIDE_EINVAL);
    CHECK_PTR(bide_promise_new_(0), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_promise_new_(65537), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

TASK_TEST(a_missing_promise_gives_the_held_error)
{
    int value = 0;
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_promise_set(NULL, &value), BIDE_ENOMEM);
    CHECK_EQ(bide_promise_fail(NULL, -EIO, "no"), BIDE_ENOMEM);
    CHECK_EQ(bide_promise_wait(NULL, &value), BIDE_ENOMEM);
    CHECK_PTR(bide_promise_hold(NULL), NULL);
    CHECK(bide_promise_done(NULL));
}

static bool scarce;

static void *alloc_some(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static int makes_one(void *unused)
{
    (void)unused;
    scarce = true;
    CHECK_PTR(bide_promise_new(int), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    scarce = false;
    return 0;
}

TEST(without_memory_no_promise_is_made)
{
    static const struct bide_allocator some = { alloc_some, realloc, free };
    CHECK_EQ(bide_allocator_set(&some), 0);
    CHECK_EQ(bide_run(makes_one, NULL), 0);
}
