/* tests/sync/test_generator.c -- one item after the other, in step with who asks. */
#include "test.h"

#include <bide/generator.h>
#include <bide/group.h>
#include <bide/local.h>
#include <bide/log.h>
#include <bide/map.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int made, ended, dropped, dropped_items, last_dropped, heard;
static double cleaned_at;
static char order[128];

static void note(const char *what)
{
    strncat(order, what, sizeof order - strlen(order) - 1);
}

static void drop(void *arg)
{
    (void)arg;
    dropped++;
}

static void drop_item(void *item)
{
    dropped_items++;
    last_dropped = *(int *)item;
}

/* 1, 2, 3 ... up to *arg, for ever without. */
static int counts(bide_generator *g, void *arg)
{
    int rc = 0;
    for (int i = 1; !arg || i <= *(int *)arg; i++) {
        made = i;
        note("m");
        if ((rc = bide_generator_yield(g, &i)) < 0)
            break;
    }
    ended++;
    return rc;
}

static int slow(bide_generator *g, void *unused)
{
    (void)unused;
    for (int i = 1;; i++) {
        int rc = bide_sleep(1);
        if (rc < 0)
            return rc;
        made = i;
        if ((rc = bide_generator_yield(g, &i)) < 0)
            return rc;
    }
}

TASK_TEST(items_come_in_order_and_then_the_end_which_stays)
{
    int three = 3, i = 0, sum = 0, rc;
    bide_auto(generator) g = bide_generator_new(counts, int, &three);
    while ((rc = bide_generator_next(g, &i)) == 1)
        sum = sum * 10 + i;
    CHECK_EQ(rc, 0);
    CHECK_EQ(sum, 123);
    CHECK_EQ(ended, 1);
    CHECK_EQ(bide_generator_next(g, &i), 0);
}

TASK_TEST(it_runs_only_when_asked_and_only_up_to_the_next_item)
{
    int i;
    bide_auto(generator) g = bide_generator_new(counts, int, NULL);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(made, 0);
    for (int n = 1; n <= 3; n++) {
        CHECK_EQ(bide_generator_next(g, &i), 1);
        note("n");
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(made, n);
    }
    CHECK_STR(order, "mnmnmn");
}

TASK_TEST(leaving_the_block_closes_it_at_once)
{
    {
        int i;
        bide_auto(generator) g = bide_generator_new(counts, int, NULL, .drop = drop);
        CHECK_EQ(bide_generator_next(g, &i), 1);
    }
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(ended, 1);
    CHECK_EQ(made, 1);
    CHECK_EQ(dropped, 1);
}

TASK_TEST(one_that_was_never_asked_never_runs_and_drops_its_argument)
{
    bide_generator *g = bide_generator_new(counts, int, NULL, .drop = drop);
    bide_generator_close(g);
    CHECK_EQ(dropped, 1);
    CHECK_EQ(made, 0);
    bide_generator_close(NULL);
}

TASK_TEST(closed_after_its_end_it_is_freed_at_once)
{
    int one = 1, i;
    bide_generator *g = bide_generator_new(counts, int, &one, .drop = drop);
    CHECK_EQ(bide_generator_next(g, &i), 1);
    CHECK_EQ(bide_generator_next(g, &i), 0);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(dropped, 0);
    bide_generator_close(g);
    CHECK_EQ(dropped, 1);
}

static int cleans_up(bide_generator *g, void *arg)
{
    int i = *(int *)arg;
    int rc = bide_generator_yield(g, &i);
    {
        BIDE_SHIELD(s, 10);
        CHECK_EQ(bide_sleep(3), 0);
        cleaned_at = bide_now();
        CHECK_EQ(bide_generator_yield(g, &i), BIDE_ECANCELED);      /* nobody is there */
        CHECK_EQ(i, *(int *)arg);
    }
    return rc;
}

static int leaves(void *start)
{
    int i = 7;
    bide_auto(generator) g = bide_generator_new(cleans_up, int, &i, .copy = sizeof i, .drop = drop,
                                                .drop_item = drop_item);
    CHECK_EQ(bide_generator_next(g, &i), 1);
    *(double *)start = bide_now();
    return 0;
}

TASK_TEST(its_clean_up_may_wait_after_the_consumer_has_left)
{
    double start;
    CHECK_EQ(leaves(&start), 0);
    CHECK_NEAR(bide_now(), start, 1e-6);        /* closing did not wait */
    CHECK_EQ(dropped, 0);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_NEAR(cleaned_at - start, 3, 1e-6);
    CHECK_EQ(dropped, 1);
    CHECK_EQ(dropped_items, 1);
    CHECK_EQ(last_dropped, 7);
}

TEST(the_loop_ends_only_after_the_clean_up)
{
    double start;
    CHECK_EQ(bide_run(leaves, &start, .jumping_clock = true), 0);
    CHECK_NEAR(cleaned_at - start, 3, 1e-6);
    CHECK_EQ(dropped, 1);
}

static int leaves_with_a_group(void *unused)
{
    (void)unused;
    int local = 7, i;
    BIDE_GROUP(group);
    bide_auto(generator) g = bide_generator_new(cleans_up, int, &local, .group = group,
                                                .drop = drop);
    CHECK_EQ(bide_generator_next(g, &i), 1);
    return 0;
}

TASK_TEST(in_a_group_of_the_block_the_clean_up_has_ended_when_the_block_is_left)
{
    double start = bide_now();
    CHECK_EQ(leaves_with_a_group(NULL), 0);
    CHECK_NEAR(bide_now() - start, 3, 1e-6);
    CHECK_NEAR(cleaned_at - start, 3, 1e-6);
    CHECK_EQ(dropped, 1);
}

TASK_TEST(in_a_group_it_is_freed_whichever_of_end_and_closing_comes_first)
{
    int one = 1, i;
    BIDE_GROUP(group);
    bide_generator *early = bide_generator_new(counts, int, &one, .group = group, .drop = drop);
    bide_generator *late = bide_generator_new(counts, int, &one, .group = group, .drop = drop);
    bide_generator *never = bide_generator_new(counts, int, &one, .group = group, .drop = drop);
    CHECK_EQ(bide_generator_next(early, &i), 1);
    CHECK_EQ(bide_generator_next(late, &i), 1);
    CHECK_EQ(bide_generator_next(late, &i), 0);
    CHECK_EQ(bide_yield(), 0);
    bide_generator_close(late);
    CHECK_EQ(dropped, 1);
    bide_generator_close(never);
    CHECK_EQ(dropped, 2);
    bide_generator_close(early);
    CHECK_EQ(dropped, 2);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_EQ(dropped, 3);
}

static int fails_at_two(bide_generator *g, void *unused)
{
    (void)unused;
    int i = 1, rc = bide_generator_yield(g, &i);
    return rc < 0 ? rc : bide_fail(-EIO, "the tape tore");
}

TASK_TEST(its_failure_is_the_consumers_once_and_then_it_has_ended)
{
    int i;
    bide_auto(generator) g = bide_generator_new(fails_at_two, int, NULL);
    CHECK_EQ(bide_generator_next(g, &i), 1);
    CHECK_EQ(bide_generator_next(g, &i), -EIO);
    CHECK_STR(bide_errmsg(), "the tape tore");
    CHECK_EQ(bide_generator_next(g, &i), 0);
}

static int forgets_its_timeout(bide_generator *g, void *unused)
{
    (void)unused;
    (void)g;
    BIDE_TIMEOUT(t, 2);
    return bide_sleep(5);
}

TASK_TEST(its_forgotten_timeout_is_a_failure)
{
    int i;
    bide_auto(generator) g = bide_generator_new(forgets_its_timeout, int, NULL);
    CHECK_EQ(bide_generator_next(g, &i), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "timed out after 2 s");
}

TASK_TEST(a_consumer_that_is_cancelled_while_waiting_loses_no_item)
{
    int i = 0;
    bide_auto(generator) g = bide_generator_new(slow, int, NULL);
    {
        BIDE_TIMEOUT(t, 0.5);
        CHECK_EQ(bide_scope_result(t, bide_generator_next(g, &i)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_sleep(10), 0);
    CHECK_EQ(made, 1);                          /* it made the item, and waits with it */
    CHECK_EQ(bide_generator_next(g, &i), 1);
    CHECK_EQ(i, 1);
    CHECK_EQ(bide_sleep(10), 0);
    CHECK_EQ(made, 1);                          /* the item was there: nothing was asked for */
    CHECK_EQ(bide_generator_next(g, &i), 1);
    CHECK_EQ(i, 2);
}

static int takes(void *arg)
{
    return bide_generator_next(*(bide_generator **)arg, &last_dropped);
}

TASK_TEST(one_that_was_handed_an_item_and_then_cancelled_has_it)
{
    int three = 3;
    bide_auto(generator) g = bide_generator_new(counts, int, &three);
    bide_task *consumer;
    BIDE_GROUP(group);
    bide_spawn(group, takes, &g, .handle = &consumer);
    CHECK_EQ(bide_yield(), 0);                  /* it asks */
    CHECK_EQ(bide_yield(), 0);                  /* it is answered, at the latest */
    bide_cancel(consumer);
    CHECK_EQ(bide_join(consumer), 0);
    CHECK_EQ(bide_task_result(consumer), 1);
    CHECK_EQ(last_dropped, 1);
}

TASK_TEST(an_item_that_nobody_will_take_is_dropped)
{
    int i;
    {
        bide_auto(generator) g = bide_generator_new(slow, int, NULL, .drop_item = drop_item);
        BIDE_TIMEOUT(t, 0.5);
        CHECK_EQ(bide_generator_next(g, &i), BIDE_ECANCELED);
        BIDE_SHIELD(s, 5);
        CHECK_EQ(bide_sleep(2), 0);
        CHECK_EQ(dropped_items, 0);
    }
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(dropped_items, 1);
    CHECK_EQ(last_dropped, 1);
}

TASK_TEST(an_item_that_was_taken_is_not_dropped)
{
    int i;
    {
        bide_auto(generator) g = bide_generator_new(counts, int, NULL, .drop_item = drop_item);
        CHECK_EQ(bide_generator_next(g, &i), 1);
    }
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(ended, 1);
    CHECK_EQ(dropped_items, 0);
}

TASK_TEST(cancelled_before_nothing_is_asked_for)
{
    int i;
    bide_auto(generator) g = bide_generator_new(counts, int, NULL);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_generator_next(g, &i), BIDE_ECANCELED);
    CHECK_EQ(made, 0);
}

static int fails_slowly(bide_generator *g, void *unused)
{
    (void)unused;
    (void)g;
    int rc = bide_sleep(1);
    return rc < 0 ? rc : bide_fail(-EIO, "the tape tore");
}

TASK_TEST(a_failure_that_found_nobody_waiting_is_told_to_the_next_who_asks)
{
    int i;
    bide_auto(generator) g = bide_generator_new(fails_slowly, int, NULL);
    {
        BIDE_TIMEOUT(t, 0.5);
        CHECK_EQ(bide_generator_next(g, &i), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_sleep(3), 0);
    CHECK_EQ(bide_generator_next(g, &i), -EIO);
    CHECK_STR(bide_errmsg(), "the tape tore");
    CHECK_EQ(bide_generator_next(g, &i), 0);
}

static void hear(const bide_task *failed, const struct bide_error *why)
{
    CHECK_STR(bide_task_name(failed), "fails_slowly");
    CHECK_EQ(why->code, -EIO);
    heard++;
}

static int closes_unheard(void *unused)
{
    (void)unused;
    int i;
    bide_auto(generator) g = bide_generator_new(fails_slowly, int, NULL);
    {
        BIDE_TIMEOUT(t, 0.5);
        CHECK_EQ(bide_generator_next(g, &i), BIDE_ECANCELED);
    }
    return bide_sleep(3);
}

TEST(a_failure_that_nobody_asked_for_goes_to_on_failure)
{
    CHECK_EQ(bide_run(closes_unheard, NULL, .jumping_clock = true, .on_failure = hear), 0);
    CHECK_EQ(heard, 1);
}

static int ends_in_vain(void *unused)
{
    (void)unused;
    int i, one = 1;
    bide_generator *left_open = bide_generator_new(slow, int, &one, .copy = sizeof one);
    return bide_generator_next(left_open, &i) == 1 ? 0 : bide_errcode();
}

static void ignore_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    heard += strstr(line, "was still open") != NULL;
}

TEST(one_that_is_left_open_is_ended_with_the_loop_and_reported)
{
    bide_log_to(ignore_line, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(ends_in_vain, NULL, .jumping_clock = true), 0);
    CHECK_EQ(heard, 1);
}

static int never_yields_again(bide_generator *g, void *unused)
{
    (void)unused;
    int i = 1, rc = bide_generator_yield(g, &i);
    return rc < 0 ? rc : bide_sleep(1000);
}

TASK_TEST(one_that_never_yields_again_can_be_closed_and_timed_out)
{
    int i;
    bide_generator *g = bide_generator_new(never_yields_again, int, NULL, .drop = drop);
    CHECK_EQ(bide_generator_next(g, &i), 1);
    {
        BIDE_TIMEOUT(t, 5);
        CHECK_EQ(bide_generator_next(g, &i), BIDE_ECANCELED);
    }
    bide_generator_close(g);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(dropped, 1);
}

TASK_TEST(two_tasks_at_once_are_one_too_many)
{
    int i;
    BIDE_GROUP(group);
    bide_auto(generator) g = bide_generator_new(slow, int, NULL);
    bide_task *first;
    bide_spawn(group, takes, &g, .handle = &first);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_generator_next(g, &i), BIDE_EBUSY);
    CHECK_HAS(bide_errmsg(), "takes");
    CHECK_EQ(bide_join(first), 0);
    CHECK_EQ(bide_task_result(first), 1);
    CHECK_EQ(bide_generator_next(g, &i), 1);    /* one after the other they may */
}

TASK_TEST(who_waits_while_it_is_closed_is_told_so)
{
    BIDE_KEEP_GOING(group);
    bide_generator *g = bide_generator_new(slow, int, NULL);
    bide_task *waiter;
    bide_spawn(group, takes, &g, .handle = &waiter);
    CHECK_EQ(bide_yield(), 0);
    bide_generator_close(g);
    CHECK_EQ(bide_group_wait(group), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(waiter)->text, "the generator is closed");
}

static int exhausts_its_credit(void *arg)
{
    for (int i = 0; i < 300 && *(bide_generator **)arg; i++) {
        int rc = takes(arg);
        if (rc < 0)
            return rc;
    }
    return 0;
}

TASK_TEST(closed_while_a_task_yields_on_its_way_in_nothing_is_touched_that_was_freed)
{
    int none = 0, closed = 0;
    BIDE_KEEP_GOING(group);
    for (int turn = 0; turn < 4; turn++) {
        bide_generator *g = bide_generator_new(counts, int, &none, .copy = sizeof none);
        bide_task *waiter;
        bide_spawn(group, exhausts_its_credit, &g, .handle = &waiter);
        for (int i = 0; i <= turn; i++)
            CHECK_EQ(bide_yield(), 0);
        bide_generator_close(bide_steal(g));
        CHECK_EQ(bide_join(waiter), 0);
        closed += bide_task_result(waiter) == BIDE_ECLOSED;
    }
    CHECK(closed > 0);
}

static int asks_itself(bide_generator *g, void *unused)
{
    (void)unused;
    int i;
    return bide_generator_next(g, &i);
}

TASK_TEST(misuse_is_refused_with_a_sentence)
{
    int i = 1;
    short small = 1;
    bide_auto(generator) g = bide_generator_new(counts, int, NULL);
    bide_auto(generator) self = bide_generator_new(asks_itself, int, NULL);
    CHECK_EQ(bide_generator_yield(g, &i), BIDE_EPERM);
    CHECK_STR(bide_errmsg(), "yield: only the task of counts yields its items");
    CHECK_EQ(bide_generator_next(g, &small), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "next of counts: a pointer to 2 bytes; the items have 4");
    CHECK_EQ(bide_generator_next(self, &i), BIDE_EDEADLK);
    bide_generator *none = NULL;
    bide_fail(-EIO, "could not be made");
    CHECK_EQ(bide_generator_next(none, &i), -EIO);
    CHECK_EQ(bide_generator_yield(none, &i), -EIO);
}

TEST(outside_of_a_loop_none_is_made)
{
    CHECK_PTR(bide_generator_new(counts, int, NULL, .drop = drop), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_EQ(dropped, 1);
}

/* A generator over a generator. */
static int doubles(bide_generator *g, void *inner)
{
    int i, rc;
    while ((rc = bide_generator_next((bide_generator *)inner, &i)) == 1) {
        i *= 2;
        if ((rc = bide_generator_yield(g, &i)) < 0)
            return rc;
    }
    return rc;
}

static void close_inner(void *inner)
{
    bide_generator_close(inner);
}

static int next_int(void *g, void *item)
{
    return bide_generator_next((bide_generator *)g, (int *)item);
}

static int adds(void *item)
{
    made += *(int *)item;
    return bide_sleep(1);
}

TASK_TEST(generators_go_through_generators_and_into_maps)
{
    int hundred = 100;
    bide_generator *inner = bide_generator_new(counts, int, &hundred);
    bide_auto(generator) outer = bide_generator_new(doubles, int, inner, .drop = close_inner);
    double start = bide_now();
    CHECK_EQ(bide_map_from(adds, int, next_int, outer, .limit = 20), 0);
    CHECK_NEAR(bide_now() - start, 5, 1e-6);
    CHECK_EQ(ended, 1);
}

static void *same(void *value)
{
    return value;
}
static const bide_local key = { same, NULL }, plain;

static int looks(bide_generator *g, void *unused)
{
    (void)unused;
    void *seen[2] = { bide_local_get(&key), bide_local_get(&plain) };
    return bide_generator_yield(g, &seen);
}

TASK_TEST(it_gets_the_kept_locals_of_who_asks_first_and_in_a_group_all)
{
    void *seen[2];
    BIDE_LOCAL(a, &key, order);
    BIDE_LOCAL(b, &plain, order);
    BIDE_GROUP(group);
    bide_auto(generator) own = bide_generator_new(looks, void *[2], NULL);
    bide_auto(generator) in_group = bide_generator_new(looks, void *[2], NULL, .group = group);
    CHECK_EQ(bide_generator_next(own, &seen), 1);
    CHECK_PTR(seen[0], order);
    CHECK_PTR(seen[1], NULL);
    CHECK_EQ(bide_generator_next(in_group, &seen), 1);
    CHECK_PTR(seen[0], order);
    CHECK_PTR(seen[1], order);
}

static int left, refused;

static void *alloc_some(size_t size)
{
    if (left-- > 0)
        return malloc(size);
    refused++;
    return NULL;
}

static int generates(void *round)
{
    int three = 3, i, sum = 0, rc;
    left = *(int *)round;
    bide_auto(generator) g = bide_generator_new(counts, int, &three, .copy = sizeof three,
                                                .drop = drop);
    while ((rc = bide_generator_next(g, &i)) == 1)
        sum += i;
    left = 1000000;
    CHECK(rc == BIDE_ENOMEM || sum == 6);
    return 0;
}

TEST(without_memory_none_is_made_and_its_argument_is_dropped)
{
    struct bide_allocator some = { alloc_some, realloc, free };
    left = 1000000;
    CHECK_EQ(bide_allocator_set(&some), 0);
    int round = 0;
    do {
        refused = dropped = 0;
        CHECK_EQ(bide_run(generates, &round, .jumping_clock = true), 0);
        CHECK_EQ(dropped, 1);
        round++;
    } while (refused && round < 20);
    CHECK(round > 1 && round < 20);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}
