/* tests/io/test_pipe.c -- pipes, and the standard streams over everything that they may be. */
#include "io/ends.h"

#include "base/sys.h"
#include "core/loop.h"
#include <bide/memory.h>
#include <bide/pipe.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* A TASK_TEST that changes which files are the standard ones, and leaves them so. */
#define LOOP_TEST(name_) \
    static void name_##_body(void); \
    static int name_##_task(void *unused) \
    { \
        (void)unused; \
        name_##_body(); \
        return 0; \
    } \
    TEST(name_) \
    { \
        CHECK_EQ(bide_run(name_##_task, NULL, .jumping_clock = true), 0); \
    } \
    static void name_##_body(void)

LOOP_TEST(a_pipe_carries_bytes_one_way)
{
    bide_stream *ends[2];
    char *line;
    CHECK_EQ(bide_pipe(ends), 0);
    bide_auto(stream) in = ends[0];
    bide_auto(stream) out = ends[1];
    ends_say(out, "one\ntwo");
    CHECK_EQ(bide_write_end(out), 0);
    CHECK_EQ(bide_read_until(in, "\n", &line), 4);
    CHECK_EQ(bide_read_until(in, "\n", &line), 3);
    CHECK_STR(line, "two");
    CHECK_EQ(bide_read_until(in, "\n", &line), 0);
    CHECK_EQ(fcntl(bide_stream_fd(in), F_GETFD), FD_CLOEXEC);
}

TEST(outside_of_a_loop_there_are_none)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_pipe(ends), BIDE_EPERM);
    CHECK(!ends[0] && !ends[1]);
    CHECK(!bide_stdin());
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    int fd = open("/dev/null", O_RDONLY);
    dup2(fd, 0);
    close(fd);
    CHECK(!bide_stdin());
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

/* Makes a descriptor of ours the standard one of that number. */
static void become(int fd, int standard)
{
    CHECK_EQ(dup2(fd, standard), standard);
    if (fd != standard)
        close(fd);
}

static int new_file(const char *text)
{
    char name[] = "/tmp/bide-test-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    unlink(name);
    CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void hear_line(bide_stream *s, const char *text)
{
    char *line;
    CHECK_EQ(bide_read_until(s, "\n", &line), (ssize_t)strlen(text));
    CHECK_STR(line, text);
}

static bool blocks(int fd)
{
    return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

LOOP_TEST(standard_input_may_be_a_pipe_and_its_flags_stay)
{
    int fds[2];
    char *line;
    CHECK_EQ(pipe(fds), 0);
    become(fds[0], 0);
    bide_auto(stream) in = bide_stdin();
    CHECK(in);
    CHECK(bide_stream_fd(in) > 2);
    CHECK_EQ(fcntl(bide_stream_fd(in), F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(fds[1], "first\nsec", 9), 9);
    hear_line(in, "first\n");
    CHECK(blocks(0) && blocks(fds[1]));
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(write(fds[1], "ond\n", 4), 4);
    hear_line(in, "second\n");
    close(fds[1]);
    CHECK_EQ(bide_read_until(in, "\n", &line), 0);
    bide_stream_close(bide_steal(in));
    CHECK(blocks(0));
}

LOOP_TEST(standard_output_may_be_a_pipe_and_its_flags_stay)
{
    int fds[2], kept = dup(1);
    char buf[16];
    CHECK_EQ(pipe(fds), 0);
    become(fds[1], 1);
    bide_stream *out = bide_stdout();
    bool good = out && bide_printf(out, "%d\n", 42) == 0 && blocks(1);
    bide_stream_close(out);
    good &= blocks(1) && blocks(fds[0]);
    become(kept, 1);
    CHECK(good);
    CHECK_EQ(read(fds[0], buf, sizeof buf), 3);
    CHECK_MEM(buf, "42\n", 3);
}

static int fill(void *arg)
{
    static char data[300000];
    return bide_write(arg, data, sizeof data);
}

static void write_to_nobody(bide_stream *(*open_standard)(void), bool socket)
{
    int fds[2];
    if (socket)
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    else
        CHECK_EQ(pipe(fds), 0);
    int kept = dup(2);
    become(fds[1], 2);
    bide_stream *s = open_standard();
    int waited = s ? bide_timeout(0.01, fill, s) : -1;
    close(fds[0]);
    int after = s ? bide_write(s, "x", 1) : -1;
    bide_stream_close(s);
    s = open_standard();                        /* a pipe nobody reads cannot be opened anew */
    int gone = s ? bide_write(s, "x", 1) : -1;
    bide_stream_close(s);
    bool flags = blocks(2);
    become(kept, 2);
    CHECK_EQ(waited, BIDE_ETIMEDOUT);
    CHECK_EQ(after, BIDE_ECLOSED);
    CHECK_EQ(gone, -EPIPE);
    CHECK(flags);
}

LOOP_TEST(a_full_pipe_holds_up_the_task_alone_and_one_without_reader_is_an_error)
{
    write_to_nobody(bide_stderr, false);
}

LOOP_TEST(a_full_socket_holds_up_the_task_alone_and_one_without_reader_is_an_error)
{
    write_to_nobody(bide_stderr, true);
}

LOOP_TEST(standard_input_may_be_a_plain_file_whose_place_is_shared)
{
    char *line;
    become(new_file("one\ntwo\nthree"), 0);
    bide_auto(stream) in = bide_stdin();
    hear_line(in, "one\n");
    hear_line(in, "two\n");
    CHECK_EQ(bide_read_until(in, "\n", &line), 5);
    CHECK_EQ(bide_read_until(in, "\n", &line), 0);
    CHECK_EQ(lseek(0, 0, SEEK_CUR), 13);
    CHECK(bide_stream_readable(in));
}

LOOP_TEST(standard_output_may_be_a_plain_file)
{
    char buf[32] = "", large[5000];
    int fd = new_file("before\n"), kept = dup(1);
    CHECK_EQ(lseek(fd, 0, SEEK_END), 7);
    become(dup(fd), 1);
    bide_stream *out = bide_stdout();
    int rc = out ? bide_printf(out, "one %d\n", 1) : -1;
    if (rc == 0)
        rc = bide_write(out, "two\n", 4);
    int end = bide_write_end(out);
    memset(large, 'x', sizeof large);
    struct iovec pieces[] = { { large, sizeof large }, { large, 0 }, { large, sizeof large } };
    if (rc == 0)
        rc = bide_writev(out, pieces, 3);
    bide_stream_close(out);
    become(kept, 1);
    CHECK_EQ(rc, 0);
    CHECK_EQ(end, BIDE_EINVAL);
    CHECK_EQ(pread(fd, buf, 17, 0), 17);
    CHECK_STR(buf, "before\none 1\ntwo\n");
    CHECK_EQ(lseek(fd, 0, SEEK_END), 17 + 2 * (off_t)sizeof large);
    close(fd);
}

LOOP_TEST(standard_input_may_be_nothing)
{
    char c;
    become(open("/dev/null", O_RDONLY), 0);
    bide_auto(stream) in = bide_stdin();
    CHECK_EQ(bide_read(in, &c, 1), 0);
    CHECK_EQ(bide_read(in, &c, 1), 0);
}

LOOP_TEST(standard_input_may_be_a_socket)
{
    int fds[2];
    char c;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    become(fds[0], 0);
    bide_auto(stream) in = bide_stdin();
    CHECK(!bide_stream_readable(in));
    CHECK_EQ(write(fds[1], "line\n", 5), 5);
    CHECK(bide_stream_readable(in));
    hear_line(in, "line\n");
    CHECK(blocks(0));
    close(fds[1]);
    CHECK_EQ(bide_read(in, &c, 1), 0);
}

static int open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(*master >= 0);
    CHECK_EQ(grantpt(*master), 0);
    CHECK_EQ(unlockpt(*master), 0);
    int slave = open(ptsname(*master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(slave >= 0);
    return slave;
}

LOOP_TEST(standard_streams_may_be_a_terminal_and_its_flags_stay)
{
    int master, slave = open_terminal(&master);
    char buf[64];
    become(slave, 0);
    bide_auto(stream) in = bide_stdin();
    CHECK(in);
    CHECK_EQ(write(master, "typed\n", 6), 6);
    hear_line(in, "typed\n");
    CHECK(blocks(0));
    int kept = dup(2);
    become(dup(0), 2);
    bide_stream *err = bide_stderr();
    int rc = err ? bide_write(err, "shown", 5) : -1;
    bide_stream_close(err);
    become(kept, 2);
    CHECK_EQ(rc, 0);
    size_t size = 0;                    /* after the echo of what was typed */
    while (size < sizeof buf - 1 && !memmem(buf, size, "shown", 5)) {
        ssize_t n = read(master, buf + size, sizeof buf - 1 - size);
        CHECK(n > 0);
        size += (size_t)n;
    }
    CHECK(memmem(buf, size, "shown", 5));
    close(master);
}

/* Where it may not be opened anew: it is asked before. */

static struct sys real;

static int refuse_open(const char *path, int flags, mode_t permissions)
{
    (void)path, (void)flags, (void)permissions;
    errno = EACCES;
    return -1;
}

static void *types(void *fd)
{
    usleep(5000);
    CHECK_EQ(write(*(int *)fd, "later\n", 6), 6);
    return NULL;
}

LOOP_TEST(a_pipe_that_may_not_be_opened_anew_is_asked_before_each_call)
{
    int fds[2];
    char c;
    pthread_t thread;
    bide__sys.open = refuse_open;
    CHECK_EQ(pipe(fds), 0);
    become(fds[0], 0);
    bide_auto(stream) in = bide_stdin();
    CHECK_EQ(write(fds[1], "one\n", 4), 4);
    hear_line(in, "one\n");
    CHECK_EQ(pthread_create(&thread, NULL, types, &fds[1]), 0);
    hear_line(in, "later\n");
    pthread_join(thread, NULL);
    CHECK(blocks(0));
    int kept = dup(1);
    become(dup(fds[1]), 1);
    bide_stream *out = bide_stdout();
    int rc = out ? bide_timeout(0.01, fill, out) : -1;
    bide_stream_close(out);
    become(kept, 1);
    CHECK_EQ(rc, BIDE_ETIMEDOUT);       /* the pipe is full, the loop goes on */
    char rest[65536];
    CHECK_EQ(bide_read_exactly(in, rest, sizeof rest), 0);
    close(fds[1]);
    CHECK_EQ(bide_read(in, &c, 1), 0);
}

static int reads(void *s)
{
    char c;
    return (int)bide_read(s, &c, 1);
}

LOOP_TEST(a_cancelled_or_aborted_reader_goes)
{
    for (int i = 0; i < 2; i++) {
        int fds[2];
        CHECK_EQ(pipe(fds), 0);
        become(fds[0], 0);
        bide_auto(stream) in = bide_stdin();
        CHECK_EQ(bide_timeout(0.1, reads, in), BIDE_ETIMEDOUT);
        bide_task *t;
        BIDE_KEEP_GOING(g);
        bide_spawn(g, reads, in, .handle = &t);
        CHECK_EQ(bide_yield(), 0);
        bide_stream_close(bide_steal(in));
        CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
        close(fds[1]);
        bide__sys.open = refuse_open;           /* and once more so */
    }
}

/* A page that is not in memory. */
static ssize_t never_at_once(int fd, const struct iovec *pieces, int count, off_t at, int flags)
{
    (void)fd, (void)pieces, (void)count, (void)at, (void)flags;
    errno = EAGAIN;
    return -1;
}

static ssize_t failing_read(int fd, void *buf, size_t size)
{
    (void)fd, (void)buf, (void)size;
    errno = EIO;
    return -1;
}

LOOP_TEST(a_file_that_is_not_in_memory_is_read_by_a_thread)
{
    char c;
    real = bide__sys;
    bide__sys.preadv2 = never_at_once;
    become(new_file("one\ntwo\n"), 0);
    bide_auto(stream) in = bide_stdin();
    hear_line(in, "one\n");
    hear_line(in, "two\n");
    CHECK_EQ(bide_read(in, &c, 1), 0);
    bide__sys.read = failing_read;
    CHECK_EQ(bide_read(in, &c, 1), -EIO);
    CHECK_STR(bide_errmsg(), "read: Input/output error");
    bide__sys.read = real.read;
}

/* The system or memory says no */

LOOP_TEST(a_closed_standard_descriptor_is_told)
{
    int kept = dup(0);
    close(0);
    CHECK(!bide_stdin());
    CHECK_EQ(bide_errcode(), -EBADF);
    CHECK_STR(bide_errmsg(), "descriptor 0: Bad file descriptor");
    CHECK_EQ(open("/dev/null", O_WRONLY), 0);
    CHECK(!bide_stdin());               /* not for this direction */
    CHECK_EQ(bide_errcode(), -EBADF);
    become(kept, 0);
}

static int left;

static void *scarce(size_t size)
{
    return left-- > 0 ? malloc(size) : NULL;
}

static int no_pipe(int ends[2], int flags)
{
    (void)ends, (void)flags;
    errno = EMFILE;
    return -1;
}

static int refuse_duplicate(int fd, int command, int argument)
{
    if (command == F_DUPFD_CLOEXEC) {
        errno = EMFILE;
        return -1;
    }
    return real.fcntl(fd, command, argument);
}

LOOP_TEST(out_of_memory_or_descriptors_is_told)
{
    bide_stream *ends[2];
    real = bide__sys;
    become(new_file(""), 0);
    int next = dup(0), tries = 0;
    close(next);
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ scarce, realloc, free }), 0);
    for (int rc = -1; rc < 0; tries++) {
        left = tries;
        rc = bide_pipe(ends);
        CHECK(rc == 0 || (rc == BIDE_ENOMEM && !ends[0] && !ends[1]));
    }
    CHECK(tries > 1);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    left = 0;
    CHECK(!bide_stdin());
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    bide_allocator_set(NULL);
    bide__sys.pipe2 = no_pipe;
    CHECK_EQ(bide_pipe(ends), -EMFILE);
    bide__sys.fcntl = refuse_duplicate;
    CHECK(!bide_stdin());
    CHECK_EQ(bide_errcode(), -EMFILE);
    bide__sys.fcntl = real.fcntl;
    int now = dup(0);
    CHECK_EQ(now, next);                /* none was lost */
    close(now);
}
