/* tests/io/test_socket_stream.c -- streams of descriptors of all sorts, and system calls that
 * come back short, interrupted or failed. */
#include "io/ends.h"

#include "base/sys.h"
#include "core/fd.h"

#include <bide/log.h>
#include <bide/memory.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

TASK_TEST(a_pipe_has_a_reading_and_a_writing_stream)
{
    int fds[2];
    char buf[10];
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    bide_auto(stream) in = bide_stream_of_fd(fds[0]);
    bide_auto(stream) out = bide_stream_of_fd(fds[1]);
    CHECK(in && out);
    CHECK_EQ(bide_stream_fd(in), fds[0]);
    CHECK(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    ends_say(out, "through a pipe");
    ends_hear(in, "through a pipe");
    CHECK_EQ(bide_write(in, "x", 1), -EBADF);
    CHECK_EQ(bide_write_end(in), BIDE_EINVAL);
    CHECK_EQ(bide_write_end(out), 0);
    CHECK_EQ(bide_stream_fd(out), -1);
    CHECK_EQ(bide_write(out, "x", 1), -EPIPE);
    CHECK_EQ(bide_read(in, buf, 10), 0);
    CHECK_STR(bide_stream_peer(in), "");
}

TASK_TEST(writing_to_a_pipe_nobody_reads_is_an_error_and_no_signal)
{
    int fds[2];
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    bide_auto(stream) out = bide_stream_of_fd(fds[1]);
    close(fds[0]);
    sigset_t set;
    signal(SIGPIPE, SIG_DFL);
    CHECK_EQ(bide_write(out, "x", 1), -EPIPE);
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
    CHECK(!sigismember(&set, SIGPIPE));
    sigaddset(&set, SIGPIPE);
    CHECK_EQ(pthread_sigmask(SIG_SETMASK, &set, NULL), 0);
    CHECK_EQ(bide_write(out, "x", 1), -EPIPE);
    CHECK_EQ(sigpending(&set), 0);
    CHECK(sigismember(&set, SIGPIPE));          /* who blocks it hears of it */
    signal(SIGPIPE, SIG_IGN);                   /* not later either: a task may have its own mask */
}

static struct sys real;

/* As when the reader goes in the middle of the call: the signal is raised, and a part returned. */
static ssize_t raise_and_write(int fd, const struct iovec *pieces, int count)
{
    CHECK(count > 0);
    CHECK_EQ(raise(SIGPIPE), 0);
    return write(fd, pieces->iov_base, 1);
}

static ssize_t raise_and_send(int fd, int file, off_t *at, size_t size)
{
    CHECK_EQ(raise(SIGPIPE), 0);
    return sendfile(fd, file, at, size > 1 ? size - 1 : size);
}

TASK_TEST(a_reader_that_goes_within_a_write_is_no_signal_either)
{
    int fds[2], file = memfd_create("sent", MFD_CLOEXEC);
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    CHECK_EQ(write(file, "file", 4), 4);
    bide_auto(stream) in = bide_stream_of_fd(fds[0]);
    bide_auto(stream) out = bide_stream_of_fd(fds[1]);
    signal(SIGPIPE, SIG_DFL);
    real = bide__sys;
    bide__sys.writev = raise_and_write;
    CHECK_EQ(bide__fd_write_now(fds[1], &(struct iovec){ (char[]){ "word" }, 4 }, 1), 1);
    bide__sys.sendfile = raise_and_send;
    CHECK_EQ(bide__fd_sendfile(fds[1], file, 0, 4), 3);
    bide__sys = real;
    ends_hear(in, "wfil");
    close(file);
}

TASK_TEST(a_plain_file_is_served_steadily)
{
    char name[] = "/tmp/bide-test-XXXXXX", *line;
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    bide_auto(stream) file = bide_stream_of_fd(fd);
    CHECK(file);
    ends_say(file, "one\ntwo\n");
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(bide_read_until(file, "\n", &line), 4);
    CHECK_EQ(bide_read_until(file, "\n", &line), 4);
    CHECK_STR(line, "two\n");
    CHECK_EQ(bide_read_until(file, "\n", &line), 0);
    unlink(name);
}

TASK_TEST(a_terminal_is_a_stream)
{
    char *line;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(master >= 0);
    CHECK_EQ(grantpt(master), 0);
    CHECK_EQ(unlockpt(master), 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(slave >= 0);
    bide_auto(stream) screen = bide_stream_of_fd(master);
    bide_auto(stream) terminal = bide_stream_of_fd(slave);
    CHECK(screen && terminal);
    ends_say(screen, "typed\n");
    CHECK_EQ(bide_read_until(terminal, "\n", &line), 6);
    CHECK_STR(line, "typed\n");
}

static void hear_numbers(bide_stream *s)
{
    for (int i = '1'; i <= '5'; i++) {
        BIDE_TIMEOUT(limit, 1);
        char *line;
        CHECK_EQ(bide_read_until(s, "\n", &line), 2);
        CHECK_EQ(line[0], i);
    }
}

/* One read gives one line, however many are there, and no edge tells of the rest. */
TASK_TEST(lines_that_a_terminal_got_at_once_are_all_read)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(master >= 0);
    CHECK_EQ(grantpt(master), 0);
    CHECK_EQ(unlockpt(master), 0);
    bide_auto(stream) terminal = bide_stream_of_fd(open(ptsname(master),
                                                        O_RDWR | O_NOCTTY | O_CLOEXEC));
    CHECK(terminal);
    CHECK_EQ(write(master, "1\n2\n3\n4\n5\n", 10), 10);
    hear_numbers(terminal);
    close(master);
}

TASK_TEST(messages_that_came_at_once_are_all_read)
{
    int fds[2];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    bide_auto(stream) in = bide_stream_of_fd(fds[0]);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(write(fds[1], &"1\n2\n3\n4\n5\n"[2 * i], 2), 2);
    hear_numbers(in);
    close(fds[1]);
}

TASK_TEST(a_shared_descriptor_blocks_again_when_the_stream_is_closed)
{
    int fds[2];
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    for (int i = 0; i < 2; i++) {
        int other = dup(fds[i]);
        bide_stream *s = bide_stream_of_fd(fds[i]);
        CHECK(s);
        CHECK(fcntl(other, F_GETFL) & O_NONBLOCK);
        if (i == 1)
            CHECK_EQ(bide_write_end(s), 0);
        else
            bide_stream_close(s);
        CHECK(!(fcntl(other, F_GETFL) & O_NONBLOCK));
        if (i == 1)
            bide_stream_close(s);
        close(other);
    }
}

TASK_TEST(a_bad_descriptor_is_refused_and_stays_ours)
{
    CHECK(!bide_stream_of_fd(-1));
    CHECK_EQ(bide_errcode(), -EBADF);
    int fds[2];
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    bide_auto(stream) in = bide_stream_of_fd(fds[0]);
    CHECK(in);
    CHECK(!bide_stream_of_fd(fds[0]));
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    bide_auto(stream) out = bide_stream_of_fd(fds[1]);
    ends_say(out, "still there");
    ends_hear(in, "still there");
}

/* --- system calls that do less than they were asked for --- */

static int calls;

static ssize_t short_recv(int fd, void *buf, size_t size, int flags)
{
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    return real.recv(fd, buf, size, flags);
}

static ssize_t short_sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    struct iovec piece = message->msg_iov[0];
    for (size_t i = 0; !piece.iov_len; i++)
        piece = message->msg_iov[i];
    if (piece.iov_len > (size_t)(calls % 5 + 1))
        piece.iov_len = (size_t)(calls % 5 + 1);
    struct msghdr shorter = { .msg_iov = &piece, .msg_iovlen = 1 };
    return real.sendmsg(fd, &shorter, flags);
}

static ssize_t short_send(int fd, const void *data, size_t size, int flags)
{
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    size_t most = (size_t)(calls % 5 + 1);
    return real.send(fd, data, size < most ? size : most, flags);
}

static int interrupted_wait(int set, struct epoll_event *events, int max,
                            const struct timespec *timeout)
{
    if (++calls % 4 == 0) {
        errno = EINTR;
        return -1;
    }
    return real.epoll_wait(set, events, max > 1 ? 1 : max, timeout);
}

static int interrupted_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    if (++calls % 4 == 0) {
        errno = EINTR;
        return -1;
    }
    return real.poll(fds, count, timeout);
}

static int write_slowly(void *arg)
{
    char data[3000];
    ends_fill(data, sizeof data);
    struct iovec pieces[4] = { { data, 1000 }, { data, 0 }, { data + 1000, 500 },
                               { data + 1500, 1500 } };
    int rc = bide_writev(arg, pieces, 4);
    return rc == 0 ? bide_write_end(arg) : rc;
}

STREAM_TEST(short_and_interrupted_calls_lose_nothing)
{
    char back[3000], want[3000];
    ends_fill(want, sizeof want);
    real = bide__sys;
    bide__sys.recv = short_recv;
    bide__sys.send = short_send;
    bide__sys.sendmsg = short_sendmsg;
    bide__sys.epoll_wait = interrupted_wait;
    bide__sys.poll = interrupted_poll;
    BIDE_GROUP(g);
    bide_spawn(g, write_slowly, ends[0]);
    CHECK_EQ(bide_read_exactly(ends[1], back, sizeof back), 0);
    CHECK_MEM(back, want, sizeof back);
    CHECK_EQ(bide_read(ends[1], back, 1), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    bide__sys = real;
}

static ssize_t failing_recv(int fd, void *buf, size_t size, int flags)
{
    (void)fd, (void)buf, (void)size, (void)flags;
    errno = ECONNRESET;
    return -1;
}

STREAM_TEST(a_failing_read_says_why)
{
    char c;
    if (bide_stream_fd(ends[0]) < 0)
        return;
    real = bide__sys;
    bide__sys.recv = failing_recv;
    ends_say(ends[1], "x");
    CHECK_EQ(bide_read(ends[0], &c, 1), -ECONNRESET);
    CHECK_HAS(bide_errmsg(), "read: ");
    CHECK_EQ(bide_copy(ends[1], ends[0], NULL, NULL), -ECONNRESET);
    CHECK_HAS(bide_errmsg(), "copy: ");
    bide__sys = real;
}

static int fail_at;
static int failing_fcntl(int fd, int command, int argument)
{
    if (++calls != fail_at)
        return real.fcntl(fd, command, argument);
    errno = EACCES;
    return -1;
}

TASK_TEST(a_descriptor_that_cannot_be_made_non_blocking_is_refused)
{
    int fds[2];
    CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
    real = bide__sys;
    bide__sys.fcntl = failing_fcntl;
    for (fail_at = 2; fail_at <= 3; fail_at++) {        /* asking, setting; the first only looks */
        calls = 0;
        CHECK(!bide_stream_of_fd(fds[0]));
        CHECK_EQ(bide_errcode(), -EACCES);
    }
    bide__sys = real;
    close(fds[0]);
    close(fds[1]);
}

/* --- no memory --- */

static int allowed;
static void *scarce_alloc(size_t size)
{
    return allowed-- > 0 ? malloc(size) : NULL;
}
static void *scarce_resize(void *memory, size_t size)
{
    return allowed-- > 0 ? realloc(memory, size) : NULL;
}

static int use_streams(bide_stream *ends[2])
{
    char back[100], *line;
    const char *data;
    int rc = bide_write(ends[0], "line\nabcdefghij", 15);
    ssize_t n = rc < 0 ? rc : bide_read_until(ends[1], "\n", &line);
    if (n < 0)
        return (int)n;
    CHECK_STR(line, "line\n");
    if ((n = bide_stream_peek_more(ends[1], &data, 3)) < 0)
        return (int)n;
    if ((rc = bide_write_end(ends[0])) < 0)
        return rc;
    rc = bide_read_exactly(ends[1], back, 100);
    if (rc != BIDE_EEOF)
        return rc;
    rc = bide_read_exactly(ends[1], back, 10);
    if (rc == 0)
        CHECK_MEM(back, "abcdefghij", 10);
    return rc;
}

struct scarcity { bool memory; int rc; };
static int scarce(void *arg)
{
    struct scarcity *s = arg;
    int fds[2];
    bide_stream *ends[2] = { NULL, NULL };
    if (s->memory) {
        s->rc = bide_stream_pair(ends);
    } else {
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        s->rc = (ends[0] = bide_stream_of_fd(fds[0])) ? 0 : bide_errcode();
        if (s->rc == 0)
            s->rc = (ends[1] = bide_stream_of_fd(fds[1])) ? 0 : bide_errcode();
        for (int i = 0; i < 2; i++)
            if (!ends[i])
                close(fds[i]);
    }
    if (s->rc == 0)
        s->rc = use_streams(ends);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return s->rc;
}

static void no_log(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level;
    test_fail(__FILE__, __LINE__, "logged though it was reported: %s", text);
}

static void without_the_nth_allocation(bool memory, const char *poller)
{
    struct bide_allocator allocator = { scarce_alloc, scarce_resize, free };
    int rc = BIDE_ENOMEM;
    CHECK_EQ(bide_allocator_set(&allocator), 0);
    bide_log_to(no_log, NULL, BIDE_LOG_WARNING);
    for (int n = 0; rc == BIDE_ENOMEM; n++) {
        struct scarcity s = { .memory = memory };
        allowed = n;
        rc = bide_run(scarce, &s, .poller = poller);
        CHECK(rc == 0 || rc == BIDE_ENOMEM);
        if (rc < 0)
            CHECK_HAS(bide_errmsg(), "memory");
        CHECK(n < 100);
    }
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

TEST(without_memory_a_pair_fails_and_leaks_nothing)
{
    without_the_nth_allocation(true, "epoll");
}

TEST(without_memory_sockets_fail_and_leak_nothing)
{
    without_the_nth_allocation(false, "epoll");
    without_the_nth_allocation(false, "poll");
    without_the_nth_allocation(false, TEST_RING);
}
