/* tests/sync/test_watch.c -- one value that changes, and those who wait for that. */
#include "test.h"

#include <bide/channel.h>
#include <bide/group.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <stdlib.h>
#include <string.h>

struct settings { int level; char name[20]; };

static bide_watch *watch;

struct seen { uint64_t version; int value, rc, times; };

static int follows(void *arg)
{
    struct seen *s = arg;
    while ((s->rc = bide_watch_changed(watch, &s->version, &s->value)) == 1)
        s->times++;
    return s->rc;
}

static int waits_once(void *arg)
{
    struct seen *s = arg;
    s->rc = bide_watch_changed(watch, &s->version, &s->value);
    return s->rc;
}

TASK_TEST(the_value_and_its_version_can_be_read_at_any_time)
{
    struct settings now = { 1, "first" };
    bide_auto(watch) w = bide_watch_new(struct settings, &now);
    now = (struct settings){ 0, "" };
    CHECK_EQ(bide_watch_get(w, &now), 1);
    CHECK_EQ(now.level, 1);
    now = (struct settings){ 2, "second" };
    CHECK_EQ(bide_watch_set(w, &now), 0);
    now = (struct settings){ 0, "" };
    CHECK_EQ(bide_watch_get(w, &now), 2);
    CHECK_STR(now.name, "second");
}

TASK_TEST(who_has_seen_nothing_gets_the_initial_value_at_once)
{
    int value = 7;
    uint64_t seen = 0;
    bide_auto(watch) w = bide_watch_new(int, &value);
    value = 0;
    CHECK_EQ(bide_watch_changed(w, &seen, &value), 1);
    CHECK_EQ(seen, 1);
    CHECK_EQ(value, 7);
}

TASK_TEST(all_who_wait_are_told_of_a_change)
{
    int value = 0;
    struct seen seen[5];
    bide_auto(watch) made = watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++) {
        seen[i] = (struct seen){ .version = 1 };
        bide_spawn(g, waits_once, &seen[i]);
    }
    CHECK_EQ(bide_sleep(0.001), 0);
    value = 5;
    CHECK_EQ(bide_watch_set(watch, &value), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(seen[i].rc, 1);
        CHECK_EQ(seen[i].version, 2);
        CHECK_EQ(seen[i].value, 5);
    }
}

TASK_TEST(changes_in_between_are_passed_over)
{
    int value = 0;
    struct seen seen = { .version = 0 };
    bide_auto(watch) made = watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    bide_spawn(g, follows, &seen);
    CHECK_EQ(bide_sleep(0.001), 0);
    for (value = 1; value <= 10; value++)
        CHECK_EQ(bide_watch_set(watch, &value), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(seen.times, 2);                    /* the initial one, and the newest */
    CHECK_EQ(seen.value, 10);
    CHECK_EQ(seen.version, 11);
    bide_watch_close(watch);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.rc, 0);
}

/* Closing and freeing. */

TASK_TEST(closed_it_tells_the_last_value_and_then_the_end)
{
    int value = 1;
    uint64_t seen = 1;
    bide_auto(watch) w = bide_watch_new(int, &value);
    value = 2;
    CHECK_EQ(bide_watch_set(w, &value), 0);
    bide_watch_close(w);
    CHECK_EQ(bide_watch_set(w, &value), BIDE_ECLOSED);
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
    value = 0;
    CHECK_EQ(bide_watch_changed(w, &seen, &value), 1);
    CHECK_EQ(value, 2);
    CHECK_EQ(bide_watch_changed(w, &seen, &value), 0);
    CHECK_EQ(bide_watch_get(w, &value), 2);
}

TASK_TEST(freeing_ends_every_wait)
{
    int value = 1;
    struct seen seen[2] = { { .version = 1 }, { .version = 1 } };
    bide_task *tasks[2];
    watch = bide_watch_new(int, &value);
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, waits_once, &seen[i], .handle = &tasks[i]);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_watch_free(watch);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(seen[i].rc, BIDE_ECLOSED);
        CHECK_STR(bide_task_error(tasks[i])->text, "the watch is closed");
    }
    bide_watch_free(NULL);
}

TASK_TEST(set_and_freed_at_once_the_value_is_still_seen)
{
    int value = 1;
    struct seen seen = { .version = 1 };
    watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    bide_spawn(g, waits_once, &seen);
    CHECK_EQ(bide_sleep(0.001), 0);
    value = 2;
    CHECK_EQ(bide_watch_set(watch, &value), 0);
    bide_watch_free(watch);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.rc, 1);
    CHECK_EQ(seen.value, 2);
}

static int looks_for_ever(void *arg)
{
    struct seen *s = arg;
    for (; s->rc >= 0; s->times++) {
        s->version = 0;
        s->rc = bide_watch_changed(watch, &s->version, &s->value);
    }
    return 0;
}

TASK_TEST(freeing_ends_who_yields_on_the_way_in)
{
    int value = 1;
    struct seen seen = { .version = 0 };
    watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    bide_spawn(g, looks_for_ever, &seen);
    CHECK_EQ(bide_yield(), 0);
    bide_watch_free(watch);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.rc, BIDE_ECLOSED);
    CHECK(seen.times > 1);
}

/* Cancelling. */

TASK_TEST(cancelled_before_nothing_is_seen)
{
    int value = 1;
    uint64_t seen = 0;
    bide_auto(watch) w = bide_watch_new(int, &value);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    value = 0;
    CHECK_EQ(bide_watch_changed(w, &seen, &value), BIDE_ECANCELED);
    CHECK_EQ(seen, 0);
    CHECK_EQ(value, 0);
}

TASK_TEST(a_cancelled_wait_leaves_the_line)
{
    int value = 1;
    struct seen first = { .version = 1 }, second = { .version = 1 };
    bide_task *task;
    bide_auto(watch) made = watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    bide_spawn(g, waits_once, &first, .handle = &task);
    bide_spawn(g, waits_once, &second);
    CHECK_EQ(bide_sleep(0.001), 0);
    bide_cancel(task);
    value = 2;
    CHECK_EQ(bide_watch_set(watch, &value), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, BIDE_ECANCELED);
    CHECK_EQ(first.version, 1);
    CHECK_EQ(second.rc, 1);
}

TASK_TEST(told_and_then_cancelled_the_change_is_seen)
{
    int value = 1;
    struct seen seen = { .version = 1 };
    bide_task *task;
    bide_auto(watch) made = watch = bide_watch_new(int, &value);
    BIDE_GROUP(g);
    bide_spawn(g, waits_once, &seen, .handle = &task);
    CHECK_EQ(bide_sleep(0.001), 0);
    value = 2;
    CHECK_EQ(bide_watch_set(watch, &value), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.rc, 1);
    CHECK_EQ(seen.value, 2);
}

/* Misuse. */

TASK_TEST(values_of_another_size_are_refused)
{
    struct settings now = { 1, "first" };
    char byte = 1;
    uint64_t seen = 0;
    bide_auto(watch) w = bide_watch_new(struct settings, &now);
    CHECK_EQ(bide_watch_set(w, &byte), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "1 bytes");
    CHECK_EQ(bide_watch_get(w, &byte), 0);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(bide_watch_changed(w, &seen, &byte), BIDE_EINVAL);
    CHECK_PTR(bide_watch_new(struct settings, &byte), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_watch_new_(65537, &byte, 65537), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

TASK_TEST(a_missing_watch_gives_the_held_error)
{
    int value = 0;
    uint64_t seen = 0;
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(bide_watch_set(NULL, &value), BIDE_ENOMEM);
    CHECK_EQ(bide_watch_get(NULL, &value), 0);
    CHECK_EQ(bide_watch_changed(NULL, &seen, &value), BIDE_ENOMEM);
    bide_watch_close(NULL);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

TEST(without_memory_no_watch_is_made)
{
    static const struct bide_allocator none = { no_memory, realloc, free };
    int value = 1;
    CHECK_EQ(bide_allocator_set(&none), 0);
    CHECK_PTR(bide_watch_new(int, &value), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
}
