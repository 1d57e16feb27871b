/* tests/core/test_stack.c -- stacks: size per task, use to the end, alignment, reuse. */
#include "test.h"

#include "core/loop.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile size_t touched;

__attribute__((noinline)) static int use(size_t bytes)
{
    volatile char frame[1024];
    for (size_t i = 0; i < sizeof frame; i += 64)
        frame[i] = (char)bytes;
    touched += (size_t)frame[0];
    int rc = bytes > sizeof frame ? use(bytes - sizeof frame) : 0;
    __asm__ volatile("" : : "r"(frame) : "memory");     /* the frame is still needed: no loop */
    return rc;
}

static int uses(void *bytes)
{
    return use(*(size_t *)bytes);
}

TASK_TEST(a_task_may_ask_for_a_larger_stack)
{
    size_t half = 1 << 19;
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn(g, uses, &half, .stack_size = 1 << 20);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(stacks_of_all_sizes_live_together)
{
    BIDE_GROUP(g);
    for (int log2 = 12; log2 < 24; log2++)
        for (int i = 0; i < 3; i++)
            bide_spawn(g, uses, &(size_t){ (size_t)1 << (log2 - 2) }, .copy = sizeof(size_t),
                       .stack_size = ((size_t)1 << log2) + (size_t)i * 100);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(an_absurd_stack_is_refused)
{
    BIDE_KEEP_GOING(g);
    int rc = bide_spawn(g, uses, NULL, .stack_size = SIZE_MAX / 2);
    CHECK(rc < 0);
    CHECK_EQ(bide_group_wait(g), rc);
}

static int set_task_stack(void *unused)
{
    size_t bytes = 1 << 18;
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, uses, &bytes);
    return bide_group_wait(g);
}

TEST(the_loop_sets_the_size_for_its_tasks)
{
    CHECK_EQ(bide_run(set_task_stack, NULL, .task_stack_size = 1 << 20), 0);
    size_t large = 3 << 20;
    CHECK_EQ(bide_run(uses, &large, .stack_size = 8 << 20), 0);
}

static int is_aligned(void *unused)
{
    _Alignas(64) volatile char block[64] = { 0 };
    (void)unused;
    double sum = 0;
    for (int i = 1; i < 10; i++)
        sum += sqrt((double)i) + block[i];
    return (uintptr_t)__builtin_frame_address(0) % 16 == 0 && (uintptr_t)block % 64 == 0
        && sum > 0 ? 0 : -1;
}

TASK_TEST(frames_are_aligned)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 50; i++)            /* tops are shifted from stack to stack */
        bide_spawn(g, is_aligned, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int keeps_values(void *arg)
{
    double d[8];
    long n[8];
    for (int i = 0; i < 8; i++) {
        d[i] = (double)(intptr_t)arg * 1.5 + i;
        n[i] = (long)(intptr_t)arg * 3 + i;
    }
    for (int round = 0; round < 20; round++) {
        CHECK_EQ(bide_yield(), 0);
        for (int i = 0; i < 8; i++)
            CHECK(d[i] == (double)(intptr_t)arg * 1.5 + i && n[i] == (long)(intptr_t)arg * 3 + i);
    }
    return 0;
}

TASK_TEST(values_survive_switches)
{
    BIDE_GROUP(g);
    for (intptr_t i = 0; i < 50; i++)
        bide_spawn(g, keeps_values, (void *)i);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* How many pages of it are in memory. */
static int resident(const char *stack, size_t size)
{
    unsigned char pages[1024] = { 0 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int count = 0;
    CHECK(size / page <= sizeof pages);
    if (mincore((void *)(uintptr_t)stack, size, pages) < 0)
        return -1;              /* an emulator without it */
    for (size_t i = 0; i < size / page; i++)
        count += pages[i] & 1;
    return count;
}

static int tells_its_stack(void *place)
{
    const bide_task *me = bide_task_current();
    *(const char **)place = me->stack;
    return use(150000);
}

TASK_TEST(what_a_deep_call_touched_is_given_back)
{
    const size_t size = 1 << 18;
    const char *stack = NULL;
    BIDE_GROUP(g);
    bide_spawn(g, tells_its_stack, &stack, .stack_size = size);
    CHECK_EQ(bide_group_wait(g), 0);
    if (resident(stack, size) < 0)
        return;
    CHECK(resident(stack, size) > 150000 / sysconf(_SC_PAGESIZE));
    bide__stack_trim(&bide__here->stacks);
    CHECK(resident(stack, size) <= 3);
    bide_spawn(g, tells_its_stack, &stack, .stack_size = size);         /* and it works again */
    CHECK_EQ(bide_group_wait(g), 0);
}

static int sets_errno(void *arg)
{
    errno = (int)(intptr_t)arg;
    return 0;
}

TASK_TEST(many_generations_reuse_stacks)
{
    for (int round = 0; round < 50; round++) {
        BIDE_GROUP(g);
        for (intptr_t i = 0; i < 100; i++)
            bide_spawn(g, round % 2 ? keeps_values : sets_errno, (void *)i);
        CHECK_EQ(bide_group_wait(g), 0);
    }
}
