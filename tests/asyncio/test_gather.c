/* Twins of gather.py. */
#include "twin.h"
AREA(gather)

enum { MANY = 4 };
static struct bide_call calls[MANY];

static size_t prepare(struct job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct bide_call){ .fn = job, .arg = &jobs[i] };
    return count;
}

/* As Python prints a list of names. */
static void say_names(size_t count)
{
    char line[80] = "[";
    for (size_t i = 0; i < count; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s'%s'", i ? ", " : "",
                 ((struct job *)calls[i].arg)->name);
    say("%s]", line);
}

TWIN(in_order)
{
    struct job jobs[] = { { "a", 3, false }, { "b", 1, false }, { "c", 2, false } };
    CHECK_EQ(bide_gather(calls, prepare(jobs, 3)), 0);
    say_names(3);
}

TWIN(slowest)
{
    struct job jobs[] = { { "a", 3, false }, { "b", 1, false } };
    CHECK_EQ(bide_gather(calls, prepare(jobs, 2)), 0);
    say("over at %s", now());
}

TWIN(nothing)
{
    CHECK_EQ(bide_gather(NULL, 0), 0);
    say_names(0);
}

TWIN_DIFFERS(one_fails, "the first failure cancels the others and waits for them: nothing runs on "
             "unobserved", "a begins\nb begins\nb fails at 1.000\na cancelled at 1.000\n"
             "failed: b at 1.000\n")
{
    struct job jobs[] = { { "a", 3, false }, { "b", 1, true } };
    if (bide_gather(calls, prepare(jobs, 2)) == FAILED)
        say("failed: %s at %s", bide_errmsg(), now());
    CHECK_EQ(bide_sleep(5), 0);
}

TWIN(collect)
{
    struct job jobs[] = { { "a", 2, false }, { "b", 1, true }, { "c", 3, false } };
    CHECK_EQ(bide_gather_all(calls, prepare(jobs, 3)), 0);
    for (int i = 0; i < 3; i++)
        say("%s", calls[i].rc == FAILED ? "failed" : "good");
}

static int gather_three(void *unused)
{
    (void)unused;
    static struct job jobs[] = { { "a", 10, false }, { "b", 1, false }, { "c", 10, false } };
    return bide_gather(calls, prepare(jobs, 3));
}

TWIN(cancel_gather)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, gather_three, NULL, .handle = &t);
    CHECK_EQ(bide_sleep(2), 0);
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    if (bide_task_result(t) == BIDE_ECANCELED)
        say("cancelled at %s", now());
}

static int gather_pair(void *arg)
{
    struct job *jobs = arg;
    struct bide_call pair[] = { { .fn = job, .arg = &jobs[0] }, { .fn = job, .arg = &jobs[1] } };
    return bide_gather(pair, 2);
}

TWIN(nested)
{
    struct job jobs[] = { { "a", 1, false }, { "b", 2, false }, { "c", 1, false },
                          { "d", 2, false } };
    calls[0] = (struct bide_call){ .fn = gather_pair, .arg = &jobs[0] };
    calls[1] = (struct bide_call){ .fn = gather_pair, .arg = &jobs[2] };
    CHECK_EQ(bide_gather(calls, 2), 0);
    say("[['%s', '%s'], ['%s', '%s']]", jobs[0].name, jobs[1].name, jobs[2].name, jobs[3].name);
}

TWIN_DIFFERS(two_fail, "the second never comes to fail: it is cancelled by the first",
             "a begins\nb begins\nb fails at 1.000\na cancelled at 1.000\nfailed: b\n")
{
    struct job jobs[] = { { "a", 2, true }, { "b", 1, true } };
    if (bide_gather(calls, prepare(jobs, 2)) == FAILED)
        say("failed: %s", bide_errmsg());
    CHECK_EQ(bide_sleep(5), 0);
}
