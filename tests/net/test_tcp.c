/* tests/net/test_tcp.c -- connections over loopback: connecting, ends, resets, back-pressure. */
#include "net/both.h"

#include "base/sys.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { LARGE = 20000000 };

static int option(bide_stream *s, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK_EQ(getsockopt(bide_stream_fd(s), level, name, &value, &size), 0);
    return value;
}

NET_TEST(both_ends_know_each_other_and_are_tuned)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK_STR(bide_stream_peer(a), bide_listener_address(l));
    CHECK_HAS(bide_stream_peer(b), "127.0.0.1:");
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(option(i ? a : b, IPPROTO_TCP, TCP_NODELAY) != 0, 1);
        CHECK_EQ(option(i ? a : b, IPPROTO_TCP, TCP_NOTSENT_LOWAT), BIDE_HIGH_WATER);
        CHECK(fcntl(bide_stream_fd(i ? a : b), F_GETFD) & FD_CLOEXEC);
        CHECK(fcntl(bide_stream_fd(i ? a : b), F_GETFL) & O_NONBLOCK);
    }
    bide_stream_high_water(a, 1000);
    CHECK_EQ(option(a, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 1000);
}

NET_TEST(nobody_listening_is_refused_by_address)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    char address[64], expected[128];
    snprintf(address, sizeof address, "%s", bide_listener_address(l));
    bide_listener_close(bide_steal(l));
    CHECK(!bide_connect(address));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    snprintf(expected, sizeof expected, "connect: %s: ", address);
    CHECK_HAS(bide_errmsg(), expected);
    CHECK(!bide_connect("127.0.0.1"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "connect: address '127.0.0.1': ");
    CHECK(!bide_connect(NULL));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

static int out_of_ports(int fd, const struct sockaddr *address, socklen_t size)
{
    (void)fd, (void)address, (void)size;
    errno = EAGAIN;
    return -1;
}

NET_TEST(a_connect_that_cannot_begin_is_no_connection)
{
    bide__sys.connect = out_of_ports;
    CHECK(!bide_connect("127.0.0.1:9"));
    CHECK_EQ(bide_errcode(), -EAGAIN);
}

NET_TEST(ipv6_works_where_there_is_some)
{
    bide_auto(listener) l = bide_listen("[::1]:0");
    if (!l)
        return;                 /* this machine has none */
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK_HAS(bide_listener_address(l), "[::1]:");
    CHECK_STR(bide_stream_peer(a), bide_listener_address(l));
    CHECK_HAS(bide_stream_peer(b), "[::1]:");
}

static int connect_cancelled(void *unused)
{
    (void)unused;
    bide_auto(stream) s = bide_connect("localhost:1");
    CHECK(!s);
    return bide_errcode();
}

NET_TEST(a_cancelled_connect_is_just_that)
{
    BIDE_GROUP(g);
    bide_group_cancel(g);
    bide_spawn(g, connect_cancelled, NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    BIDE_TIMEOUT(now, 0);
    CHECK(!bide_connect(bide_listener_address(l)));
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_STR(bide_errmsg(), "cancelled");
    CHECK(!bide_connect(bide_listener_address(l), .timeout = 1));
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
}

/* A listener whose backlog is full answers no more: the connection hangs. */
NET_TEST_IN_TIME(a_connect_that_hangs_times_out)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0", .backlog = 1);
    bide_stream *filled[8] = { NULL };
    int rc = 0;
    for (int i = 0; i < 8 && rc == 0; i++) {
        filled[i] = bide_connect(bide_listener_address(l), .timeout = 0.03);
        rc = filled[i] ? 0 : bide_errcode();
    }
    CHECK_EQ(rc, BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "timed out after 0.03 s");
    for (int i = 0; i < 8; i++)
        bide_stream_close(filled[i]);
}

/* Data and the end arrive as one event; the short read must not be taken for "nothing more". */
NET_TEST(a_request_and_its_end_in_one_packet_are_both_read)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    for (int i = 0; i < 300; i++) {
        const char *data;
        char buf[100];
        bide_auto(stream) client = bide_connect(bide_listener_address(l));
        bide_auto(stream) server = bide_accept(l);
        CHECK(client && server);
        if (i % 3 == 0)
            CHECK_EQ(bide_yield(), 0);
        CHECK_EQ(bide_write(client, "request", 7), 0);
        if (i % 2)
            CHECK_EQ(bide_write_end(client), 0);
        else
            bide_stream_close(bide_steal(client));
        if (i % 5 == 0)
            CHECK_EQ(bide_sleep(0.001), 0);
        if (i % 7 == 0) {
            CHECK_EQ(bide_read(server, buf, sizeof buf), 7);
        } else {
            CHECK_EQ(bide_stream_peek(server, &data), 7);
            bide_stream_consume(server, 7);
        }
        CHECK_EQ(bide_read(server, buf, sizeof buf), 0);
    }
}

NET_TEST(a_reset_is_told_to_reader_and_writer)
{
    bide_stream *ends[2];
    char buf[10];
    both_connect(ends);
    struct linger reset = { .l_onoff = 1 };
    setsockopt(bide_stream_fd(ends[1]), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    bide_stream_close(ends[1]);
    CHECK_EQ(bide_read(ends[0], buf, sizeof buf), -ECONNRESET);
    CHECK_HAS(bide_errmsg(), "read: ");
    CHECK_EQ(bide_write(ends[0], "x", 1), -EPIPE);
    CHECK_HAS(bide_errmsg(), "write: ");
    CHECK(bide_stream_readable(ends[0]));
    bide_stream_close(ends[0]);
}

static int write_for_ever(void *arg)
{
    static char data[100000];
    int rc;
    while ((rc = bide_write(arg, data, sizeof data)) == 0)
        ;
    return rc;
}

/* The kernel would take megabytes. */
NET_TEST(a_slow_reader_holds_the_writer_at_the_high_water_mark)
{
    bide_stream *ends[2];
    both_connect(ends);
    BIDE_GROUP(g);
    bide_spawn(g, write_for_ever, ends[0]);
    CHECK_EQ(bide_sleep(1), 0);
    int unsent = 0;
    CHECK_EQ(ioctl(bide_stream_fd(ends[0]), SIOCOUTQNSD, &unsent), 0);
    CHECK(unsent <= 3 * BIDE_HIGH_WATER);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

static int write_large(void *arg)
{
    char *data = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (char)(i * 7 + i / 251);
    int rc = bide_write(arg, data, LARGE);
    free(data);
    return rc == 0 ? bide_write_end(arg) : rc;
}

NET_TEST(a_slow_reader_gets_every_byte)
{
    bide_stream *ends[2];
    char *data = malloc(70000);
    size_t done = 0;
    ssize_t n;
    both_connect(ends);
    bide_stream_high_water(ends[0], 10000);
    BIDE_GROUP(g);
    bide_spawn(g, write_large, ends[0]);
    for (int i = 0; (n = bide_read(ends[1], data, i % 2 ? 70000 : 3000)) > 0; i++) {
        for (ssize_t j = 0; j < n; j++, done++)
            if (data[j] != (char)(done * 7 + done / 251))
                test_fail(__FILE__, __LINE__, "byte %zu is wrong", done);
        if (i % 100 == 0)
            CHECK_EQ(bide_sleep(0.01), 0);
    }
    CHECK_EQ(n, 0);
    CHECK_EQ(done, LARGE);
    CHECK_EQ(bide_group_wait(g), 0);
    free(data);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

static int read_one(void *arg)
{
    char c;
    return (int)bide_read(arg, &c, 1);
}

/* The number of a closed descriptor goes to the next connection; whoever was inside the old one
 * must not read from the new one. */
NET_TEST(a_reader_of_a_closed_stream_never_reads_from_its_successor)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    for (int i = 0; i < 20; i++) {
        bide_task *reader;
        BIDE_KEEP_GOING(g);
        bide_stream *client = bide_connect(bide_listener_address(l));
        bide_stream *server = bide_accept(l);
        CHECK(client && server);
        bide_spawn(g, read_one, server, .handle = &reader);
        bool was_inside = i % 3 > 0;
        if (was_inside)
            CHECK_EQ(bide_sleep(1), 0);
        if (i % 4 == 0)
            CHECK_EQ(bide_write(client, "x", 1), 0);
        if (was_inside)
            bide_stream_close(server);
        bide_stream_close(client);
        bide_auto(stream) next = bide_connect(bide_listener_address(l));
        bide_auto(stream) accepted = bide_accept(l);
        CHECK(next && accepted);
        CHECK_EQ(bide_write(next, "y", 1), 0);
        char c;
        CHECK_EQ(bide_read(accepted, &c, 1), 1);
        CHECK_EQ(c, 'y');
        CHECK_EQ(bide_join(reader), 0);
        CHECK(bide_task_result(reader) != 1 || i % 4 == 0);
        if (!was_inside)
            bide_stream_close(server);
        bide_ignore(bide_group_wait(g));
    }
}

/* --- one epoll_ctl per descriptor, and few calls for a small exchange --- */

static struct sys real;
static int controls, receives, sends;
static int count_control(int set, int operation, int fd, struct epoll_event *event)
{
    controls++;
    return real.epoll_ctl(set, operation, fd, event);
}
static ssize_t count_recv(int fd, void *buf, size_t size, int flags)
{
    receives++;
    return real.recv(fd, buf, size, flags);
}
static ssize_t count_send(int fd, const void *data, size_t size, int flags)
{
    sends++;
    return real.send(fd, data, size, flags);
}

static int echo(void *arg)
{
    return (int)bide_copy(arg, arg, NULL, NULL);
}

NET_TEST(an_exchange_costs_one_call_each_way_and_none_in_between)
{
    bide_stream *ends[2];
    char c;
    real = bide__sys;
    bide__sys.epoll_ctl = count_control;
    both_connect(ends);
    BIDE_GROUP(g);
    bide_spawn(g, echo, ends[1]);
    CHECK_EQ(bide_write(ends[0], "x", 1), 0);
    CHECK_EQ(bide_read(ends[0], &c, 1), 1);
    bide__sys.recv = count_recv;
    bide__sys.send = count_send;
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(bide_write(ends[0], "x", 1), 0);
        CHECK_EQ(bide_read(ends[0], &c, 1), 1);
    }
    CHECK(receives == 200 || (receives < 200 && strcmp(bide_poller_name(), "io_uring") == 0));
    CHECK_EQ(sends, 200);
    CHECK(controls <= 4);       /* a listener, also when it is closed, and two connections */
    bide__sys = real;
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}
