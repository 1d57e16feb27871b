/* tests/core/test_no_wait.c -- BIDE_NO_WAIT, and a task that will not listen. */
#include "forked.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static char logged[2048];
static int warnings;

static void keep_line(void *arg, enum bide_log_level level, const char *line)
{
    (void)arg;
    warnings += level == BIDE_LOG_WARNING;
    strncat(strncat(logged, line, 500), "\n", 2);
}

static int waits_where_it_must_not(void *unused)
{
    (void)unused;
    bide_event set = { .set_ = 1 };
    BIDE_NO_WAIT(n);
    return bide_event_wait(&set);
}

static int spawns_it(void *unused)
{
    BIDE_GROUP(g);
    bide_spawn(g, waits_where_it_must_not, unused, .name = "the caller");
    return bide_group_wait(g);
}

static void run_it(void)
{
    bide_ignore(bide_run(spawns_it, NULL));
}

TEST(waiting_where_it_must_not_ends_the_process_with_its_name)
{
    int status = run_forked(run_it);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK_HAS(forked_said, "the caller");
}

TASK_TEST(what_does_not_wait_is_allowed_there)
{
    bide_event e = { .set_ = 0 };
    BIDE_GROUP(g);
    {
        BIDE_NO_WAIT(n);
        {
            BIDE_NO_WAIT(inner);
            bide_event_set(&e);
        }
        bide_event_clear(&e);
        bide_scope_cancel(NULL);
    }
    CHECK_EQ(bide_yield(), 0);
}

static int ignores(void *count)
{
    for (int i = 0; i < 20000; i++) {
        CHECK_EQ(bide_sleep(1), BIDE_ECANCELED);
        ++*(int *)count;
    }
    return 0;
}

static int watches(void *count)
{
    CHECK_EQ(bide_yield(), 0);
    CHECK(*(int *)count < 20000);       /* others run though it spins */
    return 0;
}

static int ignores_beside(void *unused)
{
    int count = 0;
    (void)unused;
    BIDE_GROUP(g);
    bide_task *task;
    bide_spawn(g, ignores, &count, .name = "deaf", .handle = &task);
    bide_spawn(g, watches, &count);
    bide_cancel(task);
    return bide_group_wait(g);
}

TEST(a_task_that_ignores_its_cancellation_is_told_of_once)
{
    bide_log_to(keep_line, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(ignores_beside, NULL, .jumping_clock = true), 0);
    CHECK_HAS(logged, "deaf");
    CHECK_EQ(warnings, 1);
}
