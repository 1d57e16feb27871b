/* Twins of wait.py. */
#include "twin.h"
#include <stdlib.h>
AREA(wait)

static struct job jobs[3];
static bide_task *tasks[3];

static void start(bide_group *g, int i, struct job j)
{
    jobs[i] = j;
    bide_spawn(g, job, &jobs[i], .handle = &tasks[i]);
}

static int before(const void *a, const void *b)
{
    return strcmp(name_of(*(bide_task *const *)a), name_of(*(bide_task *const *)b));
}

static void say_done(int count)
{
    char done[20] = "", pending[20] = "";
    bide_task *sorted[3];
    memcpy(sorted, tasks, sizeof sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, before);
    for (int i = 0; i < count; i++) {
        char *to = bide_task_done(sorted[i]) ? done : pending;
        snprintf(to + strlen(to), 3, "%s ", name_of(sorted[i]));
    }
    say("done %spending %sat %s", *done ? done : "none ", *pending ? pending : "none ", now());
}

TWIN(all_done)
{
    BIDE_GROUP(g);
    start(g, 0, (struct job){ "a", 2, false });
    start(g, 1, (struct job){ "b", 1, false });
    CHECK_EQ(bide_wait(tasks, 2, BIDE_ALL_DONE, BIDE_FOREVER), 2);
    say_done(2);
}

TWIN(first_done)
{
    BIDE_GROUP(g);
    start(g, 0, (struct job){ "a", 2, false });
    start(g, 1, (struct job){ "b", 1, false });
    CHECK_EQ(bide_wait(tasks, 2, BIDE_FIRST_DONE, BIDE_FOREVER), 1);
    say_done(2);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(first_failed)
{
    BIDE_KEEP_GOING(g);
    start(g, 0, (struct job){ "a", 1, false });
    start(g, 1, (struct job){ "c", 3, false });
    start(g, 2, (struct job){ "b", 2, true });
    CHECK_EQ(bide_wait(tasks, 3, BIDE_FIRST_FAILED, BIDE_FOREVER), 2);
    say_done(3);
    CHECK_EQ(bide_group_wait(g), FAILED);
}

TWIN(time_out)
{
    BIDE_GROUP(g);
    start(g, 0, (struct job){ "a", 1, false });
    start(g, 1, (struct job){ "b", 3, false });
    CHECK_EQ(bide_wait(tasks, 2, BIDE_ALL_DONE, 2), 1);
    say_done(2);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int wait_for_it(void *unused)
{
    (void)unused;
    return bide_wait(tasks, 1, BIDE_ALL_DONE, BIDE_FOREVER);
}

TWIN(cancel_waiter)
{
    bide_task *waiter;
    BIDE_GROUP(g);
    start(g, 0, (struct job){ "a", 3, false });
    bide_spawn(g, wait_for_it, NULL, .handle = &waiter);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(waiter);
    CHECK_EQ(bide_join(waiter), 0);
    if (bide_task_result(waiter) == BIDE_ECANCELED)
        say("cancelled at %s", now());
    CHECK_EQ(bide_join(tasks[0]), 0);
}

TWIN(as_completed)
{
    bide_task *done;
    BIDE_COLLECT(g);
    start(g, 0, (struct job){ "a", 3, false });
    start(g, 1, (struct job){ "b", 1, false });
    start(g, 2, (struct job){ "c", 2, false });
    while (bide_group_next(g, &done) == 1)
        say("got %s", name_of(done));
}

TWIN(as_completed_limit)
{
    bide_task *done;
    int rc;
    BIDE_COLLECT(g);
    start(g, 0, (struct job){ "a", 3, false });
    start(g, 1, (struct job){ "b", 1, false });
    {
        BIDE_TIMEOUT(t, 2);             /* inside the group's block: it does not end its tasks */
        while ((rc = bide_group_next(g, &done)) == 1)
            say("got %s", name_of(done));
        if (bide_scope_result(t, rc) == BIDE_ETIMEDOUT)
            say("timed out at %s", now());
    }
    CHECK_EQ(bide_sleep(5), 0);
}
