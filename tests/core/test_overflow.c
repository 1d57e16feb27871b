/* tests/core/test_overflow.c -- a stack that overflows ends the process, and in debug says whose.
 *
 * Not under the sanitizers, which take the signal for themselves. */
#include "forked.h"

#include <bide/group.h>
#include <bide/run.h>
#include <stdlib.h>

static volatile int touched;

__attribute__((noinline)) static int dig(int depth)
{
    volatile char frame[512];
    for (size_t i = 0; i < sizeof frame; i += 64)
        frame[i] = (char)depth;
    touched += frame[0];
    int rc = depth > 0 ? dig(depth - 1) : 0;
    __asm__ volatile("" : : "r"(frame) : "memory");     /* the frame is still needed: no loop */
    return rc;
}

static int digs(void *depth)
{
    return dig(*(int *)depth);
}

static int spawns_digger(void *depth)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, digs, &(int){ 5 }, .copy = sizeof(int));
    bide_spawn(g, digs, depth, .name = "the digger");
    for (int i = 0; i < 3; i++)
        bide_spawn(g, digs, &(int){ 5 }, .copy = sizeof(int));
    return bide_group_wait(g);
}

static void overflow(void)
{
    int depth = 100000;
    bide_ignore(bide_run(spawns_digger, &depth));
}

static void overflow_main(void)
{
    int depth = 100000;
    bide_ignore(bide_run(digs, &depth));
}

static void overflow_in_debug(void)
{
    int depth = 100000;
    setenv("BIDE_DEBUG", "1", 1);
    bide_ignore(bide_run(spawns_digger, &depth));
}

static void check_ended(int status)
{
    CHECK(WIFSIGNALED(status));
    if (strcmp(bide_stack_guard_name(), "canary") != 0)
        CHECK_EQ(WTERMSIG(status), SIGSEGV);
}

TEST(an_overflow_ends_the_process)
{
    if (SANITIZED)
        return;
    check_ended(run_forked(overflow));
    if (!test_is_slow())        /* emulators and the like say something themselves */
        CHECK_STR(forked_said, "");
    check_ended(run_forked(overflow_main));
}

TEST(in_debug_an_overflow_names_the_task_and_where_it_was_spawned)
{
    if (SANITIZED)
        return;
    check_ended(run_forked(overflow_in_debug));
    CHECK_HAS(forked_said, "stack overflow");
    CHECK_HAS(forked_said, "the digger");
    CHECK_HAS(forked_said, "test_overflow.c:");
}

static void overflow_guarded_by_mprotect(void)
{
    setenv("BIDE_STACK_GUARD", "mprotect", 1);
    overflow_in_debug();
}

TEST(mprotect_guards_as_well)
{
    if (SANITIZED)
        return;
    int status = run_forked(overflow_guarded_by_mprotect);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK_HAS(forked_said, "the digger");
}

static int digs_and_yields(void *depth)
{
    dig(*(int *)depth);
    return bide_yield();
}

static void overflow_a_little(void)
{
    setenv("BIDE_STACK_GUARD", "canary", 1);
    int depth = 150;            /* some 80 KiB: beyond the task's 64, within its neighbour */
    bide_ignore(bide_run(digs_and_yields, &depth, .stack_size = 65536));
}

TEST(a_canary_ends_the_process_at_the_next_switch)
{
    if (SANITIZED)
        return;
    int status = run_forked(overflow_a_little);
    CHECK(WIFSIGNALED(status));
}

static void crash(void)
{
    setenv("BIDE_DEBUG", "1", 1);
    *(volatile int *)NULL = 0;
}

static int crashes(void *unused)
{
    (void)unused;
    crash();
    return 0;
}

static void crash_in_a_task(void)
{
    setenv("BIDE_DEBUG", "1", 1);
    bide_ignore(bide_run(crashes, NULL));
}

TEST(another_fault_is_not_called_an_overflow)
{
    if (SANITIZED)
        return;
    int status = run_forked(crash_in_a_task);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK(!strstr(forked_said, "overflow"));
}
