/* tests/io/test_process_end.c -- child processes are waited for, signalled, cancelled around, and
 * ended: whatever happens none is left. */
#include "io/children.h"

#include "core/loop.h"
#include "core/park.h"
#include <bide/memory.h>
#include <bide/sync.h>
#include <fcntl.h>

/* A child that says that it is ready, and stays. */
#define READY_THEN(line, ...) bide_shell("echo ready; " line, .in = BIDE_DEVNULL, \
                                         .out = BIDE_PIPE, ##__VA_ARGS__)

static int waits(void *p)
{
    return bide_process_wait(p, NULL);
}

TASK_TEST(all_who_wait_are_told)
{
    bide_task *t[4];
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE);
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn(g, waits, p, .handle = &t[i]);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t[0]);                  /* who watched: the next one takes over */
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t[2]);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_write_end(bide_process_in(p)), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(t[0]), BIDE_ECANCELED);
    CHECK_EQ(bide_task_result(t[1]), 0);
    CHECK_EQ(bide_task_result(t[2]), BIDE_ECANCELED);
    CHECK_EQ(bide_task_result(t[3]), 0);
    CHECK_EQ(bide__loop()->walkers, 0);
}

TASK_TEST(the_next_watcher_cancelled_as_well_hands_it_on)
{
    bide_task *t[3];
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, waits, p, .handle = &t[i]);
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(t[0]);
    bide_cancel(t[1]);
    CHECK_EQ(bide_write_end(bide_process_in(p)), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(t[1]), BIDE_ECANCELED);
    CHECK_EQ(bide_task_result(t[2]), 0);
}

TASK_TEST(a_cancelled_wait_leaves_the_child_alone)
{
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE);
    {
        BIDE_SCOPE(before);
        bide_scope_cancel(before);
        CHECK_EQ(bide_process_wait(p, NULL), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_timeout(0.01, waits, p), BIDE_ETIMEDOUT);
    CHECK(runs(bide_process_pid(p)));
    CHECK_EQ(bide_write_end(bide_process_in(p)), 0);
    CHECK_EQ(bide_process_check(p), 0);
}

TASK_TEST(signals_reach_the_child_and_nobody_once_it_has_ended)
{
    bide_auto(process) p = READY_THEN("trap 'echo one; exit 5' USR1; echo ready; "
                                      "while :; do sleep 0.01; done");
    hear_ready(p);
    hear_ready(p);
    CHECK_EQ(bide_process_signal(p, SIGUSR1), 0);
    CHECK_EQ(ended(p).code, 5);
    CHECK_EQ(bide_process_signal(p, SIGUSR1), -ESRCH);
    CHECK_STR(bide_errmsg(), "process shell: it has ended");
    bide_auto(process) quick = bide_exec(BIDE_ARGV("true"), .out = BIDE_PIPE);
    CHECK_EQ(bide_read(bide_process_out(quick), &(char){ 0 }, 1), 0);
    while (runs(bide_process_pid(quick)))
        CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_process_signal(quick, SIGTERM), -ESRCH);      /* nobody has waited for it yet */
    CHECK_EQ(bide_process_check(quick), 0);
    no_children();
}

/* Closing */

static pid_t pid;

static int closes_a_good_one(void *unused)
{
    (void)unused;
    bide_auto(process) p = READY_THEN("exec sleep 1000");
    hear_ready(p);
    pid = bide_process_pid(p);
    return 0;
}

TEST(a_child_that_still_runs_is_ended_with_its_block)
{
    CHECK_EQ(bide_run(closes_a_good_one, NULL), 0);
    CHECK(!runs(pid));
    no_children();
}

static int closes_a_stubborn_one(void *grace)
{
    bide_auto(process) p = READY_THEN("trap '' TERM; echo ready; while :; do sleep 0.01; done",
                                      .grace = *(double *)grace);
    hear_ready(p);
    hear_ready(p);
    pid = bide_process_pid(p);
    return 0;
}

TEST(a_child_that_ignores_it_is_killed_after_the_grace)
{
    double graces[] = { 0.05, -1 };
    for (int i = 0; i < 4; i++) {
        double start = bide_now();
        CHECK_EQ(bide_run(closes_a_stubborn_one, &graces[i / 2], .jumping_clock = i % 2), 0);
        CHECK(bide_now() - start >= graces[i / 2]);     /* the jumping clock walks */
        CHECK(!runs(pid));
        no_children();
    }
}

static int closes_a_stopped_one(void *unused)
{
    (void)unused;
    bide_auto(process) p = READY_THEN("trap 'exit 0' TERM; kill -STOP $$; sleep 1000",
                                      .grace = BIDE_FOREVER);
    hear_ready(p);
    pid = bide_process_pid(p);
    return 0;
}

TEST(a_child_that_is_stopped_is_ended_too)
{
    CHECK_EQ(bide_run(closes_a_stopped_one, NULL), 0);
    CHECK(!runs(pid));
    no_children();
}

static pid_t below;

static int closes_a_tree(void *session)
{
    char *line;
    bide_auto(process) p = bide_shell("sleep 1000 & echo $!; wait", .in = BIDE_DEVNULL,
                                      .out = BIDE_PIPE, .group = !session, .session = session,
                                      .grace = 0.5);
    CHECK(bide_read_until(bide_process_out(p), "\n", &line) > 0);
    below = atoi(line);
    CHECK(runs(below));
    CHECK_EQ(getpgid(below), bide_process_pid(p));
    CHECK_EQ(getsid(below) == bide_process_pid(p), session != NULL);
    return 0;
}

TEST(with_a_group_the_whole_tree_is_ended)
{
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_run(closes_a_tree, i ? &below : NULL), 0);
        for (int tries = 0; runs(below); tries++) {     /* init may take a moment */
            CHECK(tries < 1000);
            usleep(1000);
        }
        no_children();
    }
}

static int leader_leaves(void *unused)
{
    char *line;
    (void)unused;
    bide_auto(process) p = bide_shell("sleep 1000 & echo $!", .in = BIDE_DEVNULL, .out = BIDE_PIPE,
                                      .group = true);
    CHECK(bide_read_until(bide_process_out(p), "\n", &line) > 0);
    below = atoi(line);
    CHECK_EQ(ended(p).code, 0);
    CHECK(runs(below));
    CHECK_EQ(getpgid(below), bide_process_pid(p));      /* not anybody's number yet */
    CHECK_EQ(bide_process_signal(p, SIGCONT), 0);
    return 0;
}

TEST(what_the_leader_of_a_group_leaves_behind_is_killed)
{
    CHECK_EQ(bide_run(leader_leaves, NULL), 0);
    for (int tries = 0; runs(below); tries++) {
        CHECK(tries < 1000);
        usleep(1000);
    }
    no_children();
}

TASK_TEST(closing_lets_all_go_who_wait)
{
    bide_task *t[2];
    bide_process *p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE);
    struct bide_error const *why;
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, waits, p, .handle = &t[i]);
    CHECK_EQ(bide_yield(), 0);
    bide_process_close(p);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    for (int i = 0; i < 2; i++) {
        why = bide_task_error(t[i]);
        CHECK_EQ(why->code, BIDE_ECLOSED);
        CHECK_STR(why->text, "process cat: closed");
    }
}

static int waits_on_the_way_in(void *p)
{
    bide__self()->credit = 1;
    return bide_process_wait(p, NULL);
}

TASK_TEST(closing_ends_who_yields_on_the_way_in)
{
    bide_task *t;
    bide_process *p = bide_exec(BIDE_ARGV("true"));
    BIDE_KEEP_GOING(g);
    bide_spawn(g, waits_on_the_way_in, p, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_process_close(p);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
}

static int keeps_it(void *unused)
{
    (void)unused;
    bide_process *p = READY_THEN("exec sleep 1000");
    hear_ready(p);
    pid = bide_process_pid(p);
    return 0;
}

static void ignore(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    CHECK_HAS(text, "group 'process' was still open");
}

TEST(one_that_was_forgotten_is_killed_before_the_loop_ends)
{
    bide_log_to(ignore, NULL, BIDE_LOG_WARNING);
    CHECK_EQ(bide_run(keeps_it, NULL), 0);
    CHECK(!runs(pid));
    no_children();
}

static int ready;
static bide_event both_ready;

static int has_one(void *unused)
{
    (void)unused;
    bide_auto(process) p = READY_THEN("exec sleep 1000");
    hear_ready(p);
    if (++ready == 2)
        bide_event_set(&both_ready);
    return bide_process_wait(p, NULL);
}

static int stops(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, has_one, NULL);
    bide_spawn(NULL, has_one, NULL);
    int rc = bide_event_wait(&both_ready);
    raise(SIGTERM);
    return rc < 0 ? rc : bide_group_wait(g);
}

TEST(a_stopped_program_leaves_none_behind)
{
    CHECK_EQ(bide_run(stops, NULL, .stop_on_signal = true), BIDE_ECANCELED);
    no_children();
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

static void *no_map(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    (void)at, (void)size, (void)protection, (void)flags, (void)fd, (void)offset;
    errno = ENOMEM;
    return MAP_FAILED;
}

static int closes_without_memory(void *unused)
{
    (void)unused;
    bide_process *p[40];
    for (int i = 0; i < 40; i++)
        CHECK((p[i] = bide_exec(BIDE_ARGV("sleep", "1000"))));
    bide_allocator_set(&(struct bide_allocator){ no_memory, realloc, free });
    bide__sys.mmap = no_map;            /* the first few find a stack in the pool */
    for (int i = 0; i < 40; i++)
        bide_process_close(p[i]);
    bide_allocator_set(NULL);
    return 0;
}

static void hears(const bide_task *t, const struct bide_error *why)
{
    (void)t;
    (void)why;
}

TEST(without_memory_to_ask_it_is_killed_at_once)
{
    CHECK_EQ(bide_run(closes_without_memory, NULL, .on_failure = hears), 0);
    no_children();
}

/* Others' doings */

TASK_TEST(a_status_that_somebody_else_took_is_told)
{
    int status;
    bide_auto(process) p = bide_exec(BIDE_ARGV("true"));
    CHECK_EQ(waitpid(bide_process_pid(p), &status, 0), bide_process_pid(p));
    struct bide_exit how = ended(p);
    CHECK_EQ(how.code, -1);
    CHECK_STR(how.text, "ended, and its status went elsewhere");
    CHECK_EQ(bide_process_signal(p, SIGTERM), -ESRCH);
}

TASK_TEST(ignoring_child_signals_is_no_trouble)
{
    signal(SIGCHLD, SIG_IGN);
    bide_auto(process) p = bide_exec(BIDE_ARGV("sleep", "0.01"));
    CHECK_EQ(ended(p).code, -1);
    bide_auto(process) q = bide_exec(BIDE_ARGV("sleep", "1000"));
    CHECK(q);
    CHECK(!bide_exec(BIDE_ARGV("/no/such")));
    CHECK_EQ(bide_errcode(), -ENOENT);
}

/* Systems that lack something */

static struct sys real;

static pid_t start_without_pidfd(int (*child)(void *), void *stack, int flags, void *arg,
                                 int *pidfd)
{
    return real.start(child, stack, flags & ~0x1000, arg, pidfd);
}

static int no_pidfd(pid_t number)
{
    (void)number;
    errno = ENOSYS;
    return -1;
}

static int wait_by_number(idtype_t kind, id_t id, siginfo_t *how, int options)
{
    if (kind != P_PID)
        errno = EINVAL;
    return kind != P_PID ? -1 : real.waitid(kind, id, how, options);
}

static int several(void *unused)
{
    (void)unused;
    CHECK_EQ(closes_a_good_one(NULL), 0);
    CHECK_EQ(closes_a_stubborn_one(&(double){ 0.05 }), 0);
    bide_auto(process) p = bide_shell("sleep 0.02; exit 3");
    CHECK_EQ(ended(p).code, 3);
    bide_auto(process) q = bide_exec(BIDE_ARGV("sleep", "1000"));
    CHECK_EQ(bide_timeout(0.01, waits, q), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_process_signal(q, SIGINT), 0);
    CHECK_EQ(ended(q).signal, SIGINT);
    CHECK_EQ(bide_process_signal(q, SIGINT), -ESRCH);
    bide_task *t;
    bide_process *r = bide_exec(BIDE_ARGV("sleep", "1000"));
    BIDE_KEEP_GOING(g);
    bide_spawn(g, waits, r, .handle = &t);
    CHECK_EQ(bide_sleep(0.003), 0);
    bide_process_close(r);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    return 0;
}

static void run_several(const char *poller)
{
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_run(several, NULL, .jumping_clock = i, .poller = poller), 0);
        no_children();
    }
}

TEST(both_pollers_hear_of_an_end)
{
    run_several("epoll");
    run_several("poll");
}

TEST(without_descriptors_of_processes_they_are_asked_for)
{
    real = bide__sys;
    bide__sys.start = start_without_pidfd;
    bide__sys.pidfd_open = no_pidfd;
    run_several(NULL);
}

static int no_signal(int pidfd, int number)
{
    (void)pidfd, (void)number;
    errno = ENOSYS;
    return -1;
}

TEST(a_system_that_waits_and_signals_by_number_only_is_enough)
{
    real = bide__sys;
    bide__sys.pidfd_signal = no_signal;
    bide__sys.waitid = wait_by_number;
    run_several(NULL);
}

/* What a tool does of clone(2): a child with a copy of our memory. */
static pid_t start_by_fork(int (*child)(void *), void *stack, int flags, void *arg, int *pidfd)
{
    (void)stack, (void)flags, (void)pidfd;
    pid_t number = fork();
    if (number == 0)
        child(arg);
    return number;
}

static int starts_or_tells(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        CHECK(!bide_exec(BIDE_ARGV("/x/y")));
        CHECK_STR(bide_errmsg(), "exec: /x/y: No such file or directory");
        CHECK(!bide_exec(BIDE_ARGV("true"), .cwd = "/no/such"));
        CHECK_STR(bide_errmsg(), "exec: true: cwd /no/such: No such file or directory");
        bide_auto(process) p = bide_exec(BIDE_ARGV("ls", "-m", "/proc/self/fd"), .out = BIDE_PIPE);
        CHECK_STR(said(p), "0, 1, 2, 3");
        CHECK_EQ(bide_process_check(p), 0);
    }
    return several(NULL);
}

TEST(a_child_with_a_copy_of_our_memory_tells_why_it_failed)
{
    bide__sys.start = start_by_fork;
    CHECK_EQ(bide_run(starts_or_tells, NULL), 0);
    no_children();
}

/* Many */

enum { MANY = 200, AT_ONCE = 16 };

static int one_of_many(void *arg)
{
    char line[32];
    int number = *(int *)arg;
    snprintf(line, sizeof line, "exit %d", number % 100);
    bide_auto(process) p = bide_shell(line);
    struct bide_exit how;
    int rc = bide_process_wait(p, &how);
    return rc < 0 ? rc : how.code == number % 100 ? 0 : bide_fail(BIDE_EINVAL, "%s", how.text);
}

static int many(void *unused)
{
    (void)unused;
    for (int i = 0; i < MANY; i += AT_ONCE) {
        BIDE_GROUP(g);
        for (int j = 0; j < AT_ONCE; j++)
            bide_spawn(g, one_of_many, &(int){ i + j }, .copy = sizeof(int));
        int rc = bide_group_wait(g);
        if (rc < 0)
            return rc;
    }
    return 0;
}

TEST(each_of_many_has_its_own_end)
{
    int before = count_descriptors();
    for (uint64_t seed = 1; seed <= 3; seed++)
        CHECK_EQ(bide_run(many, NULL, .shuffle_seed = seed, .jumping_clock = true), 0);
    CHECK_EQ(count_descriptors(), before);
    no_children();
}
