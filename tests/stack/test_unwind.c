/* tests/stack/test_unwind.c -- an unwinder walks from a running task to the task's function and
 * ends, cleanly, at the task's first frame; so do backtraces of crashes and of profilers.
 *
 * Frames are compared by the start of their function, as the call frame information has it, so
 * names, symbol tables and inlining do not matter. */
#include "test.h"

#include "core/task.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <unwind.h>
#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAVE_EXECINFO 1
#endif
#endif

enum { FRAMES_MAX = 100 };

struct walk { int count; uintptr_t starts[FRAMES_MAX]; };

static volatile int kept;       /* written after a call, so that it is no tail call */

void bide__entry(void);
void bide__task_main(void);

static _Unwind_Reason_Code note(struct _Unwind_Context *frame, void *walk_)
{
    struct walk *walk = walk_;
    uintptr_t at = _Unwind_GetIP(frame);
    if (at && walk->count < FRAMES_MAX)
        walk->starts[walk->count++] = (uintptr_t)_Unwind_FindEnclosingFunction((void *)(at - 1));
    return _URC_NO_REASON;
}

__attribute__((noinline)) static void leaf(struct walk *walk)
{
    *walk = (struct walk){ .count = 0 };
    CHECK_EQ(_Unwind_Backtrace(note, walk), _URC_END_OF_STACK);
    kept = walk->count;
}

__attribute__((noinline)) static void descend(struct walk *walk, int depth)
{
    if (depth == 0)
        leaf(walk);
    else
        descend(walk, depth - 1);
    kept = depth;
}

static int place_of(const struct walk *walk, void (*function)(void), int from)
{
    while (from < walk->count && walk->starts[from] != (uintptr_t)function)
        from++;
    CHECK(from < walk->count);
    return from;
}

typedef void any_fn(void);

static void check_walk(const struct walk *walk, bide_fn *fn)
{
    int at = place_of(walk, (any_fn *)leaf, 0);
    at = place_of(walk, (any_fn *)fn, at + 1);
    at = place_of(walk, bide__task_main, at + 1);
    at = place_of(walk, bide__entry, at + 1);
    CHECK_EQ(at, walk->count - 1);
    CHECK(walk->count < FRAMES_MAX);
}

static int walks(void *depth)
{
    struct walk walk;
    for (int i = 0; i < 3; i++) {
        descend(&walk, (int)(intptr_t)depth);
        check_walk(&walk, walks);
        CHECK_EQ(i == 1 ? bide_sleep(0.01) : bide_yield(), 0);
    }
    return 0;
}

TASK_TEST(from_a_running_task_to_its_entry)
{
    BIDE_GROUP(g);
    for (intptr_t depth = 0; depth < 40; depth++)
        bide_spawn(g, walks, (void *)depth);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(on_a_stack_that_had_other_tasks_before)
{
    for (int round = 0; round < 5; round++) {
        BIDE_GROUP(g);
        for (intptr_t depth = 0; depth < 5; depth++)
            bide_spawn(g, walks, (void *)depth);
        CHECK_EQ(bide_group_wait(g), 0);
    }
}

static int main_walks(void *unused)
{
    struct walk walk;
    descend(&walk, 2);
    check_walk(&walk, main_walks);
    return (int)(intptr_t)unused;
}

TEST(from_the_first_task_too)
{
    CHECK_EQ(bide_run(main_walks, NULL), 0);
}

/* What the walk meets from within the library, where it calls back. */
static struct walk dropped;

static void drops(void *unused)
{
    (void)unused;
    leaf(&dropped);
}

static int ends(void *unused)
{
    return (int)(intptr_t)unused;
}

TASK_TEST(from_a_callback_at_a_tasks_end)
{
    BIDE_GROUP(g);
    bide_spawn(g, ends, NULL, .drop = drops);
    CHECK_EQ(bide_group_wait(g), 0);
    place_of(&dropped, bide__entry, place_of(&dropped, bide__task_main, 1));
}

#ifdef HAVE_EXECINFO
static int asks_the_c_library(void *unused)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    CHECK(count >= 3 && count < 20);
    void *last = _Unwind_FindEnclosingFunction((char *)frames[count - 1] - 1);
    CHECK_PTR(last, (void *)(uintptr_t)bide__entry);
    return (int)(intptr_t)unused;
}

TASK_TEST(as_the_c_library_walks)
{
    BIDE_GROUP(g);
    bide_spawn(g, asks_the_c_library, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
}
#endif
