/* tests/core/test_local.c -- values that go with a task: who inherits what, and what is dropped. */
#include "test.h"

#include "core/local.h"
#include "core/loop.h"
#include "host.h"
#include <bide/group.h>
#include <bide/local.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int kept, dropped;

static void *keep_text(void *text)
{
    char *copy = strdup(text);
    kept += copy != NULL;
    return copy;
}

static void drop_text(void *text)
{
    dropped++;
    free(text);
}

static void *refuse(void *value)
{
    (void)value;
    return NULL;
}

static const bide_local plain, other, text = { keep_text, drop_text };
static const bide_local unkeepable = { refuse, NULL };
static char one[] = "one", two[] = "two";

/* What a task of the tests saw. */
struct seen { const char *plain, *text; char copy[16]; int runs; };

static void see(struct seen *seen)
{
    seen->runs++;
    seen->plain = bide_local_get(&plain);
    seen->text = bide_local_get(&text);
    strcpy(seen->copy, seen->text ? seen->text : "-");
}

static int looks(void *arg)
{
    see(arg);
    return 0;
}

static int looks_later(void *arg)
{
    int rc = bide_sleep(1);
    see(arg);
    return rc;
}

TASK_TEST(a_value_holds_until_its_block_is_left)
{
    CHECK_PTR(bide_local_get(&plain), NULL);
    {
        BIDE_LOCAL(a, &plain, one);
        CHECK_PTR(bide_local_get(&plain), one);
        CHECK_PTR(bide_local_get(&other), NULL);
        {
            BIDE_LOCAL(b, &plain, two);
            BIDE_LOCAL(c, &other, one);
            CHECK_PTR(bide_local_get(&plain), two);
            CHECK_PTR(bide_local_get(&other), one);
        }
        CHECK_PTR(bide_local_get(&plain), one);
        CHECK_PTR(bide_local_get(&other), NULL);
    }
    CHECK_PTR(bide_local_get(&plain), NULL);
}

TASK_TEST(null_hides_what_was_set_further_out)
{
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &plain, NULL);
    CHECK_PTR(bide_local_get(&plain), NULL);
}

TASK_TEST(what_was_set_around_a_group_is_inherited_as_it_is)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &text, two);
    BIDE_GROUP(g);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_PTR(seen.plain, one);
    CHECK_PTR(seen.text, two);
    CHECK_EQ(kept, 0);
}

TASK_TEST(what_was_set_inside_the_block_is_inherited_only_through_keep)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    {
        BIDE_LOCAL(a, &plain, one);
        BIDE_LOCAL(b, &text, two);
        bide_spawn(g, looks_later, &seen);
    }
    CHECK_EQ(kept, 1);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_PTR(seen.plain, NULL);
    CHECK_STR(seen.copy, "two");
    CHECK(seen.text != two);
    CHECK_EQ(dropped, 1);
    CHECK_PTR(bide_local_get(&text), NULL);
}

TASK_TEST(the_nearest_value_of_a_key_alone_is_kept)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(around, &text, one);
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &text, one);
    BIDE_LOCAL(b, &text, two);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "two");
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
}

TASK_TEST(a_null_set_inside_the_block_goes_with_the_task_and_nothing_is_kept_or_dropped)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(around, &text, one);
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &text, NULL);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "-");
    CHECK_EQ(kept, 0);
    CHECK_EQ(dropped, 0);
}

TASK_TEST(without_keep_the_value_around_the_group_is_seen_again)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(around, &plain, one);
    BIDE_GROUP(g);
    BIDE_LOCAL(inside, &plain, two);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_PTR(seen.plain, one);
}

static int sets_its_own(void *arg)
{
    BIDE_LOCAL(a, &text, one);
    int rc = bide_sleep(1);
    see(arg);
    return rc;
}

TASK_TEST(a_task_overrides_for_itself_alone)
{
    struct seen first = { 0 }, second = { 0 };
    BIDE_LOCAL(a, &text, two);
    BIDE_GROUP(g);
    bide_spawn(g, sets_its_own, &first);
    bide_spawn(g, looks_later, &second);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(first.copy, "one");
    CHECK_STR(second.copy, "two");
    CHECK_PTR(bide_local_get(&text), two);
}

TASK_TEST(a_copy_is_overridden_by_the_tasks_own_value_and_there_again_after_it)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &text, two);
    bide_spawn(g, sets_its_own, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "one");
    CHECK_EQ(dropped, 1);
}

static int opens_a_group(void *arg)
{
    BIDE_GROUP(g);
    bide_spawn(g, looks_later, arg);
    return bide_group_wait(g);
}

TASK_TEST(a_nested_groups_tasks_see_what_is_around_both)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &text, two);
    BIDE_GROUP(g);
    bide_spawn(g, opens_a_group, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_PTR(seen.plain, one);
    CHECK_PTR(seen.text, two);
    CHECK_EQ(kept, 0);
}

TASK_TEST(a_nested_groups_tasks_see_their_grandparents_copy_as_it_is)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    {
        BIDE_LOCAL(b, &text, two);
        bide_spawn(g, opens_a_group, &seen);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "two");
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
}

struct into { bide_group *group; struct seen *seen; };

static int spawns_into(void *arg)
{
    struct into *into = arg;
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &text, two);
    bide_spawn(into->group, looks_later, into->seen);
    return 0;
}

TASK_TEST(into_somebody_elses_group_only_what_is_kept_goes_along)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(a, &plain, two);
    BIDE_GROUP(outer);
    {
        BIDE_GROUP(inner);
        struct into into = { outer, &seen };
        bide_spawn(inner, spawns_into, &into);
        CHECK_EQ(bide_group_wait(inner), 0);
    }
    CHECK_EQ(bide_group_wait(outer), 0);
    CHECK_PTR(seen.plain, two);                 /* what is around that group */
    CHECK_STR(seen.copy, "two");
    CHECK_EQ(dropped, 1);
}

TASK_TEST(the_root_group_and_owned_ones_get_only_what_is_kept)
{
    struct seen in_root = { 0 }, in_owned = { 0 };
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &text, two);
    bide_group *owned = bide_group_open("owned", NULL, NULL);
    bide_spawn(owned, looks, &in_owned);
    bide_spawn(NULL, looks, &in_root);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_PTR(in_root.plain, NULL);
    CHECK_PTR(in_owned.plain, NULL);
    CHECK_STR(in_root.copy, "two");
    CHECK_STR(in_owned.copy, "two");
    CHECK_EQ(kept, 2);
    CHECK_EQ(dropped, 2);
    bide_group_close(owned);
}

TASK_TEST(a_task_in_the_root_group_hands_its_copy_on_by_keeping_it_again)
{
    struct seen seen = { 0 };
    struct into into = { NULL, &seen };
    bide_spawn(NULL, spawns_into, &into);
    CHECK_EQ(bide_sleep(2), 0);
    CHECK_STR(seen.copy, "two");
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
}

TASK_TEST(gathered_calls_see_what_the_gatherer_sees)
{
    struct seen seen[2] = { { 0 } };
    BIDE_LOCAL(a, &plain, one);
    BIDE_LOCAL(b, &text, two);
    struct bide_call calls[] = { { .fn = looks, .arg = &seen[0] },
                                 { .fn = looks_later, .arg = &seen[1] } };
    CHECK_EQ(bide_gather(calls, 2), 0);
    CHECK_PTR(seen[0].plain, one);
    CHECK_PTR(seen[1].text, two);
    CHECK_EQ(kept, 0);
}

TASK_TEST(bide_run_inside_a_task_and_a_timeout_hide_nothing)
{
    struct seen seen = { 0 };
    BIDE_LOCAL(a, &plain, one);
    CHECK_EQ(bide_run(looks, &seen), 0);
    CHECK_PTR(seen.plain, one);
    CHECK_EQ(bide_timeout(3, looks_later, &seen), 0);
    CHECK_PTR(seen.plain, one);
    CHECK_EQ(seen.runs, 2);
}

TEST(what_is_set_around_bide_run_is_seen_by_all_tasks_also_of_the_root_group)
{
    struct seen seen = { 0 }, in_root = { 0 };
    struct into into = { NULL, &in_root };
    BIDE_LOCAL(a, &plain, two);
    CHECK_PTR(bide_local_get(&plain), two);
    CHECK_EQ(bide_run(looks, &seen), 0);
    CHECK_PTR(seen.plain, two);
    CHECK_EQ(bide_run(spawns_into, &into, .jumping_clock = true), 0);
    CHECK_PTR(in_root.plain, two);
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
}

static int fails(void *unused)
{
    (void)unused;
    return bide_fail(-EIO, "the disk is gone");
}

static void drop_badly(void *value)
{
    drop_text(value);
    bide_fail(-EBADF, "what goes wrong in drop is nobody's failure");
}

TASK_TEST(a_copy_is_dropped_once_from_a_task_that_fails_and_its_sentence_stays)
{
    static const bide_local bad = { keep_text, drop_badly };
    BIDE_KEEP_GOING(g);
    bide_task *failing;
    BIDE_LOCAL(a, &bad, one);
    bide_spawn(g, fails, NULL, .handle = &failing);
    CHECK_EQ(bide_group_wait(g), -EIO);
    CHECK_STR(bide_task_error(failing)->text, "the disk is gone");
    CHECK_EQ(dropped, 1);
}

TASK_TEST(a_copy_is_dropped_from_a_cancelled_task_that_had_not_begun)
{
    struct seen seen = { 0 };
    {
        BIDE_GROUP(g);
        BIDE_LOCAL(a, &text, one);
        bide_spawn(g, looks_later, &seen);
    }
    CHECK_EQ(seen.runs, 1);
    CHECK_STR(seen.copy, "one");
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
}

static void drop_argument(void *arg)
{
    see(arg);
}

TASK_TEST(the_drop_of_the_argument_still_sees_the_copies)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &text, one);
    bide_spawn(g, looks, &seen, .drop = drop_argument);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.runs, 2);
    CHECK_STR(seen.copy, "one");
}

TASK_TEST(a_value_that_cannot_be_kept_stops_the_task_from_starting)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &unkeepable, one);
    BIDE_LOCAL(b, &text, two);                  /* nearer, so it is kept first, and dropped */
    CHECK_EQ(bide_spawn(g, looks, &seen, .drop = drop_argument), BIDE_ENOMEM);
    CHECK_EQ(kept, 1);
    CHECK_EQ(dropped, 1);
    CHECK_EQ(seen.runs, 1);                     /* the argument was taken care of */
    CHECK_EQ(bide_group_wait(g), BIDE_ENOMEM);
    CHECK_STR(bide_errmsg(), "spawn looks: out of memory");
}

TASK_TEST(an_argument_with_a_large_copy_is_freed_where_a_local_cannot_be_kept)
{
    struct { char bytes[900]; } large = { { 0 } };
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &unkeepable, one);
    CHECK_EQ(bide_spawn(g, looks, &large, .copy = sizeof large), BIDE_ENOMEM);
    CHECK_EQ(bide_group_wait(g), BIDE_ENOMEM);
}

static int left;

static void *alloc_some(size_t size)
{
    return left-- > 0 ? malloc(size) : NULL;
}

static int keeps_without_memory(void *unused)
{
    (void)unused;
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    BIDE_LOCAL(a, &text, one);
    left = 0;
    int rc = bide_spawn(g, looks, &seen);
    left = 1000;
    CHECK_EQ(rc, BIDE_ENOMEM);
    CHECK_EQ(kept, 0);
    CHECK_EQ(bide_group_wait(g), BIDE_ENOMEM);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "one");
    return 0;
}

TEST(without_memory_for_a_copy_the_group_fails_and_goes_on)
{
    left = 1000;
    struct bide_allocator some = { alloc_some, realloc, free };
    CHECK_EQ(bide_allocator_set(&some), 0);
    CHECK_EQ(bide_run(keeps_without_memory, NULL, .jumping_clock = true), 0);
    CHECK_EQ(kept, dropped);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

static char heard[16];

static void hear(const bide_task *failed, const struct bide_error *why)
{
    (void)failed;
    (void)why;
    const char *id = bide_local_get(&text);
    strcpy(heard, id ? id : "-");
}

static int fails_in_root(void *unused)
{
    (void)unused;
    BIDE_LOCAL(a, &text, two);
    bide_spawn(NULL, fails, NULL);
    return 0;
}

TEST(who_hears_of_a_failure_sees_the_failed_tasks_locals)
{
    CHECK_EQ(bide_run(fails_in_root, NULL, .on_failure = hear), 0);
    CHECK_STR(heard, "two");
    CHECK_EQ(dropped, 1);
}

TASK_TEST(the_next_task_on_the_same_stack_sees_nothing_of_the_last_one)
{
    struct seen seen = { 0 };
    BIDE_GROUP(g);
    {
        BIDE_LOCAL(a, &text, one);
        bide_spawn(g, looks, &seen);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(seen.runs, 2);
    CHECK_STR(seen.copy, "-");
}

TASK_TEST(a_stack_that_is_ready_to_hand_does_not_make_a_spawn_overlook_what_to_keep)
{
    struct seen seen = { 0 };
    struct loop *l = bide__loop();
    struct stack_class *pool = l->task_pool;
    BIDE_GROUP(g);
    bide_spawn(g, looks, &seen);
    CHECK_EQ(bide_group_wait(g), 0);
    {
        BIDE_LOCAL(a, &text, one);
        bide_spawn(g, looks_later, &seen);
    }
    CHECK(l->task_pool != pool);                /* the copy may have to be copied */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(seen.copy, "one");
    CHECK_PTR(l->task_pool, pool);              /* and from here on spawns are fast again */
}

static void *reads_in_a_thread(void *chain)
{
    struct bide_local_ *before = bide__local_adopt(chain);
    void *found = bide_local_get(&plain);
    {
        BIDE_LOCAL(own, &plain, two);
        if (bide_local_get(&plain) != two)
            found = NULL;
    }
    bide__local_adopt(before);
    return bide_local_get(&plain) ? NULL : found;
}

TASK_TEST(a_thread_that_works_for_a_task_sees_the_tasks_locals)
{
    pthread_t thread;
    void *found;
    BIDE_LOCAL(a, &plain, one);
    CHECK_EQ(pthread_create(&thread, NULL, reads_in_a_thread, bide__local_chain()), 0);
    CHECK_EQ(pthread_join(thread, &found), 0);
    CHECK_PTR(found, one);
}

static void leave_a_block_while_a_guest_runs(struct seen *main_saw)
{
    BIDE_LOCAL(until_left, &text, one);
    CHECK_EQ(START_GUEST(looks_later, main_saw, .jumping_clock = true), 0);
}

static int step_to_the_end(void)
{
    int timeout_ms, rc;
    while (bide_guest_step(&timeout_ms, &rc))
        ;
    return rc;
}

TEST(what_a_host_sets_holds_for_its_block_whenever_its_guest_begins_and_ends)
{
    struct seen main_saw = { .runs = 0 }, spawned_saw = { .runs = 0 };
    BIDE_LOCAL(a, &plain, one);
    leave_a_block_while_a_guest_runs(&main_saw);
    CHECK_STR(bide_local_get(&plain), "one");
    CHECK(!bide_local_get(&text));
    {
        BIDE_LOCAL(b, &text, two);
        CHECK_STR(bide_local_get(&text), "two");
        bide_spawn(NULL, looks, &spawned_saw);
        CHECK_EQ(step_to_the_end(), 0);
        CHECK_STR(bide_local_get(&text), "two");
    }
    CHECK_STR(bide_local_get(&plain), "one");
    CHECK(!bide_local_get(&text));
    CHECK_EQ(main_saw.runs + spawned_saw.runs, 2);
    CHECK_STR(main_saw.copy, "-");
    CHECK_STR(spawned_saw.copy, "two");
    CHECK_EQ(kept, dropped);
}
