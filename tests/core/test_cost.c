/* What no wait and no task that is like one before may take: memory, or a system call. */
#include "cost.h"

enum { WARM = 20, COUNTED = 50 };

static int (*step)(void *state);
static void *state;

static int repeat(void *unused)
{
    (void)unused;
    for (int i = 0; i < WARM + COUNTED; i++) {
        if (i == WARM)
            cost_begin();
        CHECK_EQ(step(state), 0);
    }
    CHECK_EQ(cost.allocations, 0);
    CHECK_EQ(cost.reads + cost.writes + cost.others, 0);
    return 0;
}

/* Runs it again and again: the later ones must cost nothing. */
static void check_free(int (*fn)(void *), void *arg)
{
    step = fn;
    state = arg;
    COST_COUNTED();
    CHECK_EQ(bide_run(repeat, NULL, .jumping_clock = true), 0);
}

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int sleep_a_little(void *arg)
{
    (void)arg;
    return bide_sleep(0.01);
}

TEST(a_sleep_takes_no_memory)
{
    check_free(sleep_a_little, NULL);
}

static int spawn_some(void *arg)
{
    (void)arg;
    BIDE_GROUP(g);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(bide_spawn(g, i % 2 ? nothing : sleep_a_little, NULL), 0);
    return bide_group_wait(g);
}

TEST(tasks_take_no_memory_once_there_were_as_many)
{
    check_free(spawn_some, NULL);
}

static int join_one(void *arg)
{
    (void)arg;
    bide_task *task;
    BIDE_GROUP(g);
    CHECK_EQ(bide_spawn(g, sleep_a_little, NULL, .handle = &task), 0);
    return bide_join(task);
}

TEST(a_task_that_is_joined_takes_no_memory)
{
    check_free(join_one, NULL);
}

static int gather_some(void *arg)
{
    (void)arg;
    struct bide_call calls[] = { { .fn = sleep_a_little }, { .fn = nothing } };
    return bide_gather(calls, 2);
}

TEST(a_gathering_takes_no_memory)
{
    check_free(gather_some, NULL);
}

static int run_out(void *arg)
{
    (void)arg;
    BIDE_TIMEOUT(limit, 0.01);
    int rc = bide_sleep(1);
    return bide_scope_result(limit, rc) == BIDE_ETIMEDOUT ? 0 : -1;
}

TEST(a_deadline_that_passes_takes_no_memory)
{
    check_free(run_out, NULL);
}

static int cancel_one(void *arg)
{
    (void)arg;
    bide_task *task;
    BIDE_GROUP(g);
    CHECK_EQ(bide_spawn(g, sleep_a_little, NULL, .handle = &task), 0);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(task);
    CHECK_EQ(bide_join(task), 0);
    return bide_task_result(task) == BIDE_ECANCELED ? 0 : -1;
}

TEST(a_cancelled_task_takes_no_memory)
{
    check_free(cancel_one, NULL);
}
