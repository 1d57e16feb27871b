/* tests/core/test_memory.c -- running out of memory is an error like any other.
 *
 * Each scenario is run again and again, with the first, second, third ... allocation (or mapping)
 * refused, until none is.  Nothing may leak, nothing be lost, and what fails says so. */
#include "test.h"

#include "base/sys.h"
#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <stdlib.h>
#include <string.h>

static long blocks, left;       /* left: how many may still succeed; < 0: no limit */
static int refused, given, dropped, heard;

static bool may_have(void)
{
    if (left < 0 || left-- > 0)
        return true;
    left = -1;                  /* one is refused, the rest succeed */
    refused++;
    return false;
}

static void *alloc(size_t size)
{
    void *memory = may_have() ? malloc(size) : NULL;
    blocks += memory != NULL;
    return memory;
}

static void *resize(void *old, size_t size)
{
    void *memory = may_have() ? realloc(old, size) : NULL;
    blocks += !old && memory;
    return memory;
}

static void release(void *memory)
{
    blocks -= memory != NULL;
    free(memory);
}

static void *map(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return may_have() ? mmap(at, size, protection, flags, fd, offset) : MAP_FAILED;
}

static void ignore_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    (void)line;
}

static void hear(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code == BIDE_ENOMEM || why->code == BIDE_ECANCELED);
    heard++;
}

/* Runs fn with the nth request refused, n = 0, 1, 2, ... until one run needs no more than n. */
static void refuse_each(bide_fn *fn, int least)
{
    int rounds = 0;
    bide_log_to(ignore_line, NULL, BIDE_LOG_ERROR);
    for (bool any = true; any; rounds++) {
        CHECK(rounds < 5000);
        left = rounds;
        refused = given = dropped = heard = 0;
        int rc = bide_run(fn, NULL, .jumping_clock = true, .on_failure = hear);
        any = refused > 0;
        left = -1;
        CHECK(rc == 0 || (any && rc == BIDE_ENOMEM));
        CHECK(rc == 0 || strstr(bide_errmsg(), "memory") || strstr(bide_errmsg(), "space"));
        CHECK_EQ(dropped, given);
        CHECK_EQ(blocks, 0);
    }
    CHECK(rounds > least);
}

static void refuse_each_allocation(bide_fn *fn, int least)
{
    struct bide_allocator counted = { alloc, resize, release };
    CHECK_EQ(bide_allocator_set(&counted), 0);
    refuse_each(fn, least);
}

static void refuse_each_mapping(bide_fn *fn, int least)
{
    bide__sys.mmap = map;
    refuse_each(fn, least);
}

/* The scenarios. */

struct load { char text[500]; };

static void count_drop(void *arg)
{
    (void)arg;
    dropped++;
}

static int works(void *arg)
{
    struct load *load = arg;
    load->text[0]++;
    return bide_sleep(0.001);
}

static int spawns(void *unused)
{
    static struct load load;
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++) {
        given++;
        bide_spawn(g, works, &load, .copy = sizeof load, .drop = count_drop,
                   .stack_size = (size_t)16384 << i % 3);
    }
    int rc = bide_group_wait(g);
    CHECK(rc == 0 || rc == BIDE_ENOMEM);
    if (rc < 0)
        CHECK_HAS(bide_errmsg(), "spawn works: ");
    CHECK_EQ(bide_group_failures(g, NULL, 0), rc < 0);
    return rc;
}

TEST(spawning_survives_each_refused_allocation)
{
    refuse_each_allocation(spawns, 5);
}

TEST(spawning_survives_each_refused_mapping)
{
    refuse_each_mapping(spawns, 3);
}

static int leaves_early(void *unused)
{
    static struct load load;
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++) {
        given++;
        bide_spawn(g, works, &load, .copy = sizeof load, .drop = count_drop);
    }
    return 0;
}

TEST(a_refused_task_nobody_waited_for_is_survived)
{
    refuse_each_allocation(leaves_early, 3);
}

static int owns(void *unused)
{
    static struct load load;
    (void)unused;
    given++;
    bide_group *g = bide_group_open("object", count_drop, &load);
    if (!g) {
        given--;
        return bide_errcode();
    }
    for (int i = 0; i < 3; i++) {
        given++;
        bide_spawn(g, works, &load, .copy = sizeof load, .drop = count_drop);
    }
    bide_group_close(g);
    return 0;
}

TEST(owned_groups_survive_each_refused_allocation)
{
    refuse_each_allocation(owns, 4);
}

static int gathers(void *unused)
{
    struct load load = { "" };
    struct bide_call calls[4];
    (void)unused;
    for (int i = 0; i < 4; i++)
        calls[i] = (struct bide_call){ .fn = works, .arg = &load };
    int rc = bide_gather(calls, 4);
    CHECK(rc == 0 || rc == BIDE_ENOMEM);
    for (int i = 0; i < 4; i++)
        CHECK(rc == 0 ? calls[i].rc == 0 : calls[i].rc <= 0);
    if (rc < 0)
        return rc;
    return bide_gather_all(calls, 4);
}

TEST(gathering_survives_each_refused_mapping)
{
    refuse_each_mapping(gathers, 3);
}

TEST(gathering_survives_each_refused_allocation)
{
    refuse_each_allocation(gathers, 1);
}

static int queues(void *unused)
{
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, BIDE_UNLIMITED, .drop = count_drop);
    if (!q)
        return bide_errcode();
    for (int i = 0; i < 200; i++) {
        int rc = bide_queue_put(q, &i);
        if (rc < 0)
            return rc;
        given++;
    }
    for (int i = 0; i < 100; i++) {
        int item;
        CHECK_EQ(bide_queue_get(q, &item), 1);
        CHECK_EQ(item, i);
        dropped++;
    }
    return 0;
}

TEST(queues_survive_each_refused_allocation)
{
    refuse_each_allocation(queues, 5);
}

static int fails_with_nothing(void *unused)
{
    (void)unused;
    BIDE_TIMEOUT(t, 0.001);
    return bide_scope_result(t, bide_sleep(1)) == BIDE_ETIMEDOUT ? 0 : -1;
}

TEST(waiting_failing_and_timing_out_allocate_nothing)
{
    struct bide_allocator counted = { alloc, resize, release };
    CHECK_EQ(bide_allocator_set(&counted), 0);
    refuse_each(fails_with_nothing, 1);
    left = -1;
    CHECK_EQ(bide_run(fails_with_nothing, NULL, .jumping_clock = true), 0);
}

TEST(an_allocator_needs_all_three)
{
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ alloc, resize, NULL }), BIDE_EINVAL);
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ NULL, resize, release }), BIDE_EINVAL);
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ alloc, NULL, release }), BIDE_EINVAL);
    CHECK_EQ(bide_allocator_set(NULL), 0);
    CHECK_EQ(bide_run(fails_with_nothing, NULL, .jumping_clock = true), 0);
    CHECK_EQ(blocks, 0);
}

static int heap_is_used(void *unused)
{
    static struct load load;
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, works, &load, .copy = sizeof load);
    CHECK(blocks > 0);
    return bide_group_wait(g);
}

TEST(everything_comes_from_the_allocator_and_goes_back)
{
    struct bide_allocator counted = { alloc, resize, release };
    left = -1;
    CHECK_EQ(bide_allocator_set(&counted), 0);
    CHECK_EQ(bide_run(heap_is_used, NULL), 0);
    CHECK_EQ(blocks, 0);
}

static struct bide_error told;

static void hear_refusal(const bide_task *task, const struct bide_error *why)
{
    CHECK(!task);
    told = *why;
    heard++;
}

static int leaves_a_refused_task_unheard(void *unused)
{
    static struct load load;
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, works, &load);        /* so that a stack is there, and only the copy is refused */
    if (bide_group_wait(g) < 0)
        return bide_errcode();
    left = 0;
    bide_spawn(g, works, &load, .copy = sizeof load);
    return 0;
}

TEST(a_task_that_could_not_start_and_was_not_waited_for_is_told_of)
{
    struct bide_allocator counted = { alloc, resize, release };
    left = -1;
    CHECK_EQ(bide_allocator_set(&counted), 0);
    CHECK_EQ(bide_run(leaves_a_refused_task_unheard, NULL, .on_failure = hear_refusal), 0);
    CHECK_EQ(heard, 1);
    CHECK_EQ(told.code, BIDE_ENOMEM);
    CHECK_STR(told.text, "spawn works: out of memory");
    CHECK_EQ(blocks, 0);
}
