/* tests/core/test_asyncio.c -- what is said to behave as in asyncio, does.
 *
 * tests/core/asyncio/NAME.py is a program, NAME.out what CPython 3.11 printed for it.  Here is the
 * same program in C; its lines have to be the same.  Where CPython leaves an order open (which
 * member of a group is cancelled first), the program sorts. */
#include "test.h"

#include <bide/group.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OUTPUT_OF(name) \
    extern const char name##_out[]; \
    __asm__(".pushsection .rodata\n.global " #name "_out\n" #name "_out:\n" \
            ".incbin \"core/asyncio/" #name ".out\"\n.byte 0\n.popsection\n");
OUTPUT_OF(timeouts)
OUTPUT_OF(group)
OUTPUT_OF(completed)
OUTPUT_OF(yield)
OUTPUT_OF(semaphore)
OUTPUT_OF(queue)
OUTPUT_OF(event)

static char printed[4096];

__attribute__((format(printf, 1, 2))) static void print(const char *fmt, ...)
{
    size_t used = strlen(printed);
    va_list args;
    va_start(args, fmt);
    vsnprintf(printed + used, sizeof printed - used - 1, fmt, args);
    va_end(args);
    strcat(printed, "\n");
}

/* A name, two times and a number: what the jobs of all programs need. */
struct job {
    const char *name;
    double first, seconds;
    int count;
    const int *items;
};

/* Time-outs. */

static int work(double seconds)
{
    int rc = bide_sleep(seconds);
    print(rc == BIDE_ECANCELED ? "work cancelled" : "worked");
    return rc;
}

static int with_inner(double inner, double seconds)
{
    BIDE_TIMEOUT(scope, inner);
    return bide_scope_result(scope, work(seconds));
}

static int with_outer(double outer, double inner, double seconds)
{
    BIDE_TIMEOUT(scope, outer);
    int rc = with_inner(inner, seconds);
    if (rc == BIDE_ETIMEDOUT) {
        print("inner timed out");
        rc = 0;
    }
    if (rc == 0)
        rc = bide_sleep(0.010);
    if (rc == 0)
        print("went on");
    return bide_scope_result(scope, rc);
}

TASK_TEST(timeouts_nest_as_in_asyncio)
{
    static const double times[][3] = {
        { 0.1, 0.2, 0.05 }, { 0.1, 0.02, 0.05 }, { 0.02, 0.1, 0.05 }, { 0.025, 0.02, 0.05 }
    };
    for (size_t i = 0; i < 4; i++) {
        print("%g %g %g", times[i][0], times[i][1], times[i][2]);
        if (with_outer(times[i][0], times[i][1], times[i][2]) == BIDE_ETIMEDOUT)
            print("outer timed out");
    }
    CHECK_STR(printed, timeouts_out);
}

/* Groups. */

static bool cancelled[256];

static int member(void *arg)
{
    struct job *job = arg;
    print("%s starts", job->name);
    int rc = bide_sleep(job->seconds);
    if (rc == BIDE_ECANCELED) {
        cancelled[(unsigned char)job->name[0]] = true;
        return *job->name == 'd' ? bide_fail(-1000, "%s", job->name) : rc;
    }
    print("%s %s", job->name, job->count ? "fails" : "ends");
    return job->count ? bide_fail(-1000, "%s", job->name) : 0;
}

static void print_failures(bide_group *g)
{
    bide_task *failed[16];
    size_t count = bide_group_failures(g, failed, 16);
    for (size_t i = 0; i < count; i++)
        print("failure of %s", bide_task_error(failed[i])->text);
}

TASK_TEST(groups_fail_as_in_asyncio)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, member, struct job, .name = "a", .seconds = 0.03);
    bide_spawn_with(g, member, struct job, .name = "b", .seconds = 0.02, .count = 1);
    bide_spawn_with(g, member, struct job, .name = "c", .seconds = 0.01);
    bide_spawn_with(g, member, struct job, .name = "d", .seconds = 0.05);
    bide_spawn_with(g, member, struct job, .name = "e", .seconds = 0.04, .count = 1);
    print("all spawned");
    CHECK_EQ(bide_group_wait(g), -1000);
    CHECK_STR(bide_errmsg(), "b");
    print_failures(g);
    char line[20] = "cancelled";
    for (char name = 'a'; name <= 'z'; name++)
        if (cancelled[(unsigned char)name])
            snprintf(line + strlen(line), 3, " %c", name);
    print("%s", line);
    CHECK_STR(printed, group_out);
}

/* As completed, and gather. */

static int timed(void *arg)
{
    struct job *job = arg;
    return bide_sleep(job->seconds);
}

static int impatient(void *arg)
{
    return bide_timeout(0.02, timed, arg);
}

static void print_gathered(struct job *jobs)
{
    struct bide_call calls[4];
    for (int i = 0; i < 4; i++)
        calls[i] = (struct bide_call){ .fn = timed, .arg = &jobs[i] };
    CHECK_EQ(bide_gather(calls, 4), 0);
    for (int i = 0; i < 4; i++)
        print("gathered %s", ((struct job *)calls[i].arg)->name);
    struct bide_call two[] = { { .fn = timed, .arg = &(struct job){ .seconds = 0.01 } },
                               { .fn = impatient, .arg = &(struct job){ .seconds = 5 } } };
    CHECK_EQ(bide_gather_all(two, 2), 0);
    print("all %s %s", two[0].rc == 0 ? "good" : "bad",
          two[1].rc == BIDE_ETIMEDOUT ? "TimeoutError" : "something else");
    CHECK_HAS(two[1].error.text, "timed out after 0.02 s");
}

TASK_TEST(tasks_complete_as_in_asyncio)
{
    struct job jobs[] = { { .name = "users", .seconds = 0.03 },
                          { .name = "posts", .seconds = 0.02 },
                          { .name = "comments", .seconds = 0.01 },
                          { .name = "tags", .seconds = 0.025 } };
    BIDE_COLLECT(g);
    for (int i = 0; i < 4; i++)
        bide_spawn(g, timed, &jobs[i]);
    bide_task *done;
    while (bide_group_next(g, &done) == 1)
        print("completed %s", ((struct job *)bide_task_arg(done))->name);
    print_gathered(jobs);
    CHECK_STR(printed, completed_out);
}

/* Yielding. */

static int rounds(void *arg)
{
    struct job *job = arg;
    for (int i = 0; i < job->count; i++) {
        print("%s %d", job->name, i);
        CHECK_EQ(bide_yield(), 0);
    }
    print("%s ends", job->name);
    return 0;
}

TASK_TEST(tasks_take_turns_as_in_asyncio)
{
    struct job jobs[] = { { .name = "a", .count = 1 }, { .name = "b", .count = 2 },
                          { .name = "c", .count = 3 }, { .name = "d", .count = 1 } };
    bide_task *tasks[4];
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, rounds, &jobs[i], .handle = &tasks[i]);
    print("main");
    CHECK_EQ(bide_yield(), 0);
    print("main again");
    bide_spawn(g, rounds, &jobs[3], .handle = &tasks[3]);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(bide_join(tasks[i]), 0);
    print("main ends");
    CHECK_STR(printed, yield_out);
}

/* Semaphore. */

static bide_semaphore gate = BIDE_SEMAPHORE(2);

static int passer(void *arg)
{
    struct job *job = arg;
    int rc = bide_sleep(job->first);
    bide_auto(permit) permit = rc < 0 ? NULL : bide_semaphore_acquire(&gate);
    if (!permit) {
        print("%s cancelled", job->name);
        return bide_errcode();
    }
    print("%s in", job->name);
    rc = bide_sleep(job->seconds);
    print("%s out", job->name);
    return rc;
}

TASK_TEST(semaphores_serve_as_in_asyncio)
{
    static struct job jobs[] = {
        { .name = "a", .first = 0.000, .seconds = 0.010 },
        { .name = "b", .first = 0.000, .seconds = 0.015 },
        { .name = "c", .first = 0.001, .seconds = 0.010 },
        { .name = "d", .first = 0.002, .seconds = 0.010 },
        { .name = "e", .first = 0.003, .seconds = 0.010 },
        { .name = "f", .first = 0.022, .seconds = 0.010 },
    };
    bide_task *tasks[6];
    BIDE_GROUP(g);
    for (int i = 0; i < 6; i++)
        bide_spawn(g, passer, &jobs[i], .handle = &tasks[i]);
    CHECK_EQ(bide_sleep(0.005), 0);
    bide_cancel(tasks[3]);
    CHECK_EQ(bide_yield(), 0);
    print("locked %s", bide_semaphore_free(&gate) ? "False" : "True");
    CHECK_EQ(bide_group_wait(g), 0);
    print("locked %s", bide_semaphore_free(&gate) ? "False" : "True");
    CHECK_STR(printed, semaphore_out);
}

/* Queue. */

static bide_queue *queue;

static int getter(void *arg)
{
    struct job *job = arg;
    CHECK_EQ(bide_sleep(job->first), 0);
    for (int i = 0; i < job->count; i++) {
        int item;
        CHECK_EQ(bide_queue_get(queue, &item), 1);
        print("%s gets %d", job->name, item);
        CHECK_EQ(bide_queue_done(queue), 0);
        CHECK_EQ(bide_sleep(0.004), 0);
    }
    return 0;
}

static int putter(void *arg)
{
    struct job *job = arg;
    CHECK_EQ(bide_sleep(job->first), 0);
    for (int i = 0; i < job->count; i++) {
        CHECK_EQ(bide_queue_put(queue, &job->items[i]), 0);
        print("%s put %d", job->name, job->items[i]);
        CHECK_EQ(bide_sleep(0.001), 0);
    }
    return 0;
}

static void fill_and_drain(void)
{
    static const int q[] = { 4, 5, 6 }, r[] = { 7, 8, 9 };
    BIDE_GROUP(getters);
    BIDE_GROUP(putters);
    bide_spawn_with(putters, putter, struct job, .name = "q", .count = 3, .items = q);
    bide_spawn_with(putters, putter, struct job, .name = "r", .first = 0.0005, .count = 3,
                    .items = r);
    CHECK_EQ(bide_sleep(0.0103), 0);
    print("size %zu", bide_queue_size(queue));
    bide_spawn_with(getters, getter, struct job, .name = "w", .count = 6);
    CHECK_EQ(bide_group_wait(putters), 0);
    CHECK_EQ(bide_queue_join(queue), 0);
    print("joined");
    CHECK_EQ(bide_group_wait(getters), 0);
}

TASK_TEST(queues_keep_order_as_in_asyncio)
{
    static const int p[] = { 1, 2, 3 };
    bide_auto(queue) made = queue = bide_queue_new(int, 2);
    CHECK(made);
    {
        BIDE_GROUP(g);
        bide_spawn_with(g, getter, struct job, .name = "x", .first = 0.000, .count = 1);
        bide_spawn_with(g, getter, struct job, .name = "y", .first = 0.001, .count = 1);
        bide_spawn_with(g, getter, struct job, .name = "z", .first = 0.002, .count = 1);
        CHECK_EQ(bide_sleep(0.0025), 0);
        bide_spawn_with(g, putter, struct job, .name = "p", .count = 3, .items = p);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    print("size %zu", bide_queue_size(queue));
    fill_and_drain();
    CHECK_STR(printed, queue_out);
}

/* Event. */

static bide_event event;

static int waiter(void *arg)
{
    struct job *job = arg;
    CHECK_EQ(bide_sleep(job->first), 0);
    CHECK_EQ(bide_event_wait(&event), 0);
    print("%s goes on", job->name);
    return 0;
}

TASK_TEST(events_wake_as_in_asyncio)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, waiter, struct job, .name = "c", .first = 0.003);
    bide_spawn_with(g, waiter, struct job, .name = "a", .first = 0.001);
    bide_spawn_with(g, waiter, struct job, .name = "b", .first = 0.002);
    bide_spawn_with(g, waiter, struct job, .name = "d", .first = 0.009);
    CHECK_EQ(bide_sleep(0.005), 0);
    bide_event_set(&event);
    bide_event_clear(&event);
    print("set and cleared");
    CHECK_EQ(bide_sleep(0.010), 0);
    print("again");
    bide_event_set(&event);
    CHECK_EQ(bide_group_wait(g), 0);
    print("is set %s", bide_event_is_set(&event) ? "True" : "False");
    CHECK_STR(printed, event_out);
}
