/* tests/stack/test_memory.c -- what stacks cost: mappings, memory touched, address space, and what
 * is given back.
 *
 * The figures are read from /proc/self, so sanitizers and emulators, which have memory of their
 * own there, are left out where figures matter. */
#include "core/forked.h"

#include "core/guard.h"
#include "core/loop.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef BIDE_SWITCH_UCONTEXT
enum { EACH_BYTES = 8700 };     /* what it saves lies on the stack: a second page */
#else
enum { EACH_BYTES = 4300 };
#endif
enum { MANY = 100000 };

static volatile int touched;

static bool is_measurable(void)
{
    return !SANITIZED && !test_is_slow();
}

static long count_mappings(void)
{
    long count = 0;
    FILE *f = fopen("/proc/self/maps", "re");
    CHECK(f);
    for (int c; (c = getc(f)) != EOF;)
        count += c == '\n';
    fclose(f);
    return count;
}

static long kilobytes(const char *what)
{
    char line[200];
    long value = -1;
    FILE *f = fopen("/proc/self/status", "re");
    CHECK(f);
    while (value < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, what, strlen(what)) == 0)
            value = atol(line + strlen(what));
    fclose(f);
    CHECK(value >= 0);
    return value;
}

static int waits(void *event)
{
    (void)event;
    return bide_sleep(1000);
}

static long mappings, memory_kb;

/* Leaving the group cancels them all. */
static int has_many(void *unused)
{
    long before = kilobytes("VmRSS:"), before_mappings = count_mappings();
    (void)unused;
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(bide_spawn(g, waits, NULL), 0);
    CHECK_EQ(bide_yield(), 0);
    mappings = count_mappings() - before_mappings;
    memory_kb = kilobytes("VmRSS:") - before;
    return 0;
}

static void run_many(const char *guard)
{
    if (!is_measurable())
        return;
    setenv("BIDE_STACK_GUARD", guard, 1);
    CHECK_EQ(bide_run(has_many, NULL), 0);
    CHECK(memory_kb < MANY / 1000 * EACH_BYTES);
}

TEST(many_tasks_guarded_as_well_as_the_system_can)
{
    run_many("madvise");
    if (is_measurable() && strcmp(bide_stack_guard_name(), "madvise") == 0)
        CHECK(mappings < 100);
}

static void run_many_mprotected(void) { run_many("mprotect"); }
static void run_many_canaries(void) { run_many("canary"); }

static int count_in(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

TEST(mprotect_guards_stop_at_their_budget_with_one_warning)
{
    if (!is_measurable())
        return;
    CHECK_EQ(run_forked(run_many_mprotected), 0);
    CHECK_EQ(count_in(forked_said, "warning"), 1);
    CHECK_HAS(forked_said, "vm.max_map_count");
}

TEST(many_tasks_with_canaries_alone)
{
    if (!is_measurable())
        return;
    CHECK_EQ(run_forked(run_many_canaries), 0);
    CHECK_EQ(count_in(forked_said, "warning"), 1);
}

/* Whose guards were given up can be had by the next loop. */
static int counts_mappings(void *unused)
{
    long before = count_mappings();
    (void)unused;
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_spawn(g, waits, NULL), 0);
    CHECK_EQ(bide_yield(), 0);
    CHECK(count_mappings() - before > 1000);
    return 0;
}

static void run_two_loops(void)
{
    run_many("mprotect");
    CHECK_EQ(bide_run(counts_mappings, NULL), 0);
}

TEST(the_next_loop_has_the_budget_again)
{
    if (!is_measurable())
        return;
    CHECK_EQ(run_forked(run_two_loops), 0);
}

__attribute__((noinline)) static void touch(volatile char *at, size_t size)
{
    for (size_t i = 0; i < size; i += 64)
        at[i] = 1;
    touched += *at;
}

__attribute__((noinline)) static int deep(int frames)
{
    volatile char frame[1024];
    touch(frame, sizeof frame);
    int rc = frames > 1 ? deep(frames - 1) : 0;
    touch(frame, 1);
    return rc;
}

static int goes_deep(void *kb)
{
    deep((int)(intptr_t)kb);
    CHECK_EQ(bide_yield(), 0);
    return 0;
}

static int has_deep_ones(void *unused)
{
    long before = kilobytes("VmRSS:");
    (void)unused;
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 1000; i++)
            bide_spawn(g, goes_deep, (void *)40);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK(kilobytes("VmRSS:") - before > 35000);
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK(kilobytes("VmRSS:") - before < 13000);
    return 0;
}

TEST(what_deep_calls_used_is_given_back_by_an_idle_loop)
{
    if (is_measurable())
        CHECK_EQ(bide_run(has_deep_ones, NULL), 0);
}

/* The address of a local, as a number: which stack a task ran on. */
static uintptr_t ran_at;

static int notes_where(void *unused)
{
    (void)unused;
    ran_at = (uintptr_t)bide_task_current();
    return 0;
}

static uintptr_t where_next_runs(void)
{
    BIDE_GROUP(g);
    bide_spawn(g, notes_where, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    return ran_at;
}

static int reuses(void *unused)
{
    (void)unused;
    uintptr_t first = where_next_runs();
    for (int i = 0; i < 10; i++)
        CHECK_EQ(where_next_runs(), first);
    BIDE_GROUP(g);
    for (int i = 0; i < 600; i++)
        bide_spawn(g, notes_where, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    uintptr_t last = ran_at;
    CHECK_EQ(where_next_runs(), last);
    while (!bide__stack_trim(&bide__loop()->stacks))
        ;
    CHECK(!bide__stack_dirty(&bide__loop()->stacks));
    CHECK_EQ(where_next_runs(), last);
    CHECK_EQ(where_next_runs(), last);
    return 0;
}

TEST(the_stack_used_last_is_used_first)
{
    CHECK_EQ(bide_run(reuses, NULL), 0);
}

static int trims_in_between(void *unused)
{
    (void)unused;
    for (int round = 0; round < 20; round++) {
        BIDE_GROUP(g);
        for (int i = 0; i < 700; i++)
            bide_spawn(g, goes_deep, (void *)(intptr_t)(i % 40));
        CHECK_EQ(bide_group_wait(g), 0);
        for (int i = round % 5; i > 0; i--)
            bide__stack_trim(&bide__loop()->stacks);
    }
    return 0;
}

TEST(tasks_take_stacks_while_a_trimming_goes_on)
{
    CHECK_EQ(bide_run(trims_in_between, NULL), 0);
}

static int uses_most(void *size)
{
    size_t usable = *(size_t *)size / 4 * 3 - 4096 - 2048;
    deep((int)(usable / (SANITIZED ? 3000 : 1200)));
    return 0;
}

TASK_TEST(three_quarters_of_what_was_asked_for_can_be_used)
{
    for (size_t size = 1 << 14; size <= 1 << 22; size += size / 8) {
        BIDE_GROUP(g);
        bide_spawn(g, uses_most, &size, .stack_size = size);
        bide_spawn(g, uses_most, &size, .stack_size = size);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    size_t most = 700 * 4 / 3 * 1024;
    BIDE_GROUP(g);
    bide_spawn(g, uses_most, &most, .stack_size = 1 << 20);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int spawns_until_refused(void *count)
{
    BIDE_KEEP_GOING(g);
    int rc = 0;
    while (rc == 0 && *(int *)count < MANY) {
        rc = bide_spawn(g, waits, NULL, .stack_size = 1 << 18);
        *(int *)count += rc == 0;
    }
    CHECK_EQ(rc, BIDE_ENOMEM);
    CHECK_HAS(bide_errmsg(), "no memory for a stack of 262144 bytes");
    CHECK_EQ(bide_yield(), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), BIDE_ENOMEM);
    return 0;
}

static void limit_address_space(long more_kb)
{
    rlim_t limit = (rlim_t)(kilobytes("VmSize:") + more_kb) * 1024;
    setrlimit(RLIMIT_AS, &(struct rlimit){ limit, limit });
}

/* From no room at all to enough: a result and a sentence, never a crash. */
static void run_in_little_space(void)
{
    for (long more = 8192; more > 0; more -= 64) {
        int count = 0;
        limit_address_space(more);
        int rc = bide_run(spawns_until_refused, &count);
        CHECK(rc == 0 || rc == BIDE_ENOMEM);
        CHECK(rc < 0 || count > 0 || more < 6144);
        if (rc < 0)
            CHECK_HAS(bide_errmsg(), "no ");
    }
}

TEST(little_address_space_is_refused_with_a_sentence)
{
    if (!is_measurable())
        return;
    CHECK_EQ(run_forked(run_in_little_space), 0);
}

static int has_some(void *unused)
{
    (void)unused;
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 30; i++)
        bide_spawn(g, goes_deep, (void *)20);
    return bide_group_wait(g);
}

static int overflows(void *unused)
{
    (void)unused;
    return deep(70);
}

static void overflow_in_locked_memory(void)
{
    CHECK_EQ(mlockall(MCL_CURRENT | MCL_FUTURE), 0);
    CHECK_EQ(bide_run(has_some, NULL), 0);
    bide_ignore(bide_run(overflows, NULL, .stack_size = 1 << 16, .debug = true));
}

static bool may_lock(void)
{
    if (SANITIZED || mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        return false;
    void *room = mmap(NULL, 1 << 23, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munlockall();
    return room != MAP_FAILED && munmap(room, 1 << 23) == 0;
}

static void check_locked(const char *guard)
{
    if (!may_lock())
        return;
    setenv("BIDE_STACK_GUARD", guard, 1);
    int status = run_forked(overflow_in_locked_memory);
    CHECK(WIFSIGNALED(status));
    CHECK_HAS(forked_said, "stack overflow in task 'main'");
}

TEST(in_locked_memory_mprotect_takes_over) { check_locked("madvise"); }
TEST(in_locked_memory_a_canary_is_a_pattern) { check_locked("canary"); }

static void lock_then_grow(void)
{
    CHECK_EQ(bide_run(has_some, NULL), 0);     /* the kind of guard has been chosen */
    overflow_in_locked_memory();
}

TEST(memory_may_be_locked_later)
{
    if (!may_lock())
        return;
    int status = run_forked(lock_then_grow);
    CHECK(WIFSIGNALED(status));
    CHECK_HAS(forked_said, "stack overflow in task 'main'");
}
