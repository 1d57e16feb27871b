/* tests/stack/test_guard.c -- whatever way a task leaves its stack, and whatever guards it, the
 * process ends.
 *
 * A task goes down to within 512 bytes of the guard, and from there on: by small frames, by a
 * frame of 12 KiB of which only the ends are written, by alloca().  Then it comes back and
 * waits, as if nothing had been.
 * Not under the sanitizers, which take the signal for themselves. */
#include "core/forked.h"

#include "core/guard.h"
#include "core/task.h"

#include <alloca.h>
#include <bide/group.h>
#include <bide/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BIG_FRAME = 12288, NEAR = 512 };

static volatile int touched;

__attribute__((noinline)) static void touch(volatile char *at)
{
    *at = 1;
    touched += *at;
}

__attribute__((noinline)) static void by_small_frames(int frames)
{
    volatile char frame[64];
    touch(frame);
    if (frames > 0)
        by_small_frames(frames - 1);
    touched += frame[0];
}

static void small(void)
{
    by_small_frames(NEAR / 64 + 20);
}

__attribute__((noinline)) static void big(void)
{
    volatile char frame[BIG_FRAME];
    touch(frame);
    touch(frame + BIG_FRAME - 1);
}

__attribute__((noinline)) static void big_twice(void)
{
    volatile char frame[BIG_FRAME];
    touch(frame);
    big();
    touched += frame[0];
}

__attribute__((noinline)) static void by_alloca(void)
{
    for (int i = 0; i < 10; i++)
        touch(alloca(100));
}

static char *lowest_usable(void)
{
    const task *t = bide_task_current();
    return t->stack + bide__guard_size(t->stack_size);
}

__attribute__((noinline)) static void go_down(void (*then)(void))
{
    volatile char frame[64];
    touch(frame);
    if ((char *)__builtin_frame_address(0) - lowest_usable() > NEAR)
        go_down(then);
    else
        then();
    touched += frame[0];
}

struct attack { const char *how; void (*then)(void); };
static const struct attack attacks[] = {
    { "small frames", small }, { "a big frame", big }, { "two big frames", big_twice },
    { "alloca", by_alloca },
};
static const char *guard;
static size_t stack_size;
static void (*then)(void);

static int attacks_and_waits(void *unused)
{
    (void)unused;
    go_down(then);
    CHECK_EQ(bide_yield(), 0);
    return 0;
}

static int stays(void *unused)
{
    (void)unused;
    return bide_sleep(0.01);
}

static int has_neighbours(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    for (int i = 0; i < 10; i++)
        bide_spawn(g, stays, NULL, .stack_size = stack_size);
    bide_spawn(g, attacks_and_waits, NULL, .name = "the attacker", .stack_size = stack_size);
    for (int i = 0; i < 10; i++)
        bide_spawn(g, stays, NULL, .stack_size = stack_size);
    return bide_group_wait(g);
}

static void attack(void)
{
    setenv("BIDE_STACK_GUARD", guard, 1);
    setenv("BIDE_DEBUG", "1", 1);
    bide_ignore(bide_run(has_neighbours, NULL));
}

static void check_all(const char *guard_name)
{
    static const char told[] = "stack overflow in task 'the attacker', spawned at ";
    if (SANITIZED)
        return;
    guard = guard_name;
    for (stack_size = 1 << 14; stack_size <= 1 << 20; stack_size *= 2)
        for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
            then = attacks[i].then;
            int status = run_forked(attack);
            if (!WIFSIGNALED(status) || !strstr(forked_said, told))
                test_fail(__FILE__, __LINE__, "%s, stack of %zu, %s: status %#x, said: %s",
                          guard, stack_size, attacks[i].how, (unsigned)status, forked_said);
            if (strcmp(guard, "canary") != 0)
                CHECK_EQ(WTERMSIG(status), SIGSEGV);
        }
}

TEST(madvise_guards_against_every_way) { check_all("madvise"); }
TEST(mprotect_guards_against_every_way) { check_all("mprotect"); }
TEST(the_canary_notices_every_way) { check_all("canary"); }

static void go_no_further(void)
{
}

static void go_to_the_edge(void)
{
    then = go_no_further;
    setenv("BIDE_STACK_GUARD", guard, 1);
    CHECK_EQ(bide_run(has_neighbours, NULL), 0);
}

TEST(up_to_the_guard_all_is_usable)
{
    static const char *const guards[] = { "madvise", "mprotect", "canary" };
    if (SANITIZED)
        return;
    for (int i = 0; i < 3; i++)
        for (stack_size = 1 << 14; stack_size <= 1 << 20; stack_size *= 2) {
            guard = guards[i];
            CHECK_EQ(run_forked(go_to_the_edge), 0);
        }
}
