/* How a socket listens: for which addresses, with whom, when; and taking several connections at a
 * time. */
#include "net/both.h"

#include "base/sys.h"

#include <bide/loop.h>
#include <bide/task.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int option_of(bide_listener *l, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK_EQ(getsockopt(bide_listener_fd(l), level, name, &value, &size), 0);
    return value;
}

/* "host:port" with the port of a listener. */
static const char *beside(bide_listener *l, const char *host)
{
    static char text[64];
    snprintf(text, sizeof text, "%s%s", host, strrchr(bide_listener_address(l), ':'));
    return text;
}

NET_TEST(any_address_of_ipv6_is_any_of_ipv4_too)
{
    bide_auto(listener) l = bide_listen("[::]:0");
    CHECK(l);
    CHECK_HAS(bide_listener_address(l), "[::]:");
    bide_auto(stream) a = bide_connect(beside(l, "127.0.0.1"));
    bide_auto(stream) b = bide_accept(l);
    CHECK(a && b);
    CHECK(strncmp(bide_stream_peer(b), "127.0.0.1:", 10) == 0);
    bide_auto(stream) c = bide_connect(beside(l, "[::1]"));
    bide_auto(stream) d = bide_accept_nowait(l);
    CHECK(c && d);
    CHECK(strncmp(bide_stream_peer(d), "[::1]:", 6) == 0);
}

NET_TEST(it_is_for_ipv6_alone_where_that_is_wanted)
{
    bide_auto(listener) six = bide_listen("[::]:0", .v6_only = true);
    bide_auto(listener) four = bide_listen(beside(six, "0.0.0.0"));
    CHECK(six && four);
    bide_auto(stream) a = bide_connect(beside(six, "127.0.0.1"));
    CHECK(a && !bide_accept_nowait(six));
    bide_auto(stream) b = bide_accept(four);
    CHECK(b);
}

NET_TEST(an_address_that_is_not_there_yet_is_listened_at_where_that_is_wanted)
{
    bide_auto(listener) l = bide_listen("203.0.113.1:0", .free_bind = true);
    CHECK(l);
    CHECK_HAS(bide_listener_address(l), "203.0.113.1:");
    bide_auto(listener) six = bide_listen("[2001:db8::1]:0", .free_bind = true);
    CHECK(six);
    CHECK(!bide_listen("203.0.113.1:0"));
}

NET_TEST(a_silent_connection_is_not_accepted_where_that_is_wanted)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0", .defer_accept = 29.5);
    CHECK(l);
    CHECK(option_of(l, IPPROTO_TCP, TCP_DEFER_ACCEPT) >= 30);
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    CHECK(a && !bide_accept_nowait(l));
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    CHECK_EQ(bide_write(a, "x", 1), 0);
    bide_auto(stream) b = bide_accept(l);
    CHECK(b);
    bide_auto(listener) usual = bide_listen("127.0.0.1:0");
    CHECK_EQ(option_of(usual, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
    CHECK(!bide_listen("127.0.0.1:0", .defer_accept = -1));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "listen: 127.0.0.1:0: defer_accept of -1 s");
}

static struct sys real;
static int refused_option;
static int refuse_option(int fd, int level, int name, const void *value, socklen_t size)
{
    if (name != refused_option)
        return real.setsockopt(fd, level, name, value, size);
    errno = ENOPROTOOPT;
    return -1;
}

NET_TEST(an_option_that_the_system_has_not_is_a_failure)
{
    static const int names[] = { SO_REUSEPORT, IP_FREEBIND, TCP_DEFER_ACCEPT };
    real = bide__sys;
    bide__sys.setsockopt = refuse_option;
    for (size_t i = 0; i < 3; i++) {
        refused_option = names[i];
        CHECK(!bide_listen("127.0.0.1:0", .reuse_port = true, .free_bind = true,
                           .defer_accept = 1));
        CHECK_EQ(bide_errcode(), -ENOPROTOOPT);
    }
    bide__sys = real;
}

/* ---- several at a time ---- */

NET_TEST(connections_that_are_there_are_taken_without_waiting)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_stream *clients[5], *taken[5];
    CHECK(!bide_accept_nowait(l));
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    CHECK_STR(bide_errmsg(), "accept: would have to wait");
    for (int i = 0; i < 5; i++)
        CHECK((clients[i] = bide_connect(bide_listener_address(l))));
    for (int i = 0; i < 5; i++)
        CHECK((taken[i] = bide_accept_nowait(l)));
    CHECK(!bide_accept_nowait(l));
    CHECK(strncmp(bide_stream_peer(taken[0]), "127.0.0.1:", 10) == 0);
    for (int i = 0; i < 5; i++) {
        bide_stream_close(clients[i]);
        bide_stream_close(taken[i]);
    }
    bide_fail(-ENOENT, "held");
    CHECK(!bide_accept_nowait(NULL));
    CHECK_EQ(bide_errcode(), -ENOENT);
}

static int accept_one(void *arg)
{
    bide_auto(stream) s = bide_accept(arg);
    return s ? 0 : bide_errcode();
}

NET_TEST(who_waits_for_a_connection_is_not_overtaken)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    BIDE_GROUP(g);
    bide_spawn(g, accept_one, l);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide_accept_nowait(l));
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(!bide_accept_nowait(l));          /* what it was woken for is gone, and then it waits */
    bide_spawn(g, accept_one, l);
    CHECK_EQ(bide_sleep(1), 0);
    bide_auto(stream) t = bide_connect(bide_listener_address(l));
    CHECK_EQ(bide_group_wait(g), 0);
}

static int accepts;
static const int *errors;
static int failing_accept(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    if (!errors[accepts])
        return real.accept4(fd, address, size, flags);
    errno = errors[accepts++];
    return -1;
}

NET_TEST(without_waiting_scarcity_is_told_and_the_networks_errors_are_passed_over)
{
    static const int scarce[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };
    static const int passing[] = { ECONNABORTED, EPROTO, ECONNABORTED, EHOSTUNREACH, 0 };
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    real = bide__sys;
    bide__sys.accept4 = failing_accept;
    for (size_t i = 0; i < 4; i++) {
        const int once[] = { scarce[i], 0 };
        errors = once;
        accepts = 0;
        CHECK(!bide_accept_nowait(l));
        CHECK_EQ(bide_errcode(), -scarce[i]);
    }
    errors = passing;
    accepts = 0;
    bide_auto(stream) b = bide_accept_nowait(l);
    CHECK(a && b);
    CHECK_EQ(accepts, 4);
    bide__sys = real;
}

/* ---- floods ---- */

enum { FLOOD = 1000, HELD = 300 };
static int flood_left;

static int count_turns(void *arg)
{
    for (int *turns = arg; flood_left > 0; ++*turns)
        if (bide_yield() < 0)
            return bide_errcode();
    return 0;
}

static int endless_accept(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    (void)fd, (void)address, (void)size, (void)flags;
    errno = flood_left-- > 0 ? ECONNABORTED : EMFILE;
    return -1;
}

NET_TEST(a_flood_of_connections_leaves_turns_for_others)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_stream *clients[HELD];
    int turns = 0;
    for (int i = 0; i < HELD; i++)
        CHECK((clients[i] = bide_connect(bide_listener_address(l))));
    BIDE_GROUP(g);
    flood_left = 1;
    bide_spawn(g, count_turns, &turns);
    for (int i = 0; i < HELD; i++) {
        bide_auto(stream) s = bide_accept(l);
        CHECK(s);
    }
    CHECK(turns >= HELD / 128);
    flood_left = 0;
    CHECK_EQ(bide_group_wait(g), 0);
    for (int i = 0; i < HELD; i++)
        bide_stream_close(clients[i]);
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

NET_TEST(a_flood_of_aborted_connections_does_so_too)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    int turns = 0;
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    real = bide__sys;
    flood_left = FLOOD;
    bide__sys.accept4 = endless_accept;
    BIDE_GROUP(g);
    bide_spawn(g, count_turns, &turns);
    {
        BIDE_TIMEOUT(t, 5);
        CHECK(!bide_accept(l));
        CHECK_EQ(bide_scope_result(t, bide_errcode()), BIDE_ETIMEDOUT);
    }
    bide__sys = real;
    CHECK(turns >= FLOOD / 128);
    CHECK_EQ(bide_group_wait(g), 0);
}

/* ---- loops that share a port ---- */

enum { LOOPS = 2, CONNECTIONS = 64 };
static char shared_address[64];
static int counted[LOOPS], total, ready;

/* Until both listen nobody connects, or all would go to the first one. */
static int wait_for_all(void)
{
    __atomic_add_fetch(&ready, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&ready, __ATOMIC_RELAXED) < LOOPS)
        if (bide_sleep(0.001) < 0)
            return bide_errcode();
    return 0;
}

static int accept_share(bide_listener *l)
{
    while (__atomic_load_n(&total, __ATOMIC_RELAXED) < CONNECTIONS) {
        bide_auto(stream) s = bide_accept_nowait(l);
        if (s) {
            counted[bide_loops_index()]++;
            __atomic_add_fetch(&total, 1, __ATOMIC_RELAXED);
        } else if (bide_sleep(0.001) < 0) {
            return bide_errcode();
        }
    }
    return 0;
}

static int serve_share(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen(shared_address, .reuse_port = true);
    bide_stream *clients[CONNECTIONS] = { NULL };
    if (!l || wait_for_all() < 0)
        return bide_errcode();
    for (int i = 0; bide_loops_index() == 0 && i < CONNECTIONS; i++)
        CHECK((clients[i] = bide_connect(shared_address)));
    int rc = accept_share(l);
    for (int i = 0; i < CONNECTIONS; i++)
        bide_stream_close(clients[i]);
    return rc;
}

TEST(the_loops_of_two_threads_share_a_port_and_its_connections)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CHECK_EQ(bind(fd, (const struct sockaddr *)(const void *)&a, sizeof a), 0);
    CHECK_EQ(getsockname(fd, (struct sockaddr *)(void *)&a, &size), 0);
    snprintf(shared_address, sizeof shared_address, "127.0.0.1:%d", ntohs(a.sin_port));
    if (bide_loops(serve_share, NULL, .count = LOOPS) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    close(fd);
    CHECK(counted[0] > 0 && counted[1] > 0);
    CHECK_EQ(counted[0] + counted[1], CONNECTIONS);
}
