/* tests/net/test_ring_receive.c -- what a ring receives by itself: every byte once and in order,
 * the end and the errors behind them, and no more than there is room for. */
#include "test.h"

#ifdef BIDE_URING
#include "base/sys.h"
#include "core/ring_buffers.h"
#include <bide.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_TEST(name_) TASK_TEST_OPTS(name_, .poller = TEST_RING, .seconds = BIDE_FOREVER)
enum { BOUND = 16 * BUFFER_SIZE };      /* of one descriptor */

/* ---- the other side, without a loop ---------------------------------------------------------- */

struct ends {
    bide_stream *ours;
    int theirs;
};

static struct ends make_ends(void)
{
    struct sockaddr_in at;
    struct ends ends = { .theirs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    socklen_t size = sizeof at;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    CHECK(l);
    CHECK_EQ(getsockname(bide_listener_fd(l), (struct sockaddr *)(void *)&at, &size), 0);
    CHECK_EQ(connect(ends.theirs, (const struct sockaddr *)(const void *)&at, sizeof at), 0);
    CHECK((ends.ours = bide_accept(l)));
    return ends;
}

static void close_ends(struct ends *ends)
{
    bide_stream_close(ends->ours);
    close(ends->theirs);
}

static void say(const struct ends *ends, const char *text)
{
    CHECK_EQ(send(ends->theirs, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Closes without a good-bye, so that the other side fails. */
static void break_off(int fd)
{
    struct linger none = { .l_onoff = 1 };
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    close(fd);
}

static void fill(char *data, size_t size, size_t at)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (char)((at + i) * 31 >> 3);
}

static void hear(bide_stream *s, const char *text)
{
    char heard[64] = "";
    CHECK_EQ(bide_read_exactly(s, heard, strlen(text)), 0);
    CHECK_STR(heard, text);
}

/* ---- what is asked of the system ------------------------------------------------------------- */

/* The next read waits, so that the system begins to receive. */
static int read_one(void *stream)
{
    char c;
    int rc = (int)bide_read(stream, &c, 1);
    return rc < 0 ? rc : rc == 1 && c == '.' ? 0 : BIDE_ETEST;
}

static void begin(const struct ends *ends)
{
    BIDE_GROUP(g);
    bide_spawn(g, read_one, ends->ours);
    CHECK_EQ(bide_sleep(0.001), 0);
    say(ends, ".");
    CHECK_EQ(bide_group_wait(g), 0);
}

/* Has the system taken it out of the socket?  By a look past the stream. */
static int left_in_socket(const struct ends *ends, int fd)
{
    int left;
    (void)ends;
    CHECK_EQ(ioctl(fd, FIONREAD, &left), 0);
    return left;
}

/* The descriptor that was made last, found without the stream's being told. */
static int fd_of(const struct ends *ends)
{
    struct sockaddr_in own, peer;
    socklen_t size = sizeof own;
    CHECK_EQ(getsockname(ends->theirs, (struct sockaddr *)(void *)&own, &size), 0);
    for (int fd = 3; fd < 100; fd++) {
        size = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)(void *)&peer, &size) == 0 &&
            peer.sin_port == own.sin_port)
            return fd;
    }
    CHECK(false);
    return -1;
}

/* ---- order ----------------------------------------------------------------------------------- */

RING_TEST(what_comes_between_reads_is_received_and_read_without_waiting)
{
    struct ends ends = make_ends();
    int fd = fd_of(&ends);
    begin(&ends);
    say(&ends, "one");
    CHECK_EQ(bide_sleep(0.001), 0);
    say(&ends, "two");
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(left_in_socket(&ends, fd), 0);
    CHECK(bide_stream_readable(ends.ours));
    {
        BIDE_TEST_NO_SWITCH(here);
        hear(ends.ours, "onetwo");
    }
    CHECK(!bide_stream_readable(ends.ours));
    close_ends(&ends);
}

RING_TEST(what_was_received_and_not_yet_told_is_readable)
{
    struct ends ends = make_ends();
    begin(&ends);
    say(&ends, "x");
    CHECK(bide_stream_readable(ends.ours));
    hear(ends.ours, "x");
    close_ends(&ends);
}

RING_TEST(the_end_comes_after_what_was_said)
{
    struct ends ends = make_ends();
    char c;
    begin(&ends);
    say(&ends, "last words");
    CHECK_EQ(shutdown(ends.theirs, SHUT_WR), 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    hear(ends.ours, "last words");
    CHECK_EQ(bide_read(ends.ours, &c, 1), 0);
    CHECK_EQ(bide_read(ends.ours, &c, 1), 0);
    CHECK_EQ(bide_write(ends.ours, "heard", 5), 0);        /* that side is open */
    char back[5];
    CHECK_EQ(recv(ends.theirs, back, 5, MSG_WAITALL), 5);
    close_ends(&ends);
}

RING_TEST(an_error_comes_after_what_was_said_and_once)
{
    struct ends ends = make_ends();
    char c;
    begin(&ends);
    say(&ends, "cut");
    CHECK_EQ(bide_sleep(0.001), 0);
    break_off(ends.theirs);
    CHECK_EQ(bide_sleep(0.001), 0);
    hear(ends.ours, "cut");
    CHECK_EQ(bide_read(ends.ours, &c, 1), -ECONNRESET);
    CHECK_EQ(bide_read(ends.ours, &c, 1), 0);
    bide_stream_close(ends.ours);
}

static int read_in_vain(void *stream)
{
    char c;
    int rc = (int)bide_read(stream, &c, 1);
    return rc == 0 ? BIDE_ETEST : rc;
}

RING_TEST(who_waits_hears_of_an_error)
{
    struct ends ends = make_ends();
    begin(&ends);
    BIDE_GROUP(g);
    bide_spawn(g, read_in_vain, ends.ours);
    CHECK_EQ(bide_sleep(0.001), 0);
    break_off(ends.theirs);
    CHECK_EQ(bide_group_wait(g), -ECONNRESET);
    bide_stream_close(ends.ours);
}

RING_TEST(a_wait_that_was_given_up_has_taken_nothing)
{
    struct ends ends = make_ends();
    begin(&ends);
    {
        char c;
        BIDE_TIMEOUT(limit, 0.001);
        CHECK_EQ(bide_read(ends.ours, &c, 1), BIDE_ECANCELED);
    }
    say(&ends, "later");
    CHECK_EQ(bide_sleep(0.001), 0);
    hear(ends.ours, "later");
    close_ends(&ends);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

enum { MUCH = 4 << 20 };

static int pour(void *arg)
{
    const struct ends *ends = arg;
    char data[10000];
    for (size_t at = 0; at < MUCH;) {
        size_t size = MUCH - at < sizeof data ? MUCH - at : sizeof data;
        fill(data, size, at);
        ssize_t n = send(ends->theirs, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno != EAGAIN || bide_sleep(0.0001) < 0))
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return shutdown(ends->theirs, SHUT_WR);
}

static void swallow(bide_stream *s, size_t piece)
{
    static char data[100000], want[100000];
    size_t at = 0;
    ssize_t n;
    while ((n = bide_read(s, data, piece)) > 0) {
        fill(want, (size_t)n, at);
        CHECK_MEM(data, want, (size_t)n);
        at += (size_t)n;
    }
    CHECK_EQ(n, 0);
    CHECK_EQ(at, MUCH);
}

RING_TEST(much_arrives_whole_whatever_the_pieces)
{
    static const size_t pieces[] = { 100, 4096, 5000, 100000 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct ends ends = make_ends();
        begin(&ends);
        BIDE_GROUP(g);
        bide_spawn(g, pour, &ends);
        swallow(ends.ours, pieces[i]);
        CHECK_EQ(bide_group_wait(g), 0);
        close_ends(&ends);
    }
}

/* The peer is held up by the socket's own limits, and memory has a bound. */
RING_TEST(what_is_not_read_stays_in_the_socket_beyond_the_bound)
{
    struct ends ends = make_ends();
    int fd = fd_of(&ends);
    begin(&ends);
    BIDE_GROUP(g);
    bide_spawn(g, pour, &ends);
    for (int i = 0; i < 50; i++)
        CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(left_in_socket(&ends, fd) > 0);
    swallow(ends.ours, 70000);
    CHECK_EQ(bide_group_wait(g), 0);
    close_ends(&ends);
}

/* Enough of them that do not read to take every buffer. */
enum { GREEDY = 2 * BUFFER_COUNT * BUFFER_SIZE / BOUND };

RING_TEST(where_no_buffer_is_left_streams_are_read_all_the_same)
{
    static char much[BOUND];
    struct ends greedy[GREEDY], ends = make_ends();
    begin(&ends);
    for (int i = 0; i < GREEDY; i++) {
        greedy[i] = make_ends();
        begin(&greedy[i]);
    }
    for (int i = 0; i < GREEDY; i++)
        CHECK_EQ(send(greedy[i].theirs, much, sizeof much, MSG_NOSIGNAL), sizeof much);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 0; i < 10; i++) {
        say(&ends, "still");
        hear(ends.ours, "still");
    }
    struct ends late = make_ends();
    begin(&late);
    for (int i = 0; i < GREEDY; i++) {
        CHECK_EQ(bide_read_exactly(greedy[i].ours, much, sizeof much), 0);
        say(&greedy[i], "and on");
        hear(greedy[i].ours, "and on");
        close_ends(&greedy[i]);
    }
    close_ends(&late);
    close_ends(&ends);
}

/* More reports than the ring has room for, so that requests end and are made anew. */
enum { CROWD = 150, ROUNDS = 20 };

RING_TEST(a_storm_of_pieces_loses_none)
{
    static struct ends crowd[CROWD];
    char word[8];
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = make_ends();
        begin(&crowd[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(word, sizeof word, "%d;", round);
        for (int i = 0; i < CROWD; i++)
            say(&crowd[i], word);
        for (int i = 0; i < CROWD && round % 4 == 3; i++)
            for (int r = round - 3; r <= round; r++) {
                snprintf(word, sizeof word, "%d;", r);
                hear(crowd[i].ours, word);
            }
    }
    for (int i = 0; i < CROWD; i++)
        close_ends(&crowd[i]);
}

/* ---- others at the descriptor ---------------------------------------------------------------- */

RING_TEST(who_has_asked_for_the_descriptor_can_read_it_himself)
{
    struct ends ends = make_ends();
    char c;
    begin(&ends);
    say(&ends, "ours");
    CHECK_EQ(bide_sleep(0.001), 0);
    int fd = bide_stream_fd(ends.ours);
    say(&ends, "theirs");
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(left_in_socket(&ends, fd), 6);
    CHECK_EQ(bide_fd_wait(fd, POLLIN), POLLIN);
    hear(ends.ours, "ours");
    CHECK_EQ(bide_fd_wait(fd, POLLIN), POLLIN);
    CHECK_EQ(recv(fd, &c, 1, 0), 1);
    CHECK_EQ(c, 't');
    hear(ends.ours, "heirs");
    {
        BIDE_TIMEOUT(limit, 0.001);
        CHECK_EQ(bide_fd_wait(fd, POLLIN), BIDE_ECANCELED);
    }
    say(&ends, "z");
    CHECK_EQ(bide_fd_wait(fd, POLLIN), POLLIN);
    hear(ends.ours, "z");
    close_ends(&ends);
}

RING_TEST(who_waits_while_the_descriptor_is_asked_for_hears_what_has_come)
{
    struct ends ends = make_ends();
    begin(&ends);
    BIDE_GROUP(g);
    bide_spawn(g, read_one, ends.ours);
    CHECK_EQ(bide_sleep(0.001), 0);
    say(&ends, ".");
    CHECK(bide_stream_fd(ends.ours) >= 0);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_spawn(g, read_one, ends.ours);
    CHECK_EQ(bide_sleep(0.001), 0);
    say(&ends, ".");
    CHECK_EQ(bide_group_wait(g), 0);
    close_ends(&ends);
}

RING_TEST(a_stream_that_nobody_has_read_receives_nothing)
{
    struct ends ends = make_ends();
    say(&ends, "for another program");
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(left_in_socket(&ends, fd_of(&ends)), 19);
    close_ends(&ends);
}

/* ---- closing --------------------------------------------------------------------------------- */

RING_TEST(closed_with_bytes_unread_it_gives_its_buffers_back)
{
    static char much[BOUND];
    for (int i = 0; i < 4 * GREEDY; i++) {
        struct ends ends = make_ends();
        begin(&ends);
        CHECK_EQ(send(ends.theirs, much, sizeof much, MSG_NOSIGNAL), sizeof much);
        if (i % 2)
            CHECK_EQ(bide_sleep(0.001), 0);
        close_ends(&ends);
    }
    struct ends ends = make_ends();
    begin(&ends);
    say(&ends, "x");
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(left_in_socket(&ends, fd_of(&ends)), 0);   /* so there is one */
    close_ends(&ends);
}

/* The number is used again while reports of its last life are on their way. */
RING_TEST(a_new_stream_of_the_same_number_hears_nothing_of_the_last)
{
    for (int i = 0; i < 50; i++) {
        struct ends ends = make_ends();
        char word[16];
        begin(&ends);
        snprintf(word, sizeof word, "round %d", i);
        say(&ends, word);
        hear(ends.ours, word);
        say(&ends, "never read");
        close_ends(&ends);
    }
}

RING_TEST(a_peer_learns_at_once_that_it_was_closed)
{
    struct ends ends = make_ends();
    char c;
    begin(&ends);
    bide_stream_close(ends.ours);
    CHECK_EQ(recv(ends.theirs, &c, 1, MSG_DONTWAIT), 0);
    close(ends.theirs);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static int converses(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) one = bide_connect(bide_listener_address(l));
    bide_auto(stream) other = one ? bide_accept(l) : NULL;
    char c[5];
    int rc = other ? 0 : bide_errcode();
    for (int i = 0; rc == 0 && i < 3; i++) {
        BIDE_GROUP(g);
        bide_spawn(g, read_one, one);
        if ((rc = bide_sleep(0.001)) == 0 && (rc = bide_write(other, ".", 1)) == 0 &&
            (rc = bide_group_wait(g)) == 0 && (rc = bide_write(one, "hello", 5)) == 0)
            rc = bide_read_exactly(other, c, 5);
    }
    return rc;
}

TEST(without_memory_for_buffers_it_is_polled)
{
    CHECK(bide_test_each_allocation(converses, NULL, .poller = TEST_RING, .seconds = 60) > 0);
}

static struct sys real;
static int refusals;
static int refuse(struct io_uring *ring, struct io_uring_buf_reg *buffers)
{
    (void)ring, (void)buffers;
    refusals++;
    errno = EINVAL;
    return -1;
}

TEST(where_the_system_knows_no_buffers_it_is_polled)
{
    real = bide__sys;
    bide__sys.ring_register = refuse;
    CHECK_EQ(bide_test(converses, NULL, .poller = TEST_RING), 0);
    CHECK_EQ(refusals, 1);
    bide__sys = real;
}

/* A system that knows buffers, and not that one receives again and again. */
static int fails_once(struct io_uring *ring, struct io_uring_buf_reg *buffers)
{
    refusals++;
    buffers->bgid++;            /* so there are none where they are looked for */
    return real.ring_register(ring, buffers);
}

TEST(where_no_buffer_is_found_it_is_polled)
{
    real = bide__sys;
    bide__sys.ring_register = fails_once;
    CHECK_EQ(bide_test(converses, NULL, .poller = TEST_RING), 0);
    CHECK_EQ(refusals, 1);
    bide__sys = real;
}

TEST(cancelled_at_any_wait_nothing_is_left_behind)
{
    if (bide_test_each_wait(converses, NULL, .poller = TEST_RING) <= 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static int makes_ends(void *unused, bide_stream *ends[2])
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    ends[0] = bide_connect(bide_listener_address(l));
    ends[1] = ends[0] ? bide_accept(l) : NULL;
    return ends[1] ? 0 : bide_errcode();
}

TEST(it_is_a_stream_like_any_other)
{
    CHECK_EQ(bide_test_ordeal(makes_ends, NULL, .poller = TEST_RING), 0);
}

#else

TEST(without_liburing_there_is_nothing_to_be_tested)
{
}

#endif
