/* tests/sync/test_map.c -- one function over many items: never more at a time than the limit. */
#include "test.h"

#include "core/group.h"
#include <bide/group.h>
#include <bide/local.h>
#include <bide/map.h>
#include <bide/memory.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job { int number, square; };
static int running, most, calls, began;
static bool no_place;
static char order[256];

static struct job *make_jobs(int count)
{
    struct job *jobs = calloc((size_t)count, sizeof *jobs);
    for (int i = 0; i < count; i++)
        jobs[i].number = i;
    return jobs;
}

static void enter(void)
{
    running++;
    calls++;
    most = running > most ? running : most;
}

static int squares(void *arg)
{
    struct job *job = arg;
    enter();
    int rc = bide_sleep(1);
    running--;
    job->square = job->number * job->number;
    return rc;
}

TASK_TEST(no_more_than_the_limit_run_and_exactly_so_many)
{
    struct job *jobs = make_jobs(103);
    double start = bide_now();
    CHECK_EQ(bide_map(squares, jobs, 103, .limit = 7), 0);
    CHECK_EQ(most, 7);
    CHECK_EQ(calls, 103);
    CHECK_NEAR(bide_now() - start, 15, 1e-6);   /* ceil(103 / 7) */
    for (int i = 0; i < 103; i++)
        CHECK_EQ(jobs[i].square, i * i);
    free(jobs);
}

TASK_TEST(ten_run_at_a_time_unless_told_otherwise)
{
    struct job *jobs = make_jobs(30);
    CHECK_EQ(bide_map(squares, jobs, 30), 0);
    CHECK_EQ(most, BIDE_MAP_LIMIT);
    free(jobs);
}

TASK_TEST(without_limit_all_run_at_once)
{
    struct job *jobs = make_jobs(300);
    double start = bide_now();
    CHECK_EQ(bide_map(squares, jobs, 300, .limit = BIDE_UNLIMITED), 0);
    CHECK_EQ(most, 300);
    CHECK_NEAR(bide_now() - start, 1, 1e-6);
    free(jobs);
}

TASK_TEST(nothing_to_do_is_done_at_once)
{
    struct job *none = NULL;
    CHECK_EQ(bide_map(squares, none, 0), 0);
    CHECK_EQ(calls, 0);
}

static int counts(void *arg)
{
    (void)arg;
    calls++;
    return 0;
}

static long allocations;

static void *alloc(size_t size)
{
    allocations++;
    return malloc(size);
}

static int maps_many(void *unused)
{
    (void)unused;
    int count = test_is_slow() ? 20000 : 1000000;
    char *items = calloc((size_t)count, 1);
    long before = allocations;
    CHECK_EQ(bide_map(counts, items, (size_t)count, .limit = 5), 0);
    CHECK_EQ(calls, count);
    CHECK(allocations - before < 50);
    free(items);
    return 0;
}

TEST(a_million_items_need_neither_a_million_tasks_nor_allocations)
{
    struct bide_allocator counting = { alloc, realloc, free };
    CHECK_EQ(bide_allocator_set(&counting), 0);
    CHECK_EQ(bide_run(maps_many, NULL), 0);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

static int fails_at_five(void *arg)
{
    struct job *job = arg;
    enter();
    int rc = bide_sleep(job->number == 5 ? 0.5 : 1);
    running--;
    if (job->number == 5)
        return bide_fail(-EIO, "bad luck");
    job->square = rc;
    return rc;
}

TASK_TEST(the_first_failure_cancels_the_rest_and_names_the_item)
{
    struct job *jobs = make_jobs(20);
    struct bide_outcome outcomes[20];
    CHECK_EQ(bide_map(fails_at_five, jobs, 20, .limit = 8, .outcomes = outcomes), -EIO);
    CHECK_STR(bide_errmsg(), "item 5: bad luck");
    CHECK_EQ(calls, 8);
    CHECK_EQ(running, 0);
    CHECK_EQ(outcomes[5].rc, -EIO);
    CHECK_STR(outcomes[5].error.text, "bad luck");
    CHECK_EQ(outcomes[4].rc, BIDE_ECANCELED);
    CHECK_EQ(outcomes[19].rc, BIDE_ECANCELED);
    CHECK_STR(outcomes[19].error.text, "not begun");
    free(jobs);
}

TASK_TEST(keeping_going_each_item_has_its_own_outcome)
{
    struct job *jobs = make_jobs(20);
    struct bide_outcome outcomes[20];
    CHECK_EQ(bide_map(fails_at_five, jobs, 20, .keep_going = true, .outcomes = outcomes), 0);
    CHECK_EQ(calls, 20);
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(outcomes[i].rc, i == 5 ? -EIO : 0);
        CHECK_STR(outcomes[i].error.text, i == 5 ? "bad luck" : "");
    }
    free(jobs);
}

TASK_TEST(cancelled_during_the_map_every_call_has_ended)
{
    struct job *jobs = make_jobs(20);
    struct bide_outcome outcomes[20];
    BIDE_TIMEOUT(t, 1.5);
    int rc = bide_map(squares, jobs, 20, .limit = 4, .keep_going = true, .outcomes = outcomes);
    CHECK_EQ(rc, BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(t, rc), BIDE_ETIMEDOUT);
    CHECK_EQ(running, 0);
    CHECK_EQ(calls, 8);
    CHECK_EQ(outcomes[3].rc, 0);
    CHECK_EQ(outcomes[4].rc, BIDE_ECANCELED);
    CHECK_EQ(outcomes[8].rc, BIDE_ECANCELED);
    free(jobs);
}

TASK_TEST(cancelled_before_nothing_is_begun)
{
    struct job *jobs = make_jobs(2);
    struct bide_outcome outcomes[2] = { { 0 } };
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_EQ(bide_map(squares, jobs, 2, .outcomes = outcomes), BIDE_ECANCELED);
    CHECK_EQ(calls, 0);
    CHECK_EQ(outcomes[1].rc, BIDE_ECANCELED);
    free(jobs);
}

static int forgets_its_timeout(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 1);
    return bide_sleep(10);
}

TASK_TEST(a_forgotten_timeout_is_a_failure)
{
    char items[3] = { 0 };
    CHECK_EQ(bide_map(forgets_its_timeout, items, 3), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "item 0: timed out after 1 s");
    CHECK_EQ(bide_map(forgets_its_timeout, items, 3, .keep_going = true), 0);
}

struct source { int count, at, most, inside, fail_at; double seconds; };

/* Never entered twice at once, though it waits. */
static int next_job(void *arg, void *item)
{
    struct source *source = arg;
    CHECK_EQ(source->inside++, 0);
    int rc = source->seconds > 0 ? bide_sleep(source->seconds) : 0;
    source->inside--;
    if (rc < 0)
        return rc;
    if (source->at == source->count)
        return 0;
    if (source->fail_at && source->at == source->fail_at)
        return bide_fail(-EPIPE, "the source is dry");
    *(struct job *)item = (struct job){ .number = source->at++ };
    return 1;
}

TASK_TEST(over_an_iterator_the_limit_holds_and_all_items_come)
{
    struct source source = { .count = 103 };
    double start = bide_now();
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = 7), 0);
    CHECK_EQ(most, 7);
    CHECK_EQ(calls, 103);
    CHECK_NEAR(bide_now() - start, 15, 1e-6);
}

TASK_TEST(an_iterator_that_waits_is_asked_by_one_at_a_time)
{
    struct source source = { .count = 10, .seconds = 0.25 };
    double start = bide_now();
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = 50), 0);
    CHECK_EQ(calls, 10);
    CHECK_EQ(most, 4);                          /* one a quarter of a second, each takes one */
    CHECK_NEAR(bide_now() - start, 3.5, 1e-6);
}

static int counts_workers(void *unused)
{
    (void)unused;
    enter();
    int workers = (int)bide__self()->member.group->count;
    began = workers > began ? workers : began;
    int rc = bide_sleep(1);
    running--;
    return rc;
}

TASK_TEST(there_are_no_more_workers_than_are_needed)
{
    struct source source = { .count = 20, .seconds = 0.5 };
    CHECK_EQ(bide_map_from(counts_workers, struct job, next_job, &source, .limit = 50), 0);
    CHECK_EQ(most, 2);
    CHECK_EQ(began, 3);                         /* and one that waits for the next item */
}

TASK_TEST(an_iterator_is_asked_no_sooner_than_somebody_is_free)
{
    struct source source = { .count = 10 };
    BIDE_TIMEOUT(t, 0.5);
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = 3), BIDE_ECANCELED);
    CHECK_EQ(source.at, 3);
}

TASK_TEST(an_iterator_that_fails_ends_the_map)
{
    struct source source = { .count = 10, .fail_at = 5 };
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = 3), -EPIPE);
    CHECK_STR(bide_errmsg(), "the source is dry");
    CHECK_EQ(running, 0);
}

TASK_TEST(keeping_going_the_items_before_a_failed_iterator_are_finished)
{
    struct source source = { .count = 10, .fail_at = 5 };
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = 3,
                           .keep_going = true), -EPIPE);
    CHECK_EQ(calls, 5);
    CHECK_EQ(running, 0);
}

static int next_of_queue(void *queue, void *item)
{
    return bide_queue_get((bide_queue *)queue, (int *)item);
}

static int adds(void *item)
{
    calls += *(int *)item;
    return bide_sleep(1);
}

static int feeds(void *queue)
{
    for (int i = 1; i <= 20; i++) {
        int rc = bide_queue_put((bide_queue *)queue, &i);
        if (rc < 0)
            return rc;
    }
    bide_queue_close(queue);
    return 0;
}

TASK_TEST(a_queue_can_be_mapped_until_it_is_closed)
{
    bide_auto(queue) queue = bide_queue_new(int, 2);
    BIDE_GROUP(g);
    bide_spawn(g, feeds, queue);
    CHECK_EQ(bide_map_from(adds, int, next_of_queue, queue, .limit = 5), 0);
    CHECK_EQ(calls, 210);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* The earlier, the slower, within each ten. */
static int backwards(void *arg)
{
    struct job *job = arg;
    enter();
    began++;
    int rc = bide_sleep(10 - job->number % 10);
    running--;
    job->square = job->number * job->number;
    return rc < 0 ? rc : job->number == 5 ? bide_fail(-EIO, "bad luck") : 0;
}

static int notes(void *arg, void *item, int rc)
{
    const struct job *job = item;
    size_t size = strlen(order);
    CHECK_EQ(job->square, job->number * job->number);
    snprintf(order + size, sizeof order - size, "%d%s ", job->number,
             rc == -EIO ? bide_errmsg() : "");
    (void)arg;
    return no_place && job->number == 7 ? bide_fail(-ENOSPC, "no place for seven") : 0;
}

TASK_TEST(each_is_handed_the_items_of_an_iterator_in_order)
{
    struct source source = { .count = 12 };
    CHECK_EQ(bide_map_from(backwards, struct job, next_job, &source, .limit = 4,
                           .keep_going = true, .each = notes), 0);
    CHECK_STR(order, "0 1 2 3 4 5bad luck 6 7 8 9 10 11 ");
    CHECK_EQ(most, 4);
}

TASK_TEST(each_can_end_the_map)
{
    struct job *jobs = make_jobs(60);
    no_place = true;
    CHECK_EQ(bide_map(backwards, jobs, 60, .limit = 4, .keep_going = true, .each = notes),
             -ENOSPC);
    CHECK_STR(order, "0 1 2 3 4 5bad luck 6 7 ");
    CHECK_STR(bide_errmsg(), "no place for seven");
    CHECK_EQ(running, 0);
    free(jobs);
}

TASK_TEST(each_is_handed_the_items_of_an_array_in_order)
{
    struct job *jobs = make_jobs(25);
    CHECK_EQ(bide_map(backwards, jobs, 25, .limit = 4, .keep_going = true, .each = notes), 0);
    CHECK_STR(order, "0 1 2 3 4 5bad luck 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 ");
    CHECK_EQ(most, 4);
    free(jobs);
}

static int stuck_first(void *arg)
{
    struct job *job = arg;
    began++;
    job->square = job->number * job->number;
    return bide_sleep(job->number == 0 ? 100 : 1);
}

TASK_TEST(only_so_many_finished_items_wait_for_a_slow_one)
{
    struct source source = { .count = 50 };
    BIDE_TIMEOUT(t, 50);
    CHECK_EQ(bide_map_from(stuck_first, struct job, next_job, &source, .limit = 4,
                           .keep_going = true, .each = notes), BIDE_ECANCELED);
    CHECK_EQ(began, 8);
    CHECK_STR(order, "");                       /* nor is a cancelled one handed on */
}

static int fails_but_the_first(void *arg)
{
    const struct job *job = arg;
    return job->number == 0 ? bide_sleep(5) : bide_fail(-EIO, "number %d", job->number);
}

static int notes_sentences(void *arg, void *item, int rc)
{
    (void)arg;
    (void)item;
    size_t size = strlen(order);
    snprintf(order + size, sizeof order - size, "%s,", rc < 0 ? bide_errmsg() : "fine");
    return 0;
}

TASK_TEST(each_finds_the_sentence_of_the_item_held_whoever_hands_it_on)
{
    struct source source = { .count = 4 };
    CHECK_EQ(bide_map_from(fails_but_the_first, struct job, next_job, &source, .limit = 3,
                           .keep_going = true, .each = notes_sentences), 0);
    CHECK_STR(order, "fine,number 1,number 2,number 3,");
}

static int slow_notes(void *arg, void *item, int rc)
{
    CHECK_EQ(rc, 0);
    CHECK_EQ(running++, 0);
    rc = bide_sleep(1);
    running--;
    return rc < 0 ? rc : notes(arg, item, 0);
}

static int just_squares(void *arg)
{
    struct job *job = arg;
    job->square = job->number * job->number;
    return 0;
}

TASK_TEST(each_may_wait_and_is_never_entered_twice)
{
    struct source source = { .count = 7 };
    CHECK_EQ(bide_map_from(just_squares, struct job, next_job, &source, .limit = 3,
                           .each = slow_notes), 0);
    CHECK_STR(order, "0 1 2 3 4 5 6 ");
}

TASK_TEST(misuse_is_refused_with_a_sentence)
{
    struct bide_outcome outcome;
    struct source source = { .count = 1 };
    struct job *none = NULL;
    CHECK_EQ(bide_map(squares, none, 3), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "map squares: no array and no next");
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .outcomes = &outcome),
             BIDE_EINVAL);
    CHECK_EQ(bide_map_from(squares, struct job, next_job, &source, .limit = BIDE_UNLIMITED,
                           .each = notes), BIDE_EINVAL);
    CHECK_EQ(calls, 0);
}

TEST(outside_of_tasks_it_is_refused)
{
    struct job job = { 0 };
    CHECK_EQ(bide_map(squares, &job, 1), BIDE_EPERM);
}

static const bide_local key;
static char value[] = "value";

static int looks(void *item)
{
    *(void **)item = bide_local_get(&key);
    return 0;
}

TASK_TEST(mapped_calls_see_the_callers_locals)
{
    void *seen[3] = { NULL };
    BIDE_LOCAL(local, &key, value);
    CHECK_EQ(bide_map(looks, seen, 3), 0);
    CHECK_PTR(seen[0], value);
    CHECK_PTR(seen[2], value);
}

static int left, refused;

static void *alloc_some(size_t size)
{
    if (left-- > 0)
        return malloc(size);
    refused++;
    return NULL;
}

static int maps_all_ways(void *round)
{
    struct job *jobs = make_jobs(6);
    struct source sources[2] = { { .count = 6 }, { .count = 6 } };
    left = *(int *)round;
    int rcs[3] = {
        bide_map(squares, jobs, 6, .limit = 3),
        bide_map_from(squares, struct job, next_job, &sources[0], .limit = 3),
        bide_map_from(squares, struct job, next_job, &sources[1], .limit = 3, .each = notes),
    };
    left = 1000000;
    free(jobs);
    for (int i = 0; i < 3; i++) {
        CHECK(rcs[i] == 0 || rcs[i] == BIDE_ENOMEM);
        CHECK(rcs[i] == 0 || strstr(bide_errmsg(), "memory"));
    }
    CHECK_EQ(running, 0);
    return 0;
}

TEST(without_memory_the_map_fails_and_all_have_ended)
{
    struct bide_allocator some = { alloc_some, realloc, free };
    left = 1000000;
    CHECK_EQ(bide_allocator_set(&some), 0);
    int round = 0;
    do {
        refused = 0;
        order[0] = '\0';
        CHECK_EQ(bide_run(maps_all_ways, &round, .jumping_clock = true), 0);
        round++;
    } while (refused && round < 100);
    CHECK(round > 3 && round < 100);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

static int maps_shuffled(void *unused)
{
    (void)unused;
    struct source source = { .count = 25 };
    CHECK_EQ(bide_map_from(backwards, struct job, next_job, &source, .limit = 4,
                           .keep_going = true, .each = notes), 0);
    CHECK_EQ(most, 4);
    return 0;
}

TEST(in_any_order_of_running_the_items_come_in_order)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        order[0] = '\0';
        CHECK_EQ(bide_run(maps_shuffled, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
        CHECK_STR(order,
                  "0 1 2 3 4 5bad luck 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 ");
    }
}
