/* tests/net/test_udp.c -- datagrams between sockets of this machine. */
#include "net/both.h"

#include "base/sys.h"
#include "core/loop.h"

#include <bide/memory.h>
#include <bide/udp.h>
#include <stdio.h>
#include <string.h>

static struct bide_address address_of(const bide_udp *u)
{
    struct bide_address a;
    CHECK_EQ(bide_address_read(&a, bide_udp_address(u)), 0);
    return a;
}

NET_TEST(a_datagram_arrives_whole_and_says_who_sent_it)
{
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) b = bide_udp_open("127.0.0.1:0");
    CHECK(a && b);
    struct bide_address to = address_of(b), from;
    char buf[100], text[BIDE_ADDRESS_TEXT];
    CHECK_EQ(bide_udp_send(a, "hello", 5, &to), 0);
    CHECK_EQ(bide_udp_send(a, "there", 5, &to), 0);
    CHECK_EQ(bide_udp_receive(b, buf, sizeof buf, &from), 5);
    CHECK_MEM(buf, "hello", 5);
    CHECK_STR(bide_address_text(&from, text), bide_udp_address(a));
    CHECK_EQ(bide_udp_receive(b, buf, sizeof buf, NULL), 5);
    CHECK_MEM(buf, "there", 5);
    CHECK_EQ(bide_udp_send(b, "back", 4, &from), 0);
    CHECK_EQ(bide_udp_receive(a, buf, sizeof buf, NULL), 4);
}

NET_TEST(an_empty_datagram_is_a_datagram)
{
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) b = bide_udp_open(NULL, .peer = bide_udp_address(a));
    char buf[10];
    CHECK_EQ(bide_udp_send(b, NULL, 0, NULL), 0);
    CHECK_EQ(bide_udp_receive(a, buf, sizeof buf, NULL), 0);
}

NET_TEST(one_that_is_too_large_is_told_with_its_size)
{
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) b = bide_udp_open(NULL, .peer = bide_udp_address(a));
    char buf[4];
    CHECK_EQ(bide_udp_send(b, "0123456789", 10, NULL), 0);
    CHECK_EQ(bide_udp_receive(a, buf, sizeof buf, NULL), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "udp receive: a datagram of 10 bytes, and room for 4");
    CHECK_MEM(buf, "0123", 4);
    static char large[70000];
    CHECK_EQ(bide_udp_send(b, large, sizeof large, NULL), -EMSGSIZE);
}

NET_TEST(a_peer_that_is_not_there_is_told_of_and_the_socket_goes_on)
{
    bide_udp *gone = bide_udp_open("127.0.0.1:0");
    char where[BIDE_ADDRESS_TEXT], buf[10];
    strcpy(where, bide_udp_address(gone));
    bide_udp_close(gone);
    bide_auto(udp) u = bide_udp_open(NULL, .peer = where);
    CHECK_EQ(bide_udp_send(u, "x", 1, NULL), 0);
    CHECK_EQ(bide_udp_receive(u, buf, sizeof buf, NULL), -ECONNREFUSED);
    CHECK_STR(bide_errmsg(), "udp receive: Connection refused");
    bide_auto(udp) back = bide_udp_open(where);
    CHECK_EQ(bide_udp_send(u, "y", 1, NULL), 0);
    CHECK_EQ(bide_udp_receive(back, buf, sizeof buf, NULL), 1);
}

NET_TEST(who_has_a_peer_hears_nobody_else)
{
    bide_auto(udp) peer = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) other = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) u = bide_udp_open("127.0.0.1:0", .peer = bide_udp_address(peer));
    struct bide_address to = address_of(u);
    char buf[10];
    CHECK_EQ(bide_udp_send(other, "other", 5, &to), 0);
    CHECK_EQ(bide_udp_send(peer, "peer", 4, &to), 0);
    CHECK_EQ(bide_udp_receive(u, buf, sizeof buf, NULL), 4);
    BIDE_TIMEOUT(t, 1);
    CHECK_EQ(bide_scope_result(t, (int)bide_udp_receive(u, buf, sizeof buf, NULL)),
             BIDE_ETIMEDOUT);
}

static int echo_all(void *arg)
{
    char buf[2000];
    struct bide_address from;
    for (;;) {
        ssize_t n = bide_udp_receive(arg, buf, sizeof buf, &from);
        int rc = n < 0 ? (int)n : bide_udp_send(arg, buf, (size_t)n, &from);
        if (rc < 0)
            return rc;
    }
}

NET_TEST(a_server_answers_whoever_asks)
{
    bide_auto(udp) server = bide_udp_open("[::1]:0");
    BIDE_GROUP(g);
    bide_spawn(g, echo_all, server);
    for (int i = 0; i < 10; i++) {
        char buf[10];
        bide_auto(udp) client = bide_udp_open(NULL, .peer = bide_udp_address(server));
        CHECK_EQ(bide_udp_send(client, &i, sizeof i, NULL), 0);
        CHECK_EQ(bide_udp_receive(client, buf, sizeof buf, NULL), sizeof i);
        CHECK_MEM(buf, &i, sizeof i);
    }
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
}

NET_TEST(many_go_and_come_at_once)
{
    enum { COUNT = 100 };
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0", .receive_buffer = 1 << 20);
    bide_auto(udp) b = bide_udp_open("127.0.0.1:0");
    struct bide_datagram out[COUNT], in[COUNT];
    int numbers[COUNT], back[COUNT], got = 0;
    size_t sent = 0;
    for (int i = 0; i < COUNT; i++) {
        numbers[i] = i;
        out[i] = (struct bide_datagram){ .data = &numbers[i], .size = sizeof numbers[i],
                                         .address = address_of(a) };
        in[i] = (struct bide_datagram){ .data = &back[i], .room = sizeof back[i] };
    }
    CHECK_EQ(bide_udp_send_many(b, out, COUNT, &sent), 0);
    CHECK_EQ(sent, COUNT);
    while (got < COUNT) {
        int n = bide_udp_receive_many(a, &in[got], (size_t)(COUNT - got));
        CHECK(n > 0 && n <= 64);
        got += n;
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(back[i], i);
        CHECK_EQ(in[i].size, sizeof back[i]);
    }
    char text[BIDE_ADDRESS_TEXT];
    CHECK_STR(bide_address_text(&in[7].address, text), bide_udp_address(b));
    CHECK_EQ(bide_udp_receive_many(a, in, 0), BIDE_EINVAL);
}

NET_TEST(the_first_of_many_that_fails_is_told)
{
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) b = bide_udp_open("127.0.0.1:0");
    static char large[70000];
    struct bide_datagram out[3] = {
        { .data = large, .size = 1, .address = address_of(a) },
        { .data = large, .size = sizeof large, .address = address_of(a) },
        { .data = large, .size = 1, .address = address_of(a) },
    };
    size_t sent = 9;
    CHECK_EQ(bide_udp_send_many(b, out, 3, &sent), -EMSGSIZE);
    CHECK_EQ(sent, 1);
}

static int receive_one(void *arg)
{
    char buf[10];
    ssize_t n = bide_udp_receive(arg, buf, sizeof buf, NULL);
    return n < 0 ? (int)n : 1;
}

NET_TEST(a_second_receiver_is_refused_and_closing_ends_the_first)
{
    bide_udp *u = bide_udp_open("127.0.0.1:0");
    bide_task *t;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, receive_one, u, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(receive_one(u), BIDE_EBUSY);
    bide_udp_close(u);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(bide_task_result(t), BIDE_ECLOSED);
}

NET_TEST(cancelled_before_or_meanwhile_nothing_is_taken)
{
    bide_auto(udp) a = bide_udp_open("127.0.0.1:0");
    bide_auto(udp) b = bide_udp_open(NULL, .peer = bide_udp_address(a));
    bide_task *t;
    {
        BIDE_GROUP(g);
        bide_spawn(g, receive_one, a, .handle = &t);
        CHECK_EQ(bide_yield(), 0);
        bide_cancel(t);
        CHECK_EQ(bide_join(t), 0);
        CHECK_EQ(bide_task_result(t), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_udp_send(b, "x", 1, NULL), 0);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(receive_one(a), BIDE_ECANCELED);
    }
    CHECK_EQ(receive_one(a), 1);
}

NET_TEST(no_group_is_no_address)
{
    bide_auto(udp) u = bide_udp_open("127.0.0.1:0");
    CHECK_EQ(bide_udp_join(u, NULL, NULL), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "multicast: '' is no IPv4 address");
}

NET_TEST(multicast_reaches_who_has_joined)
{
    bide_auto(udp) member = bide_udp_open("0.0.0.0:0");
    bide_auto(udp) sender = bide_udp_open("127.0.0.1:0");
    char where[BIDE_ADDRESS_TEXT], buf[10];
    struct bide_address to;
    snprintf(where, sizeof where, "239.255.77.77:%s", strrchr(bide_udp_address(member), ':') + 1);
    CHECK_EQ(bide_address_read(&to, where), 0);
    CHECK_EQ(bide_udp_join(member, "239.255.77.77", "lo"), 0);
    CHECK_EQ(bide_udp_multicast(sender, 1, true, "lo"), 0);
    CHECK_EQ(bide_udp_send(sender, "all", 3, &to), 0);
    CHECK_EQ(bide_udp_receive(member, buf, sizeof buf, NULL), 3);
    CHECK_EQ(bide_udp_leave(member, "239.255.77.77", "lo"), 0);
    CHECK_EQ(bide_udp_leave(member, "239.255.77.77", "lo"), -EADDRNOTAVAIL);
    CHECK_EQ(bide_udp_join(member, "ff02::1", "lo"), BIDE_EINVAL);
    CHECK_EQ(bide_udp_join(member, "nobody", NULL), BIDE_EINVAL);
    CHECK_EQ(bide_udp_join(member, "239.255.77.77", "no-such-card"), -ENODEV);
    CHECK_EQ(bide_udp_multicast(sender, 256, true, NULL), BIDE_EINVAL);
}

NET_TEST(what_cannot_be_opened_is_told)
{
    CHECK(!bide_udp_open(NULL));
    CHECK_STR(bide_errmsg(), "udp: neither an address nor a peer");
    CHECK(!bide_udp_open("example.org:53"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "udp: example.org:53: ");
    CHECK(!bide_udp_open("127.0.0.1"));
    CHECK(!bide_udp_open("127.0.0.1:0", .peer = "[::1]:53"));
    bide_auto(udp) first = bide_udp_open("127.0.0.1:0");
    CHECK(!bide_udp_open(bide_udp_address(first)));
    CHECK_EQ(bide_errcode(), -EADDRINUSE);
    bide_auto(udp) shared = bide_udp_open("127.0.0.1:0", .reuse_port = true);
    bide_auto(udp) sharing = bide_udp_open(bide_udp_address(shared), .reuse_port = true);
    CHECK(sharing);
    CHECK_EQ(bide_udp_send(first, "x", 1, NULL), -EDESTADDRREQ);
}

NET_TEST(a_null_socket_passes_the_error_on)
{
    bide_fail(-ENOENT, "held");
    CHECK_EQ(bide_udp_receive(NULL, NULL, 0, NULL), -ENOENT);
    CHECK_EQ(bide_udp_send(NULL, NULL, 0, NULL), -ENOENT);
    CHECK_EQ(bide_udp_send_many(NULL, NULL, 0, NULL), -ENOENT);
    CHECK_EQ(bide_udp_join(NULL, "239.1.1.1", NULL), -ENOENT);
    CHECK_EQ(bide_udp_fd(NULL), -1);
    CHECK_STR(bide_udp_address(NULL), "");
    bide_udp_close(NULL);
}

TEST(outside_of_a_task_nothing_opens)
{
    CHECK(!bide_udp_open("127.0.0.1:0"));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

static int fails_with(int code) { errno = code; return -1; }
static int no_socket(int f, int t, int p) { (void)f; (void)t; (void)p; return fails_with(EMFILE); }
static int no_watch(struct poller *p, int fd, uint32_t generation, bool pollable)
{
    (void)p; (void)fd; (void)generation; (void)pollable;
    return -ENOSPC;
}

TASK_TEST(out_of_descriptors_it_says_so_and_leaks_nothing)
{
    struct sys real = bide__sys;
    bide__sys.socket = no_socket;
    CHECK(!bide_udp_open("127.0.0.1:0"));
    CHECK_EQ(bide_errcode(), -EMFILE);
    CHECK_HAS(bide_errmsg(), "udp: 127.0.0.1:0: Too many open files");
    bide__sys = real;
    struct poller *p = &bide__loop()->poller;
    const struct poller_ops *whole = p->ops;
    struct poller_ops refusing = *whole;
    refusing.watch = no_watch;
    p->ops = &refusing;
    CHECK(!bide_udp_open("127.0.0.1:0"));
    CHECK_EQ(bide_errcode(), -ENOSPC);
    p->ops = whole;
}
