/* tests/core/test_owned.c -- groups that objects own, and the root group. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct object { bide_group *group; int beats, begun, ended; };

static int drops, heard;
static char told[1024];

static void hear(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    (void)why;
    heard++;
}

static void drop(void *owner)
{
    struct object *object = owner;
    drops++;
    CHECK_EQ(object->ended, object->begun);
    free(object);
}

static int heartbeat(void *arg)
{
    struct object *object = arg;
    int rc = 0;
    object->begun = 1;
    while ((rc = bide_sleep(0.010)) == 0)
        object->beats++;
    BIDE_SHIELD(s, 1);
    bide_ignore(bide_sleep(0.003));             /* cleaning up takes a while */
    object->ended = 1;
    return rc;
}

static struct object *open_object(void)
{
    struct object *object = calloc(1, sizeof *object);
    CHECK(object);
    object->group = bide_group_open("object", drop, object);
    CHECK(object->group);
    bide_spawn(object->group, heartbeat, object, .name = "heartbeat");
    return object;
}

TASK_TEST(an_object_outlives_the_timeout_around_its_maker)
{
    struct object *object;
    {
        BIDE_TIMEOUT(t, 0.005);
        BIDE_GROUP(g);
        object = open_object();
        CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_sleep(0.100), 0);
    CHECK_EQ(object->beats, 10);
    CHECK_EQ(drops, 0);
    bide_group_close(object->group);
    CHECK_EQ(drops, 0);                         /* closing never waits */
    CHECK_EQ(bide_sleep(0.002), 0);
    CHECK_EQ(drops, 0);
    CHECK_EQ(bide_sleep(0.002), 0);
    CHECK_EQ(drops, 1);
}

TASK_TEST(closing_an_empty_group_drops_at_once)
{
    struct object *object = calloc(1, sizeof *object);
    CHECK(object);
    object->group = bide_group_open("object", drop, object);
    bide_group_close(object->group);
    CHECK_EQ(drops, 1);
    bide_group_close(NULL);
}

TASK_TEST(a_group_without_a_drop_may_be_closed)
{
    bide_group *g = bide_group_open("plain", NULL, NULL);
    bide_spawn(g, heartbeat, &(struct object){ .beats = 0 }, .copy = sizeof(struct object));
    CHECK_EQ(bide_sleep(0), 0);
    bide_group_close(g);
    CHECK_EQ(bide_sleep(0.010), 0);
}

static int closes_its_own(void *arg)
{
    struct object *object = arg;
    bide_group_close(object->group);
    CHECK_EQ(drops, 0);                         /* we are still in it */
    CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
    return 0;
}

TASK_TEST(a_task_may_close_the_group_it_is_in)
{
    struct object *object = open_object();
    bide_spawn(object->group, closes_its_own, object);
    CHECK_EQ(bide_sleep(0.010), 0);
    CHECK_EQ(drops, 1);
}

static bide_group *chain[1000];

static void drop_next(void *owner)
{
    bide_group **next = owner;
    drops++;
    if (next < chain + 1000)
        bide_group_close(*next);
}

TASK_TEST(what_is_dropped_may_close_others)
{
    for (int i = 0; i < 1000; i++)
        CHECK((chain[i] = bide_group_open("link", drop_next, &chain[i + 1])));
    bide_group_close(chain[0]);
    CHECK_EQ(drops, 1000);
}

static int more;

static int counts_more(void *unused)
{
    (void)unused;
    more++;
    return 0;
}

static void spawn_more(void *arg)
{
    bide_spawn(NULL, counts_more, arg);
}

static void spawn_on_failure(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    (void)why;
    bide_spawn(NULL, counts_more, NULL);
}

static int fails_and_drops(void *unused)
{
    (void)unused;
    return bide_fail(-5, "no");
}

static int spawns_failing(void *unused)
{
    for (int i = 0; i < 10; i++)
        bide_spawn(NULL, fails_and_drops, unused, .drop = spawn_more);
    return bide_sleep(0.001);
}

TEST(drop_functions_and_the_failure_hook_may_spawn)
{
    CHECK_EQ(bide_run(spawns_failing, NULL, .on_failure = spawn_on_failure,
                      .jumping_clock = true), 0);
    CHECK_EQ(more, 20);
}

static long blocks;

static void *counted_alloc(size_t size)
{
    blocks++;
    return malloc(size);
}

static void *counted_resize(void *old, size_t size)
{
    blocks += !old;
    return realloc(old, size);
}

static void counted_free(void *memory)
{
    blocks -= memory != NULL;
    free(memory);
}

struct load { char text[500]; };

static int ends_at_once(void *unused)
{
    (void)unused;
    return 0;
}

static int opens_many(void *unused)
{
    (void)unused;
    static struct load load;
    bide_task *first = NULL;
    for (int i = 0; i < 300; i++) {
        bide_task *task, *in_root;
        bide_group *g = bide_group_open("object", NULL, NULL);
        bide_spawn(g, ends_at_once, &load, .copy = sizeof load, .handle = &task);
        CHECK_EQ(bide_join(task), 0);
        CHECK(bide_task_done(task));
        first = first ? first : task;
        CHECK_PTR(task, first);         /* the same stack each time */
        bide_group_close(g);
        if (i == 299)
            bide_spawn(NULL, ends_at_once, &load, .copy = sizeof load, .handle = &in_root);
    }
    return 0;
}

TEST(what_was_kept_for_a_handle_goes_with_its_group)
{
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ counted_alloc, counted_resize,
                                                             counted_free }));
    CHECK_EQ(bide_run(opens_many, NULL, .jumping_clock = true), 0);
    CHECK_EQ(blocks, 0);
}

static int closes_last(void *unused)
{
    (void)unused;
    bide_group_close(open_object()->group);
    return 3;
}

TEST(the_object_is_dropped_before_the_loop_ends)
{
    CHECK_EQ(bide_run(closes_last, NULL, .jumping_clock = true), 3);
    CHECK_EQ(drops, 1);
}

static int forgets(void *unused)
{
    (void)unused;
    open_object();
    return bide_sleep(0.025);
}

static void keep_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    strcat(strcat(told, line), "\n");
}

TEST(an_object_left_open_is_closed_and_told_of)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_DEBUG);
    CHECK_EQ(bide_run(forgets, NULL, .jumping_clock = true), 0);
    CHECK_EQ(drops, 1);
    CHECK_HAS(told, "object");
}

static int ends_its_own(void *unused)
{
    (void)unused;
    struct object *object = calloc(1, sizeof *object);
    CHECK(object);
    object->group = bide_group_open("its own", drop, object);
    int rc = bide_sleep(10);
    CHECK_EQ(drops, 0);
    bide_group_close(object->group);
    CHECK_EQ(drops, 1);
    return rc;
}

static int leaves_an_owner(void *unused)
{
    bide_spawn(NULL, ends_its_own, unused);
    return bide_sleep(0.025);
}

TEST(what_the_main_task_leaves_running_closes_its_own)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_DEBUG);
    CHECK_EQ(bide_run(leaves_an_owner, NULL, .jumping_clock = true), 0);
    CHECK_EQ(drops, 1);
    CHECK(!strstr(told, "its own"));
}

static int fails(void *unused)
{
    (void)unused;
    return bide_fail(-5, "no");
}

static int fails_in_object(void *unused)
{
    (void)unused;
    struct object *object = open_object();
    bide_spawn(object->group, fails, NULL);
    CHECK_EQ(bide_sleep(0.015), 0);
    CHECK_EQ(heard, 1);
    CHECK_EQ(object->beats, 1);                 /* it keeps going */
    bide_group_close(object->group);
    return 0;
}

TEST(a_failure_in_an_object_is_heard_of_at_once)
{
    CHECK_EQ(bide_run(fails_in_object, NULL, .jumping_clock = true, .on_failure = hear), 0);
    CHECK_EQ(heard, 1);
}

static int opens_when_ending(void *arg)
{
    bool *refused = arg;
    bide_ignore(bide_sleep(10));
    *refused = bide_group_open("late", NULL, NULL) == NULL;
    return 0;
}

static int leaves_a_task(void *arg)
{
    bide_spawn(NULL, opens_when_ending, arg);
    return bide_yield();
}

TEST(no_object_is_opened_once_the_loop_ends)
{
    bool refused = false;
    CHECK_EQ(bide_run(leaves_a_task, &refused, .jumping_clock = true), 0);
    CHECK(refused);
}

TEST(outside_a_loop_there_is_no_group)
{
    CHECK_PTR(bide_group_root(), NULL);
    CHECK_PTR(bide_group_open("none", NULL, NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

static int spawns_more(void *arg)
{
    int *count = arg;
    if (++*count < 50)
        bide_spawn(bide_group_root(), spawns_more, count);
    return 0;
}

static int leaves_spawners(void *count)
{
    bide_spawn(NULL, spawns_more, count);
    return 0;
}

TEST(tasks_that_the_last_ones_spawn_are_waited_for_too)
{
    int count = 0;
    CHECK_EQ(bide_run(leaves_spawners, &count, .jumping_clock = true), 0);
    CHECK_EQ(count, 50);
}

static bide_group *closed_by_hook;

static void close_it(const bide_task *task, const struct bide_error *why)
{
    CHECK_STR(bide_task_name(task), "fails");
    CHECK_EQ(why->code, -5);
    bide_group_close(closed_by_hook);
    CHECK_EQ(drops, 0);                         /* the one that failed is still in it */
}

static int fails_in_what_is_closed(void *unused)
{
    struct object *object = calloc(1, sizeof *object);
    CHECK(object);
    closed_by_hook = bide_group_open("object", drop, object);
    bide_spawn(closed_by_hook, fails, unused);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(drops, 1);
    return 0;
}

TEST(the_failure_hook_may_close_the_object)
{
    CHECK_EQ(bide_run(fails_in_what_is_closed, NULL, .jumping_clock = true,
                      .on_failure = close_it), 0);
}
