/* tests/io/test_process.c -- child processes: how they are started, and what they find. */
#include "io/children.h"

#include "core/loop.h"
#include <bide/memory.h>
#include <bide/pipe.h>
#include <fcntl.h>

TASK_TEST(a_program_runs_and_its_end_is_told)
{
    int expected[] = { 0, 1, 3, 255 };
    char line[32], text[32];
    for (int i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "exit %d", expected[i]);
        snprintf(text, sizeof text, "exited with %d", expected[i]);
        bide_auto(process) p = bide_exec(BIDE_ARGV("sh", "-c", line));
        CHECK(p);
        struct bide_exit how = ended(p);
        CHECK_EQ(how.code, expected[i]);
        CHECK_EQ(how.signal, 0);
        CHECK_STR(how.text, text);
    }
    no_children();
}

TASK_TEST(an_end_by_a_signal_is_told)
{
    bide_auto(process) p = bide_shell("kill -KILL $$");
    struct bide_exit how = ended(p);
    CHECK_EQ(how.code, -1);
    CHECK_EQ(how.signal, SIGKILL);
    CHECK_STR(how.text, "was killed by SIGKILL");
    CHECK_EQ(ended(p).signal, SIGKILL);         /* as often as asked */
    CHECK_EQ(bide_process_check(p), BIDE_EPROCESS);
    CHECK_STR(bide_errmsg(), "shell: was killed by SIGKILL");
}

TASK_TEST(a_check_is_a_wait_that_wants_success)
{
    bide_auto(process) good = bide_exec(BIDE_ARGV("true"));
    bide_auto(process) bad = bide_exec(BIDE_ARGV("false"));
    CHECK_EQ(bide_process_check(good), 0);
    CHECK_EQ(bide_process_check(bad), BIDE_EPROCESS);
    CHECK_STR(bide_errmsg(), "false: exited with 1");
}

/* Failing to start */

TASK_TEST(why_a_program_cannot_start_is_told_exactly)
{
    CHECK(!bide_exec(BIDE_ARGV("/x/y", "z")));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_STR(bide_errmsg(), "exec: /x/y: No such file or directory");
    CHECK(!bide_exec(BIDE_ARGV("no-such-program-anywhere")));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK(!bide_exec(BIDE_ARGV("/")));
    CHECK_EQ(bide_errcode(), -EACCES);
    CHECK(!bide_exec(BIDE_ARGV("/dev/null/x")));
    CHECK_EQ(bide_errcode(), -ENOTDIR);
    CHECK(!bide_exec(BIDE_ARGV("true"), .cwd = "/no/such"));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_STR(bide_errmsg(), "exec: true: cwd /no/such: No such file or directory");
    CHECK(!bide_exec(BIDE_ARGV("true"), .out = 777));
    CHECK_EQ(bide_errcode(), -EBADF);
    CHECK_STR(bide_errmsg(), "exec: true: its streams: Bad file descriptor");
    no_children();
}

TASK_TEST(a_file_without_a_format_is_no_program)
{
    char name[] = "/tmp/bide-test-XXXXXX";
    int fd = mkstemp(name);
    CHECK_EQ(write(fd, "exit 3\n", 7), 7);
    fchmod(fd, 0700);
    close(fd);
    CHECK(!bide_exec(BIDE_ARGV(name)));
    CHECK_EQ(bide_errcode(), -ENOEXEC);
    unlink(name);
    no_children();
}

TASK_TEST(misuse_is_told)
{
    struct bide_process_opts none = { .abi_ = sizeof none };
    CHECK(!bide_process_open(&none));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_exec(BIDE_ARGV(NULL)));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_exec(BIDE_ARGV("")));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_exec(BIDE_ARGV("true"), .shell = "true"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_exec(BIDE_ARGV("true"), .out = BIDE_TO_OUT));
    CHECK_STR(bide_errmsg(), "exec: -3 is no way to lead its output");
    CHECK(!bide_exec(BIDE_ARGV("true"), .in = -9));
    CHECK(!bide_exec(BIDE_ARGV("true"), .grace = __builtin_nan("")));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    bide_auto(process) p = bide_exec(BIDE_ARGV("true"));
    CHECK(!bide_exec(BIDE_ARGV("true"), .from = p));
    CHECK_STR(bide_errmsg(), "exec: .from: true has no output pipe");
    CHECK(!bide_process_in(p) && !bide_process_out(p) && !bide_process_err(p));
    CHECK_STR(bide_errmsg(), "process true: there is no pipe for its errors");
    CHECK_EQ(bide_process_signal(p, 0), BIDE_EINVAL);
    CHECK_EQ(bide_process_signal(p, 4000), BIDE_EINVAL);
    CHECK_EQ(bide_process_wait(NULL, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_process_signal(NULL, SIGTERM), BIDE_EINVAL);
    CHECK(!bide_process_in(NULL));
    CHECK_EQ(bide_process_pid(NULL), 0);
    bide_process_close(NULL);
}

TEST(outside_of_a_loop_nothing_starts)
{
    CHECK(!bide_exec(BIDE_ARGV("true")));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_STR(bide_errmsg(), "exec: works only inside bide_run()");
}

/* What it finds */

TASK_TEST(a_name_without_a_value_is_no_path)
{
    char *name = strdup("PATH");        /* nothing lies behind it */
    bide_auto(process) p = bide_exec(BIDE_ARGV("true"), .env = BIDE_ARGV(name));
    CHECK_EQ(bide_process_check(p), 0);
    free(name);
}

TASK_TEST(arguments_folder_and_environment_are_as_wished)
{
    setenv("KEPT", "kept", 1);
    setenv("REMOVED", "there", 1);
    bide_auto(process) a = bide_exec(BIDE_ARGV("printf", "%s|%s|%s", "a b", "", "c\"'$"),
                                     .out = BIDE_PIPE);
    CHECK_STR(said(a), "a b||c\"'$");
    bide_auto(process) b = bide_shell("pwd", .out = BIDE_PIPE, .cwd = "/usr");
    CHECK_STR(said(b), "/usr");
    bide_auto(process) c = bide_shell("echo $KEPT-$REMOVED-$NEW-$TWICE", .out = BIDE_PIPE,
                                      .env_add = BIDE_ARGV("NEW=new", "REMOVED", "TWICE=1",
                                                           "TWICE=2"));
    CHECK_STR(said(c), "kept--new-2");
    bide_auto(process) d = bide_exec(BIDE_ARGV("/usr/bin/env"), .out = BIDE_PIPE,
                                     .env = BIDE_ARGV("ONLY=this"));
    CHECK_STR(said(d), "ONLY=this");
    bide_auto(process) e = bide_shell("echo $ONLY-$MORE", .out = BIDE_PIPE,
                                      .env = BIDE_ARGV("ONLY=this", "MORE=0"),
                                      .env_add = BIDE_ARGV("MORE=1"));
    CHECK_STR(said(e), "this-1");
}

TASK_TEST(the_childs_own_path_is_searched)
{
    CHECK(!bide_exec(BIDE_ARGV("true"), .env_add = BIDE_ARGV("PATH=/no:/such")));
    CHECK_EQ(bide_errcode(), -ENOENT);
    bide_auto(process) p = bide_exec(BIDE_ARGV("true"),
                                     .env_add = BIDE_ARGV("PATH=/no:/etc/passwd:/usr/bin:/bin"));
    CHECK_EQ(bide_process_check(p), 0);
    bide_auto(process) q = bide_exec(BIDE_ARGV("true"), .env_add = BIDE_ARGV("PATH"));
    CHECK_EQ(bide_process_check(q), 0);
    CHECK(!bide_exec(BIDE_ARGV("tmp"), .env_add = BIDE_ARGV("PATH=/:/no")));
    CHECK_EQ(bide_errcode(), -EACCES);          /* a folder is there, and better came not */
    bide_auto(process) here = bide_exec(BIDE_ARGV("true"), .cwd = "/usr/bin",
                                        .env_add = BIDE_ARGV("PATH=:/no"));
    CHECK_EQ(bide_process_check(here), 0);
}

TASK_TEST(it_has_no_other_descriptor)
{
    int leaky = open("/dev/null", O_RDONLY), high = fcntl(leaky, F_DUPFD, 700);
    CHECK(leaky > 2 && high >= 700);
    bide_auto(process) p = bide_exec(BIDE_ARGV("ls", "-m", "/proc/self/fd"), .out = BIDE_PIPE);
    CHECK_STR(said(p), "0, 1, 2, 3");           /* 3 is the listing's own */
    close(leaky);
    close(high);
}

TASK_TEST(its_signals_are_as_if_nobody_had_touched_them)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR2);
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    bide_auto(process) p = bide_exec(BIDE_ARGV("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"),
                                     .out = BIDE_PIPE);
    struct bide_output got;
    CHECK_EQ(bide_process_communicate(p, NULL, 0, &got), 0);
    CHECK_STR(got.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
    CHECK(sigismember(&set, SIGTERM) && !sigismember(&set, SIGINT));    /* ours are untouched */
    struct sigaction now;
    CHECK_EQ(sigaction(SIGUSR1, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_IGN);
}

TASK_TEST(streams_lead_where_they_should)
{
    struct bide_output got;
    bide_auto(process) a = bide_shell("cat; echo out; echo err >&2", .in = BIDE_DEVNULL,
                                      .out = BIDE_PIPE, .err = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(a, NULL, 0, &got), 0);
    CHECK_STR(got.out, "out\n");
    CHECK_STR(got.err, "err\n");
    CHECK_EQ(got.out_size, 4);
    CHECK_STR(got.exit.text, "exited with 0");
    bide_auto(process) b = bide_shell("echo out; echo err >&2", .out = BIDE_PIPE,
                                      .err = BIDE_TO_OUT);
    CHECK_EQ(bide_process_communicate(b, NULL, 0, &got), 0);
    CHECK_STR(got.out, "out\nerr\n");
    CHECK_STR(got.err, "");
    bide_auto(process) c = bide_shell("echo out; echo err >&2", .out = BIDE_DEVNULL,
                                      .err = BIDE_PIPE);
    CHECK_EQ(bide_process_communicate(c, NULL, 0, &got), 0);
    CHECK_STR(got.err, "err\n");
    bide_auto(process) d = bide_shell("echo out; echo err >&2", .out = BIDE_DEVNULL,
                                      .err = BIDE_TO_OUT);
    CHECK_EQ(bide_process_communicate(d, NULL, 0, &got), 0);
    CHECK_STR(got.out, "");
}

TASK_TEST(streams_can_be_descriptors_also_those_that_lie_in_the_way)
{
    int fds[2], mark = dup(2), in = dup(0);
    char buf[64] = "";
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    bide_auto(process) a = bide_shell("echo out; echo err >&2", .out = fds[1], .err = fds[1]);
    CHECK_EQ(bide_process_check(a), 0);
    CHECK_EQ(read(fds[0], buf, sizeof buf), 8);
    CHECK_MEM(buf, "out\nerr\n", 8);
    /* Ours crossed: its output is our 2, its errors our 1. */
    int other[2];
    CHECK_EQ(pipe2(other, O_CLOEXEC), 0);
    int one = dup(1);
    dup2(fds[1], 1);
    dup2(other[1], 2);
    bide_process *b = bide_shell("echo out; echo err >&2", .out = 2, .err = 1);
    int rc = bide_process_check(b);
    dup2(one, 1);
    dup2(mark, 2);
    CHECK_EQ(rc, 0);
    bide_process_close(b);
    CHECK_EQ(read(fds[0], buf, sizeof buf), 4);
    CHECK_MEM(buf, "err\n", 4);
    CHECK_EQ(read(other[0], buf, sizeof buf), 4);
    CHECK_MEM(buf, "out\n", 4);
    /* Without a standard input of ours, a pipe may get its number. */
    close(0);
    bide_process *c = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE);
    struct bide_output got;
    rc = bide_process_communicate(c, "through", 7, &got);
    dup2(in, 0);
    CHECK_EQ(rc, 0);
    CHECK_STR(got.out, "through");
    bide_process_close(c);
    const int ours[] = { fds[0], fds[1], other[0], other[1], one, in, mark };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        close(ours[i]);
}

TASK_TEST(a_pipeline_hands_descriptors_on)
{
    bide_auto(process) say = bide_shell("echo b; echo c; echo a", .out = BIDE_PIPE);
    bide_auto(process) sort = bide_exec(BIDE_ARGV("sort"), .from = say, .out = BIDE_PIPE);
    bide_auto(process) join = bide_exec(BIDE_ARGV("tr", "\\n", "-"), .from = sort,
                                        .out = BIDE_PIPE);
    CHECK(!bide_process_out(say) && !bide_process_out(sort));
    CHECK_STR(said(join), "a-b-c-");
    CHECK_EQ(bide_process_check(say), 0);
    CHECK_EQ(bide_process_check(sort), 0);
}

TASK_TEST(a_failed_start_leaves_the_others_output_alone)
{
    char *line;
    bide_auto(process) say = bide_shell("echo a; echo b", .out = BIDE_PIPE);
    CHECK(!bide_exec(BIDE_ARGV("/no/such"), .from = say));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK(fcntl(bide_stream_fd(bide_process_out(say)), F_GETFL) & O_NONBLOCK);
    CHECK(!bide_exec(BIDE_ARGV("true"), .from = say, .in = BIDE_PIPE));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(bide_read_until(bide_process_out(say), "\n", &line), 2);
    CHECK_STR(line, "a\n");
    CHECK_EQ(bide_process_check(say), 0);
}

/* The system or memory says no */

static struct sys real;
static int left, code;

static bool fails(void)
{
    return left >= 0 && left-- == 0 && (errno = code);
}

static int faulty_pipe(int ends[2], int flags)
{
    return fails() ? -1 : real.pipe2(ends, flags);
}

static pid_t faulty_start(int (*child)(void *), void *stack, int flags, void *arg, int *pidfd)
{
    return fails() ? -1 : real.start(child, stack, flags, arg, pidfd);
}

static const struct poller_ops *real_poller;

static int faulty_watch(struct poller *p, int fd, uint32_t generation, bool pollable)
{
    return fails() ? -code : real_poller->watch(p, fd, generation, pollable);
}

static void *faulty_alloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *faulty_resize(void *memory, size_t size)
{
    return fails() ? NULL : realloc(memory, size);
}

static int one_process(void *unused)
{
    struct bide_output got;
    (void)unused;
    bide_auto(process) p = bide_exec(BIDE_ARGV("cat"), .in = BIDE_PIPE, .out = BIDE_PIPE,
                                     .err = BIDE_PIPE, .env_add = BIDE_ARGV("A=b"));
    int rc = bide_process_communicate(p, "text", 4, &got);
    if (rc == 0)
        CHECK_STR(got.out, "text");
    return rc;
}

static int each_fault(void *may_fail)
{
    int before = count_descriptors(), rounds = 0;
    for (bool any = true; any; rounds++) {
        CHECK(rounds < 1000);
        left = rounds;
        int rc = one_process(NULL);
        any = left < 0;
        left = -1;
        CHECK(rc == 0 || (any && may_fail && rc == -code));
        CHECK_EQ(bide_sleep(1), 0);             /* what is ended in the background has been */
        CHECK_EQ(count_descriptors(), before);
        no_children();
    }
    CHECK(rounds > 1);
    return 0;
}

/* Whatever poller it is. */
static int each_fault_of_watching(void *may_fail)
{
    struct poller *p = &bide__loop()->poller;
    real_poller = p->ops;
    struct poller_ops faulty = *p->ops;
    faulty.watch = faulty_watch;
    p->ops = &faulty;
    int rc = each_fault(may_fail);
    p->ops = real_poller;
    return rc;
}

static void with_faults(int how, bool may_fail)
{
    code = how;
    left = -1;
    CHECK_EQ(bide_run(each_fault, may_fail ? &code : NULL, .jumping_clock = true), 0);
}

static int one_true(void *unused)
{
    (void)unused;
    bide_auto(process) p = bide_exec(BIDE_ARGV("true"));
    return bide_process_check(p);
}

static void begin(void)
{
    real = bide__sys;
    CHECK_EQ(bide_run(one_true, NULL), 0);      /* what is found out once is known */
}

TEST(out_of_descriptors_is_told_and_nothing_is_left)
{
    begin();
    bide__sys.pipe2 = faulty_pipe;
    with_faults(EMFILE, true);
}

TEST(out_of_processes_is_told_and_nothing_is_left)
{
    begin();
    bide__sys.start = faulty_start;
    with_faults(EAGAIN, true);
}

TEST(a_descriptor_that_cannot_be_watched_is_told_or_gone_without)
{
    begin();
    code = ENOSPC;
    CHECK_EQ(bide_run(each_fault_of_watching, &code, .jumping_clock = true), 0);
}

TEST(out_of_memory_is_told_and_nothing_is_left)
{
    begin();
    code = ENOMEM;
    left = -1;
    struct bide_allocator a = { faulty_alloc, faulty_resize, free };
    CHECK_EQ(bide_allocator_set(&a), 0);
    with_faults(ENOMEM, true);
}
