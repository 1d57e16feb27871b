/* tests/io/test_workers.c -- worker processes: bytes in and out, deaths of all kinds, ending. */
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <bide/task.h>
#include <bide/workers.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a worker does is the first word of its job. */
static int obey(const void *in, size_t size, bide_reply *reply)
{
    const char *job = in;
    char text[100];
    if (strcmp(job, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(job, "exit") == 0)
        _exit(3);
    if (strcmp(job, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(job, "fail") == 0)
        return bide_fail(-EDOM, "this cannot be done");
    if (strcmp(job, "refuse") == 0)
        return -EPIPE;
    if (strcmp(job, "huge") == 0) {
        void *volatile memory = malloc((size_t)1 << 30);
        return memory != NULL;
    }
    if (strcmp(job, "waits") == 0)
        return bide_sleep(1);
    if (strcmp(job, "pid") == 0)
        snprintf(text, sizeof text, "%d", (int)getpid());
    else
        snprintf(text, sizeof text, "%zu:", size);
    int rc = bide_reply_add(reply, text, strlen(text));
    return rc < 0 ? rc : bide_reply_add(reply, in, strcmp(job, "pid") == 0 ? 0 : size);
}

static int ask(bide_workers *w, const char *job, struct bide_answer *answer)
{
    return bide_workers_run(w, job, strlen(job), answer);
}

static int pid_of(bide_workers *w)
{
    struct bide_answer answer;
    CHECK_EQ(ask(w, "pid", &answer), 0);
    int pid = atoi(answer.data);
    bide_answer_free(&answer);
    return pid;
}

TASK_TEST(bytes_go_in_and_bytes_come_out)
{
    struct bide_answer answer;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    CHECK_EQ(ask(w, "hello", &answer), 0);
    CHECK_STR(answer.data, "5:hello");
    CHECK_EQ(answer.size, 7);
    bide_answer_free(&answer);
    bide_answer_free(&answer);
    CHECK_EQ(bide_workers_run(w, NULL, 0, &answer), 0);
    CHECK_STR(answer.data, "0:");
    bide_answer_free(&answer);
    CHECK_EQ(ask(w, "not wanted", NULL), 0);
}

TASK_TEST(many_bytes_as_well)
{
    struct bide_answer answer;
    size_t size = 3000000;
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + 1);
    bytes[0] = 'x';
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    CHECK_EQ(bide_workers_run(w, bytes, size, &answer), 0);
    CHECK_EQ(answer.size, size + 8);
    CHECK_MEM(answer.data + 8, bytes, size);
    bide_answer_free(&answer);
    free(bytes);
}

TASK_TEST(a_worker_is_another_process_and_stays)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 2);
    int pid = pid_of(w);
    CHECK(pid != getpid());
    CHECK_EQ(pid_of(w), pid);
}

TASK_TEST(a_failure_comes_back_with_its_sentence)
{
    struct bide_answer answer;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    int pid = pid_of(w);
    CHECK_EQ(ask(w, "fail", &answer), -EDOM);
    CHECK_STR(bide_errmsg(), "this cannot be done");
    CHECK(!answer.data);
    CHECK_EQ(ask(w, "refuse", &answer), -EPIPE);
    CHECK_STR(bide_errmsg(), bide_strerror(-EPIPE));
    CHECK_EQ(ask(w, "waits", &answer), BIDE_EPERM);     /* no loop in there */
    CHECK_EQ(pid_of(w), pid);
}

TASK_TEST(a_crash_is_a_failed_job_and_the_worker_is_replaced)
{
    char expected[100];
    struct bide_answer answer;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    int pid = pid_of(w);
    CHECK_EQ(ask(w, "crash", &answer), BIDE_ECLOSED);
    snprintf(expected, sizeof expected, "worker 0 (pid %d) was killed by SIGSEGV", pid);
    CHECK_STR(bide_errmsg(), expected);
    int next = pid_of(w);
    CHECK(next != pid);
    CHECK_EQ(ask(w, "exit", &answer), BIDE_ECLOSED);
    snprintf(expected, sizeof expected, "worker 0 (pid %d) exited with 3", next);
    CHECK_STR(bide_errmsg(), expected);
    CHECK(pid_of(w) != next);
}

TASK_TEST(one_that_died_while_idle_is_replaced_unnoticed)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    int pid = pid_of(w);
    siginfo_t how;
    kill(pid, SIGKILL);
    CHECK_EQ(waitid(P_PID, (id_t)pid, &how, WEXITED | WNOWAIT), 0);
    CHECK(pid_of(w) != pid);
}

TASK_TEST(a_job_that_takes_too_long_is_killed)
{
    struct bide_answer answer;
    char expected[100];
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1, .timeout = 0.1);
    int pid = pid_of(w);
    CHECK_EQ(ask(w, "hang", &answer), BIDE_ETIMEDOUT);
    snprintf(expected, sizeof expected, "worker 0 (pid %d): timed out after 0.1 s", pid);
    CHECK_STR(bide_errmsg(), expected);
    CHECK(pid_of(w) != pid);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(kill(pid, 0) < 0);            /* reaped */
}

struct asking { bide_workers *w; const char *job; int rc; };

static int asks(void *arg)
{
    struct asking *a = arg;
    a->rc = ask(a->w, a->job, NULL);
    return 0;
}

TASK_TEST(a_cancelled_job_is_killed)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    struct asking a = { w, "hang", 1 };
    int pid = pid_of(w);
    BIDE_GROUP(g);
    bide_spawn(g, asks, &a);
    CHECK_EQ(bide_sleep(0.01), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.rc, BIDE_ECANCELED);
    CHECK(pid_of(w) != pid);
}

TASK_TEST(cancelled_before_nothing_is_asked)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    int pid = pid_of(w);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(ask(w, "crash", NULL), BIDE_ECANCELED);
    }
    CHECK_EQ(pid_of(w), pid);
}

TASK_TEST(cancelled_in_the_line_nobody_is_killed)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    struct asking a = { w, "hang", 1 }, b = { w, "hello", 1 }, c = { w, "hello", 1 };
    bide_task *hanging, *waiting;
    BIDE_GROUP(g);
    bide_spawn(g, asks, &a, .handle = &hanging);
    bide_spawn(g, asks, &b, .handle = &waiting);
    bide_spawn(g, asks, &c);
    CHECK_EQ(bide_sleep(0.01), 0);
    bide_cancel(waiting);
    CHECK_EQ(bide_join(waiting), 0);
    CHECK_EQ(b.rc, BIDE_ECANCELED);
    CHECK_EQ(a.rc, 1);
    bide_cancel(hanging);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(c.rc, 0);                  /* with a new worker */
}

static char order[20];

static int asks_and_notes(void *arg)
{
    struct asking *a = arg;
    a->rc = ask(a->w, a->job, NULL);
    strcat(order, a->job);
    return 0;
}

TASK_TEST(who_comes_first_is_served_first)
{
    static const char *const jobs[] = { "a", "b", "c", "d", "e" };
    struct asking a[5];
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++) {
        a[i] = (struct asking){ w, jobs[i], 1 };
        bide_spawn(g, asks_and_notes, &a[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abcde");
}

TASK_TEST(after_so_many_jobs_a_worker_is_replaced)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1, .jobs_max = 2);
    int pid = pid_of(w);
    CHECK_EQ(pid_of(w), pid);
    CHECK(pid_of(w) != pid);
}

TASK_TEST(an_answer_has_a_limit)
{
    struct bide_answer answer;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1, .answer_max = 10);
    CHECK_EQ(ask(w, "short", &answer), 0);
    bide_answer_free(&answer);
    CHECK_EQ(ask(w, "more than that", &answer), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "worker 0: an answer of 17 bytes; at most 10");
    CHECK(!answer.data);
    CHECK_EQ(ask(w, "short", NULL), 0);
}

TASK_TEST(memory_has_a_limit)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1, .memory_max = 1 << 29);
    if (test_is_slow())
        return;                         /* a sanitizer needs terabytes */
    CHECK_EQ(ask(w, "huge", NULL), 0);
}

static int lists(const void *in, size_t size, bide_reply *reply)
{
    char c;
    (void)in;
    (void)size;
    (void)reply;
    int open_ones = 0;
    for (int fd = 3; fd < 256; fd++)
        open_ones += fcntl(fd, F_GETFD) >= 0;
    return read(0, &c, 1) == 0 ? open_ones : -1;
}

TASK_TEST(a_worker_has_none_of_our_descriptors)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    bide_auto(workers) w = bide_workers_new(lists, .processes = 2);
    CHECK_EQ(bide_workers_run(w, NULL, 0, NULL), 1);    /* its socket */
    close(ends[0]);
    close(ends[1]);
}

TASK_TEST(freed_while_used_all_who_wait_are_told)
{
    bide_workers *w = bide_workers_new(obey, .processes = 1);
    struct asking a = { w, "hang", 1 }, b = { w, "hello", 1 };
    BIDE_GROUP(g);
    bide_spawn(g, asks, &a);
    bide_spawn(g, asks, &b);
    CHECK_EQ(bide_sleep(0.01), 0);
    bide_workers_free(w);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(a.rc, BIDE_ECLOSED);
    CHECK_EQ(b.rc, BIDE_ECLOSED);
    bide_workers_free(NULL);
}

static int workers_pid;

static int leaves_one(void *unused)
{
    (void)unused;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    workers_pid = pid_of(w);
    return 0;
}

TEST(none_is_left_when_the_loop_has_ended)
{
    CHECK_EQ(bide_run(leaves_one, NULL), 0);
    CHECK(kill(workers_pid, 0) < 0);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0);
}

static int tells_pid(void *pipe_end)
{
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    int pid = pid_of(w);
    CHECK_EQ(write(*(int *)pipe_end, &pid, sizeof pid), sizeof pid);
    kill(getpid(), SIGKILL);
    return 0;
}

/* The pipe's other end is held by the worker through nothing but its standard error. */
TEST(a_worker_dies_with_its_parent)
{
    int ends[2], alive[2], pid;
    char c;
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(pipe(alive), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(alive[1], STDERR_FILENO);
        close(alive[1]);
        bide_ignore(bide_run(tells_pid, &ends[1]));
        _exit(0);
    }
    close(alive[1]);
    CHECK_EQ(read(ends[0], &pid, sizeof pid), sizeof pid);
    CHECK_EQ(waitpid(child, NULL, 0), child);
    CHECK_EQ(read(alive[0], &c, 1), 0);         /* ends when the worker has */
}

TEST(impossible_pools_are_refused)
{
    CHECK(!bide_workers_new(obey));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK(!bide_workers_new(NULL));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_workers_new(obey, .processes = 100000));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

TASK_TEST(a_missing_pool_gives_the_held_error)
{
    bide_fail(BIDE_ENOMEM, "could not make it");
    CHECK_EQ(ask(NULL, "x", NULL), BIDE_ENOMEM);
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    CHECK_EQ(bide_workers_run(w, NULL, 5, NULL), BIDE_EINVAL);
}

static bool empty;

static void *scarce(size_t size)
{
    return empty ? NULL : malloc(size);
}

static int runs_out(void *unused)
{
    struct bide_answer answer;
    (void)unused;
    empty = true;
    CHECK(!bide_workers_new(obey));
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    empty = false;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 1);
    CHECK_EQ(ask(w, "warm", NULL), 0);
    empty = true;
    CHECK_EQ(ask(w, "hello", &answer), BIDE_ENOMEM);
    empty = false;
    CHECK_EQ(ask(w, "hello", NULL), 0);
    return 0;
}

TEST(out_of_memory_is_an_error)
{
    static const struct bide_allocator allocator = { scarce, realloc, free };
    CHECK_EQ(bide_allocator_set(&allocator), 0);
    CHECK_EQ(bide_run(runs_out, NULL), 0);
}

static int shuffled(void *unused)
{
    struct asking a[6];
    (void)unused;
    bide_auto(workers) w = bide_workers_new(obey, .processes = 2);
    BIDE_GROUP(g);
    for (int i = 0; i < 6; i++) {
        a[i] = (struct asking){ w, i % 2 ? "hello" : "exit", 1 };
        bide_spawn(g, asks, &a[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(a[i].rc, i % 2 ? 0 : BIDE_ECLOSED);
    return 0;
}

TEST(whatever_the_order_each_has_its_own_answer)
{
    for (uint64_t seed = 1; seed < 8; seed++)
        CHECK_EQ(bide_run(shuffled, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}
